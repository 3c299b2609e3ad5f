"""What a player states is told as it is, and not believed where its position says otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.observation import Observation, TrackHint
from beatsync.core.transport import NORMAL_RATE, Rate, rate_of
from beatsync.core.units import NO_TIME, DurationNs, HostNs, TrackNs, ms
from beatsync.feeds.polled_player import MOVES, OUTSIDE, STANDS, TOO_SLOW, PolledPlayer, Reading, Snapshot, Status
from beatsync.feeds.round_trips import Stamp

EVERY = 140
SONG = TrackHint(id="1", file="/music/song.flac", duration=ms(180_000))
OTHER = TrackHint(id="2", file="/music/other.flac", duration=ms(240_000))


def at(milliseconds: float) -> TrackNs:
    return TrackNs(ms(milliseconds))


class Player:
    """A polled player, and what was said of it so far; all times in milliseconds."""

    def __init__(self) -> None:
        self.polled = PolledPlayer()
        self.now = 0
        self.told: list[Observation] = []
        self.ignored: list[str] = []

    def says(self, position: float | None, status: Status | None = Status.PLAYING, **fields: object) -> Reading:
        """One answer, 140 ms after the last."""
        self.now += EVERY
        place = None if position is None else TrackNs(ms(position))
        said = Snapshot(position=place, status=status, **fields)  # type: ignore[arg-type]
        at = HostNs(ms(self.now))
        reading = self.polled.take(said, Stamp(at, NO_TIME), at=at)
        self.ignored += reading.ignored
        if reading.observation:
            self.told.append(reading.observation)
        return reading

    def plays_on(self, start: float, answers: int, status: Status = Status.PLAYING, **fields: object) -> float:
        """So many answers of undisturbed playback; returns where the next one would be."""
        for n in range(answers):
            self.says(start + n * EVERY, status, **fields)
        return start + answers * EVERY

    @property
    def last(self) -> Observation:
        return self.told[-1]


def test_nothing_is_told_of_a_playing_player_before_its_position_has_moved() -> None:
    player = Player()
    assert player.says(0).observation is None
    player.says(EVERY)
    assert player.last.playing
    assert player.last.position == at(EVERY)


def test_a_paused_player_tells_where_it_stands_at_once() -> None:
    player = Player()
    player.says(5_000, Status.PAUSED)
    assert (player.last.position, player.last.playing) == (at(5_000), False)


def test_a_position_that_is_not_renewed_in_a_pause_says_nothing_of_it_nor_of_where_playback_goes_on() -> None:
    """VLC states one that is up to 0.3 s old by then, keeps it, and has a new one a while after it goes on."""
    player = Player()
    player.plays_on(0, 10)
    for _ in range(3):
        player.says(9 * EVERY, Status.PAUSED)
        assert (player.last.playing, player.last.position) == (False, None)
    count = len(player.told)
    player.says(9 * EVERY)
    assert len(player.told) == count
    player.says(10 * EVERY + 90)
    assert (player.last.playing, player.last.position, player.last.jump) == (True, at(10 * EVERY + 90), False)


def test_a_position_that_is_renewed_with_the_pause_is_where_it_stands_and_so_is_a_seek_in_it() -> None:
    player = Player()
    here = player.plays_on(0, 10)
    player.says(here - 60, Status.PAUSED)
    assert (player.last.playing, player.last.position) == (False, at(here - 60))
    player.says(here - 60, Status.PAUSED)
    assert (player.last.playing, player.last.position) == (False, None)
    player.says(90_000, Status.PAUSED)
    assert player.last.position == at(90_000)


def test_a_position_that_is_renewed_after_the_pause_began_is_no_seek() -> None:
    """VLC's, some fifty milliseconds later, and still too low."""
    player = Player()
    player.plays_on(0, 10)
    player.says(9 * EVERY, Status.PAUSED)
    count = len(player.told)
    player.says(9 * EVERY + 100, Status.PAUSED)
    assert [told.position for told in player.told[count:]] == [None]
    player.says(9 * EVERY + 150)
    assert (player.last.playing, player.last.position) == (True, at(9 * EVERY + 150))


def test_two_answers_that_are_far_off_are_a_jump_that_nobody_announced() -> None:
    """F5: VLC's web interface, players that send no Seeked."""
    player = Player()
    player.plays_on(0, 10)
    player.says(60_000)
    assert not player.last.jump
    player.says(60_000)
    assert (player.last.jump, player.last.position) == (True, at(60_000))
    player.plays_on(60_000 + EVERY, 5)
    assert sum(told.jump for told in player.told) == 1


def test_one_answer_that_is_far_off_is_no_jump_and_neither_are_steps_of_whole_seconds() -> None:
    player = Player()
    player.plays_on(0, 10)
    player.says(60_000)
    player.plays_on(11 * EVERY, 10)
    for n in range(21, 60):
        player.says(n * EVERY // 1_000 * 1_000)
    assert not any(told.jump for told in player.told)


def test_a_player_that_says_0_for_ever_is_mute_and_tells_no_position() -> None:
    """F13: spotatui, spotify-player, go-librespot."""
    player = Player()
    for _ in range(30):
        player.says(0, track=SONG)
    assert all(told.position is None and told.playing is None for told in player.told)
    assert player.polled.is_mute(HostNs(ms(player.now)))


def test_a_player_that_has_moved_once_is_never_mute() -> None:
    player = Player()
    player.plays_on(0, 2)
    for _ in range(100):
        player.says(EVERY)
    assert not player.polled.is_mute(HostNs(ms(player.now)))


def test_a_position_that_stands_while_playing_is_told_as_the_pause_that_it_is_and_ends_as_one() -> None:
    """F13"""
    player = Player()
    here = player.plays_on(0, 20)
    for _ in range(10):
        player.says(here)
    assert (player.last.playing, player.last.position) == (False, at(here))
    assert STANDS in player.ignored
    player.says(here + EVERY)
    assert player.last.playing


def test_a_position_that_moves_while_stopped_is_told_as_playing_after_three_steps() -> None:
    """mpv-mpris 0.7.1 says Stopped for ever after stop and loadfile."""
    player = Player()
    player.says(0, Status.STOPPED)
    player.plays_on(0, 3, Status.STOPPED)
    assert player.last.playing is False
    player.says(3 * EVERY, Status.STOPPED)
    assert (player.last.playing, player.last.position) == (True, at(3 * EVERY))
    assert MOVES in player.ignored


def test_a_stopped_player_tells_no_position() -> None:
    player = Player()
    here = player.plays_on(0, 5)
    player.says(here, Status.STOPPED)
    assert (player.last.playing, player.last.position) == (False, None)


def test_what_is_played_after_a_stop_continues_nothing() -> None:
    player = Player()
    here = player.plays_on(0, 5)
    player.says(here, Status.STOPPED)
    player.says(0)
    assert player.last.jump
    player.says(EVERY)
    assert not player.last.jump


def test_the_first_position_continues_what_was_known_before_unless_another_player_was_followed() -> None:
    player = Player()
    player.plays_on(0, 3)
    assert not any(told.jump for told in player.told)
    player = Player()
    player.polled = PolledPlayer(jumped=True)
    player.plays_on(0, 3)
    assert [told.jump for told in player.told] == [True, False]


def test_an_announced_seek_is_a_jump_with_the_position_that_was_asked_for_and_not_the_announced_one() -> None:
    player = Player()
    player.plays_on(0, 10)
    player.polled.seek_announced(HostNs(ms(player.now)))
    player.says(60_000)
    assert (player.last.jump, player.last.position) == (True, at(60_000))
    player.says(60_000 + EVERY)
    assert not player.last.jump


def test_a_seek_that_is_announced_before_it_is_made_is_a_jump_when_it_is_made() -> None:
    """cmus, issue 1407: the old position in the signal, and for a while when asked."""
    player = Player()
    here = player.plays_on(0, 10)
    player.polled.seek_announced(HostNs(ms(player.now)))
    here = player.plays_on(here, 3)
    assert not player.last.jump
    player.says(60_000)
    assert player.last.jump


def test_an_announced_seek_that_is_not_made_is_no_jump() -> None:
    """VLC announces some when it goes on after a pause, with its position in steps of 300 ms."""
    player = Player()
    player.plays_on(0, 10)
    player.polled.seek_announced(HostNs(ms(player.now)))
    for n in range(10, 20):
        player.says(n * EVERY // 300 * 300)
    assert not any(told.jump for told in player.told)


def test_a_jump_long_after_the_last_announced_seek_is_not_flagged() -> None:
    player = Player()
    here = player.plays_on(0, 10)
    player.polled.seek_announced(HostNs(ms(player.now)))
    player.plays_on(here, 10)
    player.says(60_000)
    assert not player.last.jump


def test_another_track_is_a_jump_and_is_told_once() -> None:
    player = Player()
    player.plays_on(0, 5, track=SONG)
    player.plays_on(0, 3, track=OTHER)
    assert [told.track for told in player.told if told.track] == [SONG, OTHER]
    assert [told.track for told in player.told if told.jump] == [OTHER]


def test_a_track_whose_length_comes_later_is_the_same_track() -> None:
    """From mpv the length comes 100 ms after the rest."""
    player = Player()
    here = player.plays_on(0, 3, track=TrackHint(id="1", file=SONG.file))
    player.plays_on(here, 3, track=SONG)
    assert player.last.track is None
    assert not any(told.jump for told in player.told)


def test_a_repeated_track_is_a_jump_where_the_player_says_that_it_repeats() -> None:
    player = Player()
    player.plays_on(178_000, 14, track=SONG, loops=True)
    player.says(20)
    assert player.last.jump


def test_a_fall_to_the_start_that_nobody_announced_is_not_flagged() -> None:
    player = Player()
    player.plays_on(178_000, 14, track=SONG, loops=False)
    player.says(20)
    assert not player.last.jump


def test_positions_outside_the_track_are_counted_and_not_told() -> None:
    """F7; Clementine, issue 5097."""
    player = Player()
    player.plays_on(0, 5, track=SONG)
    for nonsense in (-20_000, 200_000, 10**9):
        player.says(nonsense)
        assert player.last.position is None
    assert player.ignored == [OUTSIDE] * 3


def test_a_position_just_before_the_start_is_told_as_it_is() -> None:
    """So mpv counts up to a loop's start from -398 ms."""
    player = Player()
    player.plays_on(-398, 3)
    assert player.told[0].position == at(-398 + EVERY)


def test_an_answer_that_cannot_be_dated_tells_its_state_without_its_position() -> None:
    player = Player()
    player.plays_on(0, 5)
    at = HostNs(ms(10_000))
    reading = player.polled.take(Snapshot(status=Status.PAUSED, position=TrackNs(0)), None, at=at)
    assert reading.ignored == (TOO_SLOW,)
    assert reading.observation == Observation(host=at, playing=False)


def test_the_rate_is_told_with_every_answer_once_it_is_known() -> None:
    player = Player()
    player.plays_on(0, 3)
    player.says(3 * EVERY, rate=rate_of(1.25))
    player.says(4.25 * EVERY)
    assert [told.rate for told in player.told] == [None, None, rate_of(1.25), rate_of(1.25)]
    assert not player.last.jump


@pytest.mark.parametrize(("speed", "leap"), [(1.5, -150.0), (0.5, 150.0)])
def test_a_position_that_leaps_with_the_speed_is_not_told_before_it_has_met_what_is_heard(
    speed: float, leap: float
) -> None:
    """F15: mpv, whose buffer of 0.3 s is played at the old speed."""
    player = Player()
    here = player.plays_on(0, 10, rate=NORMAL_RATE)
    count = len(player.told)
    player.says(here + leap, rate=rate_of(speed))
    player.says(here + leap + speed * EVERY)
    assert len(player.told) == count
    player.says(here + leap + speed * 2 * EVERY)
    player.says(here + leap + speed * 3 * EVERY)
    assert (player.last.rate, player.last.jump) == (rate_of(speed), False)


def test_word_of_another_speed_may_come_after_its_leap() -> None:
    """Over MPRIS up to 0.1 s."""
    player = Player()
    here = player.plays_on(0, 10, rate=NORMAL_RATE)
    player.says(here - 150, rate=NORMAL_RATE)
    count = len(player.told)
    player.says(here - 150 + 1.5 * EVERY, rate=rate_of(1.5))
    assert len(player.told) == count
    player.says(here - 150 + 3 * EVERY, rate=rate_of(1.5))
    assert player.last.rate == rate_of(1.5)


def test_a_jump_ends_the_waiting_for_another_speed() -> None:
    player = Player()
    here = player.plays_on(0, 10, rate=NORMAL_RATE)
    player.says(here - 150, rate=rate_of(1.5))
    player.polled.seek_announced(HostNs(ms(player.now)))
    player.says(60_000)
    assert (player.last.jump, player.last.rate) == (True, rate_of(1.5))


def test_what_a_position_may_be_wrong_by_is_told_as_time_of_the_host() -> None:
    player = Player()
    player.plays_on(0, 3, rate=rate_of(2))
    player.says(6 * EVERY, doubt=ms(100))
    assert player.last.slack == ms(50)


NANOSECONDS = st.integers(-(10**15), 10**15)
SNAPSHOTS = st.builds(
    Snapshot,
    status=st.none() | st.sampled_from(Status),
    position=st.none() | NANOSECONDS.map(TrackNs),
    rate=st.none() | st.integers(NORMAL_RATE // 100, NORMAL_RATE * 100).map(Rate),
    track=st.none() | st.sampled_from([SONG, OTHER, TrackHint()]),
    loops=st.none() | st.booleans(),
    doubt=st.integers(0, 10**9).map(DurationNs),
)


@given(st.lists(st.tuples(SNAPSHOTS, st.integers(0, 5_000), st.booleans(), st.booleans()), max_size=40))
def test_whatever_a_player_says_what_is_told_holds_together(said: list[tuple[Snapshot, int, bool, bool]]) -> None:
    polled, at = PolledPlayer(), 0
    for snapshot, wait, dated, seeks in said:
        if seeks:
            polled.seek_announced(HostNs(at))
        at += ms(wait)
        stamp = Stamp(HostNs(at - ms(1)), ms(1)) if dated else None
        told = polled.take(snapshot, stamp, at=HostNs(at)).observation
        if told is None:
            continue
        assert told.host == (at - ms(1) if dated else at)
        assert told.slack >= 0
        assert told.position is None or (dated and told.playing is not None)
        assert not told.jump or told.position is not None
        assert told.position is None or told.position == snapshot.position


def test_ids_of_reasons_are_few() -> None:
    """Nothing that a player says becomes part of a reason: they are counted by text."""

    def garbage() -> Iterator[str]:
        player = Player()
        for n in range(200):
            yield from player.says((-1) ** n * 10.0**n).ignored

    assert set(garbage()) <= {OUTSIDE, STANDS, MOVES, TOO_SLOW}
