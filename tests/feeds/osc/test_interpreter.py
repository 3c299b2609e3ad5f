"""What messages say of playback, in every unit and every dialect."""

from __future__ import annotations

import math

import pytest

from beatsync.core.observation import TrackHint
from beatsync.core.position_units import placement
from beatsync.core.transport import NORMAL_RATE, rate_of
from beatsync.core.units import NO_TIME, ns_from_seconds
from beatsync.feeds.osc.unread import Unread
from tests.core.shows import song
from tests.feeds.osc.players import Deck, plain, settings

SONG = song("Intro 4", "Drop 60")
"""120 bpm; bar 1 at 0, the end at 128 s."""


@pytest.mark.parametrize(
    ("unit", "value", "seconds"),
    [
        ("s", 12.5, 12.5),
        ("s", 12, 12.0),
        ("s", "12.5", 12.5),
        ("s", 0.0, 0.0),
        ("ms", 12_500, 12.5),
        ("ms", 12_500.25, 12.50025),
        ("beats", 8.5, 4.25),
        ("beats", -1.0, -0.5),
        ("fraction", 0.25, 32.0),
        ("fraction", 1, 128.0),
    ],
)
def test_a_position_is_read_in_its_unit(unit: str, value: float | str, seconds: float) -> None:
    deck = Deck(plain(unit=unit), placement(SONG))
    assert deck.hears("/position", value).position == ns_from_seconds(seconds)


def test_a_timecode_is_read_at_its_frame_rate() -> None:
    deck = Deck(plain(unit="timecode", fps=25))
    assert deck.hears("/position", "01:02:03:12").position == 3_723_480_000_000


def test_the_position_may_be_any_argument() -> None:
    deck = Deck(plain(argument=2))
    assert deck.hears("/position", "deck", 1, 2.5).position == ns_from_seconds(2.5)
    assert deck.hears("/position", 2.5).unread == [Unread.NO_ARGUMENT]


def test_beats_may_count_from_elsewhere() -> None:
    """A track that was put at bar 5 of the arrangement."""
    deck = Deck(plain(unit="beats", first_beat=16), placement(SONG))
    assert deck.hears("/position", 18.0).position == ns_from_seconds(1.0)


@pytest.mark.parametrize(
    ("unit", "value", "why"),
    [
        ("s", math.nan, Unread.NOT_A_NUMBER),
        ("s", math.inf, Unread.NOT_A_NUMBER),
        ("s", -math.inf, Unread.NOT_A_NUMBER),
        ("s", -0.5, Unread.NEGATIVE),
        ("s", 86_401.0, Unread.TOO_LARGE),
        ("s", 3e38, Unread.TOO_LARGE),
        ("ms", -1, Unread.NEGATIVE),
        ("ms", 2**31 - 1, Unread.TOO_LARGE),
        ("s", True, Unread.NOT_A_NUMBER),
        ("s", None, Unread.NOT_A_NUMBER),
        ("s", b"\0\0", Unread.NOT_A_NUMBER),
        ("s", "soon", Unread.NOT_A_NUMBER),
        ("s", "nan", Unread.NOT_A_NUMBER),
        ("s", "1e9", Unread.NOT_A_NUMBER),
        ("fraction", 1.01, Unread.NO_FRACTION),
        ("fraction", -0.01, Unread.NO_FRACTION),
        ("beats", 1e30, Unread.NO_PLACE),
        ("beats", math.nan, Unread.NOT_A_NUMBER),
    ],
)
def test_what_is_no_position_is_not_taken_for_one(unit: str, value: object, why: Unread) -> None:
    """F7"""
    heard = Deck(plain(unit=unit), placement(SONG)).hears("/position", value)
    assert heard.position is None
    assert heard.unread == [why]


@pytest.mark.parametrize("value", [12.5, "12", "00:00:00:25", "x" * 1000])
def test_what_is_no_timecode_is_not_taken_for_one(value: float | str) -> None:
    """F7"""
    heard = Deck(plain(unit="timecode", fps=25)).hears("/position", value)
    assert (heard.position, heard.unread) == (None, [Unread.NO_TIMECODE])


def test_milliseconds_sent_where_seconds_are_configured_are_noticed() -> None:
    """F7"""
    deck = Deck(plain())
    unread = [deck.hears("/position", 100.0 * step).unread for step in range(6)]
    assert unread == [[], [], [], [Unread.TOO_FAST], [Unread.TOO_FAST], [Unread.TOO_FAST]]


def test_before_a_track_is_loaded_beats_have_no_place_and_afterwards_they_do() -> None:
    loaded: list[object] = []
    place = placement(SONG)
    deck = Deck(plain(unit="beats"), lambda value, unit: place(value, unit) if loaded else None)
    assert deck.hears("/position", 4.0).unread == [Unread.NO_PLACE]
    loaded.append(SONG)
    assert deck.hears("/position", 4.0).position == ns_from_seconds(2.0)


def test_flags_rates_and_names_are_told_as_they_come() -> None:
    deck = Deck(plain(play="/play", rate="/rate", track="/track", jump="/cue"))
    assert deck.hears("/play", 1).playing is True
    assert deck.hears("/play", "stopped").playing is False
    assert deck.hears("/play", "perhaps").unread == [Unread.BAD_FLAG]
    assert deck.hears("/rate", 1.04).rate == pytest.approx(rate_of(1.04), rel=1e-6)
    assert deck.hears("/rate", 17.0).unread == [Unread.BAD_RATE]
    assert deck.hears("/rate", math.nan).unread == [Unread.BAD_RATE]
    assert deck.hears("/track", "Song\n\x1b[2J").track == TrackHint(title="Song\ufffd\ufffd[2J")
    assert deck.hears("/track", 3.5).unread == [Unread.BAD_TEXT]
    assert deck.hears("/position", 1.0).jump is False
    assert deck.hears("/cue").observation(deck.now, NO_TIME) is None
    assert deck.hears("/position", 60.0).jump is True
    assert deck.hears("/position", 60.1).jump is False


def test_a_player_that_says_only_that_it_is_paused_plays_when_it_is_not() -> None:
    deck = Deck(plain(pause="/paused"))
    assert deck.hears("/paused", 1).playing is False
    assert deck.hears("/paused", 0).playing is True


def test_other_decks_and_other_messages_do_not_matter() -> None:
    deck = Deck(plain(address="/deck/{deck}/time", deck=2))
    assert deck.knows("/deck/2/time")
    assert not deck.knows("/deck/1/time")
    assert not deck.knows("/deck/2/title")


@pytest.mark.parametrize("address", ["/{}/time", "/time/{}"])
def test_rkbx_link_sends_seconds_under_old_and_new_addresses(address: str) -> None:
    deck = Deck(settings(preset="rkbx_link", deck=2))
    assert deck.hears(address.format(2), 12.5).position == ns_from_seconds(12.5)
    assert not deck.knows(address.format("master"))


def test_rkbx_link_s_tempos_make_a_rate_and_its_names_a_track() -> None:
    deck = Deck(settings(preset="rkbx_link"))
    assert deck.hears("/master/bpm/current", 129.28).rate is None
    assert deck.hears("/master/bpm/original", 128.0).rate == pytest.approx(rate_of(1.01), rel=1e-6)
    assert deck.hears("/master/bpm/current", 128.0).rate == NORMAL_RATE
    assert deck.hears("/master/track/title", "One").track == TrackHint(title="One")
    assert deck.hears("/master/track/artist", "A").track == TrackHint(title="One", artist="A")
    assert deck.hears("/master/track/title", "One").track is None
    assert deck.hears("/master/track/title", "Two").track == TrackHint(title="Two")


@pytest.mark.parametrize(
    ("messages", "playing"),
    [
        ([("/stop", 0), ("/pause", 0.0), ("/play", 1.0)], True),
        ([("/pause", 1.0), ("/play", 0.0)], False),
        ([("/pause", 1.0), ("/play", 1.0)], False),
        ([("/pause", 0.0), ("/play", 0.0)], False),
    ],
)
def test_reaper_is_playing_if_it_plays_and_is_not_paused(messages: list[tuple[str, float]], *, playing: bool) -> None:
    """Older releases say that they play while they are paused."""
    deck = Deck(settings(preset="reaper"))
    said = [deck.hears(address, value).playing for address, value in messages if deck.knows(address)]
    assert said[-1] is playing
    assert deck.hears("/time", 3.25).position == ns_from_seconds(3.25)
    assert deck.hears("/playrate/raw", 0.5).rate == rate_of(0.5)


def reply(status: str, data: str) -> str:
    return f'{{"workspace_id":"X","address":"/cue/12/valuesForKeys","status":"{status}","data":{data}}}'


@pytest.mark.parametrize("prefix", ["/reply", "/reply/workspace/310C5F76-7049"])
def test_qlab_answers_with_json(prefix: str) -> None:
    deck = Deck(settings(preset="qlab", cue=12))
    data = '{"actionElapsed":12.5,"isRunning":true,"isPaused":false}'
    heard = deck.hears(f"{prefix}/cue/12/valuesForKeys", reply("ok", data))
    assert (heard.position, heard.playing, heard.unread) == (ns_from_seconds(12.5), True, [])
    paused = deck.hears(f"{prefix}/cue/12/valuesForKeys", reply("ok", data.replace("false", "true")))
    assert paused.playing is False
    assert not deck.knows(f"{prefix}/cue/13/valuesForKeys")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (reply("denied", "null"), Unread.DENIED),
        (reply("error", "null"), Unread.REFUSED),
        (reply("ok", '{"actionElapsed":"x","isRunning":1,"isPaused":0}'), Unread.NOT_A_NUMBER),
        (reply("ok", '{"actionElapsed":NaN,"isRunning":1,"isPaused":0}'), Unread.NOT_JSON),
        (reply("ok", '{"isRunning":1,"isPaused":0}'), Unread.NO_ARGUMENT),
        ("", Unread.NOT_JSON),
        ("[" * 2000, Unread.NOT_JSON),
        ("[1]", Unread.NOT_JSON),
        ('{"status":"ok","status":"ok"}', Unread.NOT_JSON),
    ],
)
def test_a_qlab_that_answers_otherwise_is_counted(text: str, why: Unread) -> None:
    """F7, K1"""
    heard = Deck(settings(preset="qlab", cue=12)).hears("/reply/cue/12/valuesForKeys", text)
    assert heard.position is None
    assert heard.unread == [why]


def test_ableton_counts_in_beats_and_its_tempo_says_how_fast_it_goes_through_the_track_s() -> None:
    deck = Deck(settings(preset="abletonosc"), placement(SONG))
    assert deck.hears("/live/song/get/is_playing", True).playing is True
    assert deck.hears("/live/song/get/tempo", 126.0).rate is None
    heard = deck.hears("/live/song/get/current_song_time", 64.0)
    assert heard.position == ns_from_seconds(32.0)
    assert heard.rate == pytest.approx(rate_of(1.05), rel=1e-6)
    assert deck.hears("/live/song/get/current_song_time", 64.2).rate is None
    deck.hears("/live/song/get/tempo", 126.0)
    assert deck.hears("/live/song/get/current_song_time", 64.4).rate is None
    assert deck.hears("/live/song/get/is_playing", None).unread == [Unread.BAD_FLAG]


@pytest.mark.parametrize("prefix", ["/vdj/deck/1", "/deck/1"])
def test_virtualdj_s_fractions_are_of_the_length_that_it_says(prefix: str) -> None:
    deck = Deck(settings(preset="virtualdj", peer=8000), placement(SONG))
    assert deck.hears(f"{prefix}/song_pos", 0.5).position == ns_from_seconds(64.0)
    deck.hears(f"{prefix}/get_songlength", 200.0)
    assert deck.hears(f"{prefix}/song_pos", 0.5).position == ns_from_seconds(100.0)
    assert deck.hears(f"{prefix}/get_songlength", math.inf).unread == [Unread.BAD_LENGTH]
    assert deck.hears(f"{prefix}/song_pos", 12.5).unread == [Unread.NO_FRACTION]
    assert deck.hears(f"{prefix}/play", 0).playing is False


def test_open_beat_control_s_beats_are_counted_from_the_cue_point() -> None:
    deck = Deck(settings(preset="open_beat_control", deck=2), placement(SONG))
    assert deck.hears("/beat", 2, 1, 120.0, 120.0, 1.0).unread == [Unread.NOT_COUNTED]
    deck.hears("/cued/2", 1)
    assert deck.hears("/playing/2", 1).playing is True
    heard = [deck.hears("/beat", 2, 1 + beat % 4, 126.0, 120.0, 1.05, after=500) for beat in range(6)]
    assert [one.position for one in heard] == [ns_from_seconds(beat / 2) for beat in range(6)]
    assert heard[0].rate == pytest.approx(rate_of(1.05), rel=1e-6)
    assert deck.hears("/beat", 1, 4, 120.0, 120.0, 1.0).observation(deck.now, NO_TIME) is None
    assert deck.hears("/beat", 2, 7, 120.0, 120.0, 1.0).unread == [Unread.NO_BEAT]


def test_open_beat_control_names_the_track_and_a_new_one_starts_the_count() -> None:
    deck = Deck(settings(preset="open_beat_control"), placement(SONG))
    assert deck.hears("/loaded/1", 3, "usb", "rekordbox", 820).track == TrackHint(id="820")
    assert deck.hears("/beat", 1, 1, 120.0, 120.0, 1.0).unread == [Unread.NOT_COUNTED]
    assert deck.hears("/loaded/1", 0, "none", "none", 0).track is None
    assert deck.hears("/loaded/1", 3, "usb", "rekordbox", 821).track == TrackHint(id="821")
    assert deck.hears("/beat", 1, 1, 120.0, 120.0, 1.0).position == 0


def test_a_game_sends_positions_and_seeks() -> None:
    deck = Deck(settings(preset="position"))
    assert deck.hears("/position", 1.0).jump is False
    heard = deck.hears("/seek", 60.0)
    assert (heard.position, heard.jump) == (ns_from_seconds(60.0), True)
    assert deck.hears("/track", "Level 2").track == TrackHint(title="Level 2")
