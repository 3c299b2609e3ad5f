"""A session that was kept, played again: the same decisions bit for bit, the same cues; other rules, other cues."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from beatsync.config.read import read_config
from beatsync.core.observation import TrackHint
from beatsync.core.verdicts import Cause
from beatsync.decks.record import Decided
from beatsync.decks.show import Show
from beatsync.errors import TraceError
from beatsync.traces.comparing import Kind, compare, fired_in
from beatsync.traces.lines import EndLine, Line, line_of
from beatsync.traces.reading import Trace, parse_trace
from beatsync.traces.replaying import Replay, replay
from beatsync.traces.writing import as_text, first_lines
from tests.core.shows import song
from tests.decks.booth import TARGETS, Booth, Shelf
from tests.decks.scripted_feed import TOP, ScriptedPlayer

SONG = song("Intro 4", "Drop 8 4", "Break 4 1", "Drop 8 4")
FOLLOWING = "clock: {feed: {osc: {port: 9000, address: /position, unit: s}}}"
RULES = """
rules:
  - {on: beat, send: {address: /beat, args: [bar, beat]}}
  - {on: section start, send: {address: '/section/{label}', args: [occurrence]}}
"""
SHOW = f"track: song.json\n{FOLLOWING}\n{TARGETS}\n{RULES}"

Deed = tuple[str, float]
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.floats(0.1, 5)),
        st.tuples(st.just("seek"), st.floats(0, 45)),
        st.tuples(st.just("creep"), st.floats(0, 45)),
        st.tuples(st.just("pause"), st.just(0.0)),
        st.tuples(st.just("resume"), st.just(0.0)),
        st.tuples(st.just("silence"), st.floats(0.1, 13)),
        st.tuples(st.just("break down"), st.floats(0.1, 3)),
    ),
    max_size=12,
)


async def act(player: ScriptedPlayer, deeds: Sequence[Deed]) -> None:
    for deed, value in deeds:
        match deed:
            case "seek" | "creep":
                player.seek(value, said=deed == "seek")
            case "pause" if player.playing:
                player.pause()
            case "resume" if not player.playing:
                player.resume()
            case "silence":
                player.silent = True
                await trio.sleep(value)
                player.silent = False
            case "break down":
                player.feed.break_down("the cable is out")
                await trio.sleep(value)
                player.feed.mend()
            case _:
                pass
        await trio.sleep(value if deed == "wait" else 0.2)


async def kept(written: str, deeds: Sequence[Deed], late: Sequence[int] = (0,)) -> bytes:
    """A session in virtual time, as a trace."""
    async with trio.open_nursery() as nursery:
        booth = Booth(nursery, written, {"song.json": SONG, "other.json": song("Verse 4")})
        await trio.sleep(0.01)
        lines: list[Line] = first_lines(booth.ensemble, booth.clock)
        booth.record.clear()
        booth.begin()
        player = ScriptedPlayer(booth.feeds[0], late=list(late))
        nursery.start_soon(player.run)
        await act(player, deeds)
        lines += [line_of(entry) for entry in booth.record]
        lines += [line_of(report) for report in booth.reports]
        lines.append(EndLine(booth.clock.now()))
        nursery.cancel_scope.cancel()
    return "".join(map(as_text, lines)).encode()


async def played_again(trace: Trace, written: str) -> Replay:
    shelf = Shelf({"song.json": SONG, "other.json": song("Verse 4")})
    configuration = read_config(written.encode(), path=Path("/shows/show.yaml"))
    (deck,) = configuration.decks.values()
    assert deck.track is not None
    show = Show(configuration, {deck.name: (shelf.material_at_once(configuration, deck, deck.track), 0)})
    return await replay(trace, show, shelf)


@given(deeds=DEEDS, late=st.lists(st.integers(0, 20_000_000), min_size=1, max_size=50))
@settings(max_examples=40, deadline=None)
def test_whatever_happens_it_is_played_again_bit_for_bit(deeds: list[Deed], late: list[int]) -> None:
    written = trio.run(partial(kept, SHOW, deeds, late), clock=MockClock(autojump_threshold=0))
    trace = parse_trace(written, source="trace")
    again = trio.run(played_again, trace, SHOW)
    then = [entry for entry in trace.entries if isinstance(entry, Decided)]
    assert [decided.verdict for decided in again.decisions] == [decided.verdict for decided in then]
    assert compare(fired_in(trace.cues), fired_in(map(line_of, again.reports))) == []
    assert not again.remarks


PLAYED = [("wait", 9.0), ("seek", 26.0), ("wait", 3.0)]


async def test_other_rules_send_other_cues_at_the_same_places(autojump_clock: MockClock) -> None:
    trace = parse_trace(await kept(SHOW, PLAYED), source="trace")
    other = SHOW.replace("/beat", "/tick").replace("section start", "section end")
    again = await played_again(trace, other)
    differences = compare(fired_in(trace.cues), fired_in(map(line_of, again.reports)))
    gone = [one.fired.record["address"] for one in differences if one.kind is Kind.MISSING]
    come = [one.fired.record["address"] for one in differences if one.kind is Kind.ADDED]
    assert gone.count("/beat") == come.count("/tick") > 15
    assert not any(one.kind is Kind.MOVED for one in differences)


async def test_an_offset_moves_every_cue_by_as_much(autojump_clock: MockClock) -> None:
    trace = parse_trace(await kept(SHOW, [("wait", 9.0)]), source="trace")
    again = await played_again(trace, SHOW.replace("port: 9000", "port: 9000, offset: -40ms"))
    now = fired_in(line_of(report) for report in again.reports if report.outcome.cause is Cause.PLAYED)
    moved = [one for one in compare(fired_in(trace.cues), now) if one.kind is Kind.MOVED]
    assert len(moved) > 10
    assert all(abs(one.by - 40_000_000) < 1_000_000 for one in moved)


async def test_a_track_that_the_player_goes_on_to_is_loaded_again_when_it_was(autojump_clock: MockClock) -> None:
    written = f"setlist: {{tracks: [song.json, other.json], follow_on: player}}\n{FOLLOWING}\n{TARGETS}\n{RULES}"
    async with trio.open_nursery() as nursery:
        booth = Booth(nursery, written, {"song.json": SONG, "other.json": song("Verse 4")})
        await trio.sleep(0.01)
        lines: list[Line] = first_lines(booth.ensemble, booth.clock)
        booth.record.clear()
        booth.begin()
        player = ScriptedPlayer(booth.feeds[0])
        player.tell(track=TrackHint(file="/music/song.json"))
        nursery.start_soon(player.run)
        await trio.sleep(3)
        player.position = TOP
        player.tell(track=TrackHint(file="/music/other.json"), jump=True)
        await trio.sleep(3)
        assert booth.deck.material is not None
        assert booth.deck.material.name.endswith("other.json")
        lines += [line_of(entry) for entry in (*booth.record, *booth.reports)]
        lines.append(EndLine(booth.clock.now()))
        nursery.cancel_scope.cancel()
    trace = parse_trace("".join(map(as_text, lines)).encode(), source="trace")
    configuration = read_config(written.encode(), path=Path("/shows/show.yaml"))
    shelf = Shelf({"song.json": SONG, "other.json": song("Verse 4")})
    (deck,) = configuration.decks.values()
    assert deck.setlist is not None
    first = deck.setlist.tracks[0]  # type: ignore[index]
    show = Show(configuration, {deck.name: (shelf.material_at_once(configuration, deck, first), 0)})
    again = await replay(trace, show, shelf)
    assert compare(fired_in(trace.cues), fired_in(map(line_of, again.reports))) == []
    assert any("/section/Verse" in cue.cue["address"] for cue in trace.cues)


def test_what_is_no_trace_is_refused() -> None:
    with pytest.raises(TraceError, match=r"notes\.txt: this is no trace of beatsync; write one with beatsync run"):
        parse_trace(b"hello\n", source="notes.txt")


async def test_a_damaged_line_is_named(autojump_clock: MockClock) -> None:
    written = await kept(SHOW, [("wait", 1.0)])
    lines = written.split(b"\n")
    lines[4] = lines[4][:20] + b"#" + lines[4][21:]
    with pytest.raises(TraceError, match=r"trace:5: .*; the trace is damaged"):
        parse_trace(b"\n".join(lines), source="trace")


async def test_a_trace_that_a_crash_cut_off_is_played_as_far_as_it_goes(autojump_clock: MockClock) -> None:
    written = await kept(SHOW, [("wait", 2.0)])
    trace = parse_trace(written[:-40], source="trace")
    assert trace.cut_off
    assert trace.entries


async def test_of_several_sessions_the_last_one_is_taken_or_the_one_that_is_named(autojump_clock: MockClock) -> None:
    one, two = await kept(SHOW, [("wait", 1.0)]), await kept(SHOW, [("wait", 3.0)])
    last, first = parse_trace(one + two, source="trace"), parse_trace(one + two, source="trace", session=1)
    assert len(last.entries) > len(first.entries)
    with pytest.raises(TraceError, match="session 3: there are 2"):
        parse_trace(one + two, source="trace", session=3)
