"""Set lists: what comes next, what starts it, and what is ready before it is needed."""

from __future__ import annotations

from dataclasses import replace

import pytest
import trio
from trio.testing import MockClock

from beatsync.config.configuration import FromFile, TrackChoice
from beatsync.core.leads import Lead
from beatsync.core.observation import TrackHint
from beatsync.core.units import TrackNs, ms
from beatsync.decks.commands import LoadTrack, Pause, SeekTo, SetRate, Step, StopDeck
from beatsync.decks.state import Playback
from beatsync.errors import CommandRefused, SourceError
from tests.core.shows import song
from tests.decks.booth import BEATS, SHOW, TARGETS, Booth
from tests.decks.scripted_feed import ScriptedPlayer

LOOKS = 'rules: [{on: section, send: {address: "/{label}", args: [1], end: {args: [0]}}}]'
TRACKS = {
    "a.json": song("Intro 1"),
    "b.json": song("Drop 1"),
    "c.json": song("Outro 1"),
}
FEED = "feed: {mpv: {socket: /run/mpv.sock}}"


def setlist(tracks: str = "[a.json, b.json, c.json]", clock: str = "start: now", rules: str = BEATS) -> str:
    return f"setlist: {tracks}\nclock: {{{clock}}}\n{TARGETS}\n{rules}\n"


def manual(clock: str = "start: now", rules: str = BEATS) -> str:
    return setlist("{tracks: [a.json, b.json, c.json], follow_on: manual}", clock, rules)


def bar(address: str = "/beat") -> list[str]:
    """The beats of a track of one bar."""
    return [f"{address} 1 {beat}" for beat in range(1, 5)]


# Automatic


async def test_each_track_starts_where_the_one_before_has_ended(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery, setlist(), TRACKS)
    start = booth.clock.now()
    booth.begin()
    await trio.sleep(20)
    assert booth.sent == bar() * 3
    assert [(report.at - start) / 10**9 for report in booth.reports] == [beat * 0.5 for beat in range(12)]
    assert booth.deck.state().playback is Playback.ENDED


async def test_a_look_of_the_track_before_is_over_before_the_next_one_begins(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery, setlist(rules=LOOKS), TRACKS)
    booth.begin()
    await trio.sleep(20)
    assert booth.sent == ["/Intro 1", "/Intro 0", "/Drop 1", "/Drop 0", "/Outro 1", "/Outro 0"]


async def test_the_next_track_is_ready_before_it_is_needed_and_what_is_past_is_let_go(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery, setlist(), TRACKS)
    await trio.sleep(0.1)
    assert booth.shelf.asked == ["a.json", "b.json"]
    booth.begin()
    await trio.sleep(2.1)
    assert booth.shelf.asked == ["a.json", "b.json", "c.json"]
    booth.shelf.asked.clear()
    await booth.desk.do(Step(-1))
    assert booth.shelf.asked == ["a.json"]


async def test_a_track_that_takes_its_time_is_joined_where_it_would_be_and_what_was_missed_is_named(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery, setlist(), TRACKS)
    booth.shelf.seconds = 3.2
    booth.begin()
    await trio.sleep(20)
    by_verdict = [f"{report.outcome.verdict} {booth.told(report)}" for report in booth.reports[4:8]]
    assert by_verdict == ["skipped /beat 1 1", "skipped /beat 1 2", "skipped /beat 1 3", "sent /beat 1 4"]
    assert booth.reports[4].outcome.reason.startswith("missed")


async def test_a_track_that_cannot_be_had_is_said_tried_again_and_waited_for(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery, setlist(), {name: TRACKS[name] for name in ("a.json", "c.json")})
    booth.begin()
    await trio.sleep(10)
    troubles = [news.text for news in booth.news if news.grave]
    assert troubles == [
        "the next track cannot be had yet: b.json: no such track",
        "the next track cannot be had: b.json: no such track; load another one",
    ]
    booth.shelf.tracks["b.json"] = TRACKS["b.json"]
    await booth.desk.do(Step(1))
    booth.deck.play()
    await trio.sleep(10)
    assert booth.sent == bar() * 3


async def test_at_another_rate_the_next_track_follows_at_that_rate(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery, setlist(), TRACKS)
    booth.begin()
    await booth.desk.do(SetRate(2))
    start = booth.clock.now()
    await trio.sleep(20)
    assert [(report.at - start) / 10**9 for report in booth.reports] == [beat * 0.25 for beat in range(12)]


async def test_somebody_who_seeks_back_while_the_next_track_is_being_had_is_heeded(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery, setlist(), TRACKS)
    booth.begin()
    booth.shelf.seconds = 3
    booth.deck.repertoire.renew(
        booth.deck.repertoire.choices, booth.deck.repertoire.supply, booth.deck.repertoire.follow_on
    )
    await trio.sleep(2.3)
    await booth.desk.do(SeekTo(TrackNs(10**9)))
    await trio.sleep(0.9)
    assert booth.deck.state().place == 0
    assert booth.sent == [*bar(), "/beat 1 3", "/beat 1 4"]


# By hand


async def test_a_manual_list_arms_the_next_track_and_waits(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    booth = Booth(nursery, manual(), TRACKS)
    booth.begin()
    await trio.sleep(10)
    state = booth.deck.state()
    assert (state.playback, state.place, state.following) == (Playback.ARMED, 1, "/shows/c.json")
    booth.deck.play()
    await trio.sleep(10)
    booth.deck.play()
    await trio.sleep(10)
    assert booth.sent == bar() * 3
    assert (booth.deck.state().place, booth.deck.state().following) == (2, None)


async def test_next_and_previous_play_on_where_something_plays_and_arm_where_nothing_does(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery, manual("start: armed", LOOKS), TRACKS)
    await booth.desk.do(Step(1))
    assert (booth.deck.state().playback, booth.sent) == (Playback.ARMED, [])
    booth.deck.play()
    await trio.sleep(0.6)
    await booth.desk.do(Step(1))
    assert booth.sent == ["/Drop 1", "/Drop 0", "/Outro 1"]
    assert booth.deck.state().position == 0
    with pytest.raises(CommandRefused, match="the last track of the set list"):
        await booth.desk.do(Step(1))
    await booth.desk.do(Pause())
    await booth.desk.do(Step(-2))
    assert (booth.deck.state().playback, booth.deck.state().place) == (Playback.ARMED, 0)
    with pytest.raises(CommandRefused, match="the first track"):
        await booth.desk.do(Step(-1))


async def test_a_track_loaded_by_hand_goes_on_into_the_list_where_that_had_come_to(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery, setlist(), {**TRACKS, "guest.json": song("Guest 1")})
    booth.begin()
    await trio.sleep(2.1)
    await booth.desk.do(LoadTrack(TrackChoice(origin=FromFile(SHOW.parent / "guest.json"))))
    assert (booth.deck.state().place, booth.deck.state().following) == (None, "/shows/c.json")
    booth.deck.play()
    await trio.sleep(10)
    assert booth.deck.state().place == 2


async def test_a_track_of_the_list_that_is_loaded_by_hand_has_its_place(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery, manual("start: armed"), TRACKS)
    await booth.desk.do(LoadTrack(booth.deck.repertoire.choices[2]))
    assert booth.deck.state().place == 2


async def test_a_track_of_the_list_that_is_only_named_is_had_as_the_list_says(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    tracks = "[a.json, {file: c.json, lead: 30ms}, b.json, {file: c.json, lead: 20ms}]"
    booth = Booth(nursery, setlist(tracks, "start: armed"), TRACKS)
    named = TrackChoice(origin=FromFile(SHOW.parent / "elsewhere" / ".." / "c.json"))
    await booth.desk.do(LoadTrack(named))
    assert (booth.deck.state().place, booth.deck.material and booth.deck.material.lead.real) == (1, ms(30))
    await booth.desk.do(Step(1))
    await booth.desk.do(LoadTrack(named))
    assert booth.deck.state().place == 3, "the one that is to come"
    await booth.desk.do(LoadTrack(replace(named, lead=Lead(ms(5)))))
    assert (booth.deck.state().place, booth.deck.material and booth.deck.material.lead.real) == (None, ms(5))


async def test_what_cannot_be_loaded_changes_nothing(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    booth = Booth(nursery, setlist(), TRACKS)
    booth.begin()
    await trio.sleep(0.7)
    with pytest.raises(SourceError):
        await booth.desk.do(LoadTrack(TrackChoice(origin=FromFile(SHOW.parent / "nowhere.json"))))
    await trio.sleep(10)
    assert booth.sent == bar() * 3


async def test_a_deck_that_was_stopped_does_not_follow_on(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    booth = Booth(nursery, setlist(), TRACKS)
    booth.begin()
    await trio.sleep(1.2)
    await booth.desk.do(StopDeck())
    await trio.sleep(10)
    assert (booth.sent, booth.deck.state().place) == (bar()[:3], 0)


async def test_without_a_set_list_there_is_no_next(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    booth = Booth(nursery, f"track: a.json\n{TARGETS}\n{BEATS}\n", TRACKS)
    with pytest.raises(CommandRefused, match="there is no set list"):
        await booth.desk.do(Step(1))


# By which track the player plays


@pytest.fixture
def followed(nursery: trio.Nursery, autojump_clock: MockClock) -> tuple[Booth, ScriptedPlayer]:
    named = (
        "[a.json, {file: b.json, played_as: {title: 'the b*'}}, {file: c.json, expect: {duration: 2s}},"
        " {file: d.json, expect: {duration: 60s}}]"
    )
    booth = Booth(nursery, setlist(named, FEED, LOOKS), {**TRACKS, "d.json": song("Long 30")})
    booth.begin()
    player = ScriptedPlayer(booth.feeds[0], playing=False)
    nursery.start_soon(player.run)
    return booth, player


@pytest.mark.parametrize(
    ("hint", "place"),
    [
        (TrackHint(file="/music/a.ogg", title="whatever"), 0),
        (TrackHint(file="a.json"), 0),
        (TrackHint(title="The B Side"), 1),
        (TrackHint(title="unheard of"), None),
    ],
)
async def test_the_track_that_the_player_names_is_loaded_or_nothing_fires(
    followed: tuple[Booth, ScriptedPlayer], autojump_clock: MockClock, hint: TrackHint, place: int | None
) -> None:
    booth, player = followed
    await trio.sleep(0.3)
    player.seek(0.1)
    player.resume()
    player.tell(track=hint)
    await trio.sleep(1)
    if place is None:
        assert [news.text for news in booth.news if news.grave and "nothing fires" in news.text]
        assert booth.deck.state().unknown == hint
        assert [text for text in booth.sent if text.endswith(" 1")] in ([], ["/Intro 1"])
        assert booth.sent[-1:] in ([], ["/Intro 0"])
    else:
        assert booth.deck.state().place == place
        assert booth.sent[-1] == ["/Intro 1", "/Drop 1"][place]


async def test_from_track_to_track_the_list_follows_the_player(
    followed: tuple[Booth, ScriptedPlayer], autojump_clock: MockClock
) -> None:
    booth, player = followed
    await trio.sleep(0.3)
    for hint in (TrackHint(file="a.ogg"), TrackHint(file="x.ogg", title="the b"), TrackHint(file="a.ogg", title="a")):
        player.playing = True
        player.seek(0.1)
        player.tell(track=hint, jump=True)
        await trio.sleep(1)
    looks = [text for text in booth.sent if text.endswith(" 1")]
    assert looks == ["/Intro 1", "/Drop 1", "/Intro 1"]
    assert len([text for text in booth.sent if text.endswith(" 0")]) == 2


async def test_at_the_end_of_a_track_a_list_that_follows_a_player_waits_for_it(
    followed: tuple[Booth, ScriptedPlayer], autojump_clock: MockClock
) -> None:
    booth, player = followed
    await trio.sleep(0.3)
    player.resume()
    player.tell(track=TrackHint(file="a.json"))
    await trio.sleep(10)
    assert booth.deck.state().place == 0


async def test_a_list_that_would_go_on_by_itself_does_not_where_a_player_leads(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery, setlist("{tracks: [a.json, b.json], follow_on: automatic}", FEED), TRACKS)
    booth.begin()
    player = ScriptedPlayer(booth.feeds[0])
    nursery.start_soon(player.run)
    await trio.sleep(10)
    assert booth.deck.state().place == 0


async def test_an_edit_of_the_list_makes_a_track_known_that_was_not(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery, setlist("[a.json, b.json]", FEED, LOOKS), TRACKS)
    booth.begin()
    player = ScriptedPlayer(booth.feeds[0])
    nursery.start_soon(player.run)
    await trio.sleep(0.3)
    player.tell(track=TrackHint(title="encore"))
    await trio.sleep(0.3)
    assert booth.deck.state().unknown is not None
    await booth.edit(setlist("[a.json, b.json, {file: c.json, played_as: {title: encore}}]", FEED, LOOKS))
    await trio.sleep(0.3)
    assert booth.deck.state().place == 2
    assert booth.sent[-1] == "/Outro 1"
