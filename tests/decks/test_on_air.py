"""Who is on air: hand-overs on the beat, target by target, with no double, no gap, and no look left behind."""

from __future__ import annotations

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from beatsync.config.configuration import HandOver
from beatsync.core.units import TrackNs, ms
from beatsync.decks.commands import MoveFader, PutOnAir, RaiseFlag, SeekTo, SetTargetLead, StopDeck
from beatsync.errors import CommandRefused, UsageError
from tests.core.shows import song
from tests.decks.booth import Booth

BEATS = "rules: [{on: beat, send: {to: [lights, visuals], address: /{d}, args: [bar, beat]}}]"
LOOKS = 'rules: [{on: section, send: {to: [lights, visuals], address: "/{d}/{label}", args: [1], end: {args: [0]}}}]'
LIGHTS = "lights: {url: 'osc.udp://127.0.0.1:7700', max_rate: 1000}"
TRACKS = {"a.json": song("Intro 40"), "b.json": song("Drop 40", bpm=100)}


def two_decks(rules: str = BEATS, *, hand_over: str = "beat", by: str = "command", leads: str = "", b: str = "") -> str:
    """Two decks at 120 and 100 bpm; `leads`: of the visuals."""
    decks = ", ".join(
        f"{name}: {{track: {name}.json, clock: {{start: armed}}, {rules.replace('{d}', name)}{extra}}}"
        for name, extra in (("a", ""), ("b", b))
    )
    visuals = f"visuals: {{url: 'osc.udp://127.0.0.1:7701', max_rate: 1000{leads}}}"
    return f"decks: {{{decks}}}\non_air: {{by: {by}, hand_over: {hand_over}}}\ntargets: {{{LIGHTS}, {visuals}}}\n"


def playing(nursery: trio.Nursery, written: str) -> Booth:
    """Both decks play from their tops."""
    booth = Booth(nursery, written, TRACKS)
    for deck in booth.ensemble.decks.values():
        deck.play()
    return booth


def heard(booth: Booth, target: str) -> list[str]:
    """What a target was sent: `a 1 1`."""
    return [
        booth.told(report)[1:]
        for report in booth.reports
        if report.outcome.to_send and report.outcome.cue.target == target
    ]


def beats(deck: str, first: int, count: int) -> list[str]:
    return [f"{deck} {number // 4 + 1} {number % 4 + 1}" for number in range(first, first + count)]


async def test_a_deck_that_is_off_air_is_silent_and_every_cue_of_it_is_accounted_for(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = playing(nursery, two_decks())
    await trio.sleep(1.9)
    assert heard(booth, "lights") == beats("a", 0, 4)
    silent = [report.outcome for report in booth.reports if report.outcome.deck == "b"]
    assert {(outcome.verdict, outcome.reason) for outcome in silent} == {("suppressed", "off air")}
    assert len(silent) == 8
    assert booth.rig.snapshot().total.balanced


async def test_a_hand_over_is_made_on_the_new_decks_next_beat(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    booth = playing(nursery, two_decks())
    start = booth.clock.now()
    await trio.sleep(1.3)
    await booth.desk.do(PutOnAir("b"))
    await trio.sleep(1.6)
    assert heard(booth, "lights") == [*beats("a", 0, 4), *beats("b", 3, 2)]
    first = next(report for report in booth.reports if report.outcome.to_send and report.outcome.deck == "b")
    assert first.at - start == ms(1800)
    assert booth.said[-1] == "b takes over from a on its next beat"


async def test_or_on_its_next_bar_or_at_once(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    booth = playing(nursery, two_decks(hand_over="bar"))
    await trio.sleep(1.3)
    await booth.desk.do(PutOnAir("b"))
    await trio.sleep(1.5)
    assert heard(booth, "lights") == [*beats("a", 0, 5), *beats("b", 4, 1)]
    await booth.desk.do(PutOnAir("a", HandOver.NOW))
    await trio.sleep(0.5)
    assert heard(booth, "lights")[6:] == beats("a", 6, 1)


async def test_each_target_changes_hands_right_before_it_is_told_of_that_beat(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = playing(nursery, two_decks(leads=", lead: 250ms"))
    start = booth.clock.now()
    await trio.sleep(1.3)
    await booth.desk.do(PutOnAir("b"))
    await trio.sleep(1.6)
    assert heard(booth, "lights") == [*beats("a", 0, 4), *beats("b", 3, 2)]
    assert heard(booth, "visuals") == [*beats("a", 0, 4), *beats("b", 3, 3)]
    first = {
        report.outcome.cue.target: report.at - start
        for report in reversed(booth.reports)
        if report.outcome.to_send and report.outcome.deck == "b"
    }
    assert first == {"lights": ms(1800), "visuals": ms(1550)}


async def test_the_outgoing_decks_looks_are_ended_in_the_instant_in_which_the_others_begin(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = playing(nursery, two_decks(LOOKS))
    await trio.sleep(1.3)
    await booth.desk.do(PutOnAir("b"))
    await trio.sleep(1.7)
    assert heard(booth, "lights") == ["a/Intro 1", "a/Intro 0", "b/Drop 1"]
    ends = {report.at for report in booth.reports if report.outcome.to_send}
    assert len(ends) == 2


async def test_to_a_deck_that_does_not_play_it_goes_at_once(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    booth = Booth(nursery, two_decks(LOOKS), TRACKS)
    booth.ensemble.decks["a"].play()
    await trio.sleep(1.3)
    await booth.desk.do(PutOnAir("b"))
    await trio.sleep(0.1)
    assert heard(booth, "lights") == ["a/Intro 1", "a/Intro 0"]
    booth.ensemble.decks["b"].play()
    assert heard(booth, "lights")[2:] == ["b/Drop 1"]


async def test_a_seek_of_the_new_deck_before_its_beat_moves_the_beat(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = playing(nursery, two_decks())
    await trio.sleep(1.3)
    await booth.desk.do(PutOnAir("b"))
    await trio.sleep(0.1)
    await booth.desk.do(SeekTo(TrackNs(ms(5900)), "b"))
    await trio.sleep(0.4)
    assert heard(booth, "lights") == [*beats("a", 0, 3), *beats("b", 10, 1)]


async def test_two_decks_that_swap_within_a_beat_leave_no_trace(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = playing(nursery, two_decks())
    await trio.sleep(1.3)
    for deck in ("b", "a", "b", "a"):
        await booth.desk.do(PutOnAir(deck))
        await trio.sleep(0.01)
    await trio.sleep(1.7)
    assert heard(booth, "lights") == beats("a", 0, 7)


async def test_a_stopped_deck_on_air_is_silent_and_stays_on_air(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = playing(nursery, two_decks())
    await trio.sleep(0.7)
    await booth.desk.do(StopDeck("a"))
    await trio.sleep(2)
    assert heard(booth, "lights") == beats("a", 0, 2)
    assert booth.ensemble.on_air.master == "a"


async def test_off_air_with_a_prefix_a_deck_goes_on_elsewhere(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    booth = playing(nursery, two_decks(LOOKS, b=", off_air: {prefix: /preview}"))
    assert heard(booth, "lights") == ["a/Intro 1", "preview/b/Drop 1"]
    await trio.sleep(1.3)
    await booth.desk.do(PutOnAir("b"))
    await trio.sleep(1)
    *ends, start = heard(booth, "lights")[2:]
    assert (set(ends), start) == ({"preview/b/Drop 0", "a/Intro 0"}, "b/Drop 1")
    await booth.desk.do(PutOnAir("a"))
    await trio.sleep(1)
    end, *starts = heard(booth, "lights")[5:]
    assert (end, set(starts)) == ("b/Drop 0", {"preview/b/Drop 1", "a/Intro 1"})


async def test_a_lead_that_is_set_on_the_way_holds_for_the_hand_over(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = playing(nursery, two_decks())
    start = booth.clock.now()
    await trio.sleep(1.3)
    await booth.desk.do(PutOnAir("b"))
    await booth.desk.do(SetTargetLead("visuals", ms(100)))
    await trio.sleep(1)
    first = next(
        report.at - start
        for report in booth.reports
        if report.outcome.to_send and (report.outcome.deck, report.outcome.cue.target) == ("b", "visuals")
    )
    assert first == ms(1700)


@settings(max_examples=40)
@given(
    at=st.lists(st.integers(1, 150), min_size=1, max_size=8),
    lead=st.sampled_from([0, 100, -100, 400]),
    hand_over=st.sampled_from(list(HandOver)),
)
def test_whenever_decks_hand_over_each_beat_is_heard_once_and_there_is_never_a_gap(
    at: list[int], lead: int, hand_over: HandOver
) -> None:
    """Per target: of one deck alone at a time, its beats in order, none left out between two hand-overs.

    A deck that takes over at once may be put off the air before it has a beat; one that waits for its beat has it.
    """

    async def show() -> None:
        async with trio.open_nursery() as nursery:
            booth = playing(nursery, two_decks(leads=f", lead: {lead}ms", hand_over=hand_over))
            for number, wait in enumerate(at):
                await trio.sleep(wait / 50 + 0.0007)
                await booth.desk.do(PutOnAir("ba"[number % 2]))
            await trio.sleep(2.5)
            for target in ("lights", "visuals"):
                check(heard(booth, target))
            nursery.cancel_scope.cancel()

    def check(told: list[str]) -> None:
        assert len(told) == len(set(told))
        last: dict[str, int] = {}
        before = "a"
        for text in told:
            deck, bar, beat = text.split()
            number = 4 * (int(bar) - 1) + int(beat)
            assert number > last.get(deck, 0)
            if deck == before and hand_over is not HandOver.NOW:
                assert number == last.get(deck, 0) + 1
            last[deck], before = number, deck

    trio.run(show, clock=MockClock(autojump_threshold=0))


# What puts a deck on air


async def test_the_highest_fader_is_on_air_once_it_is_clearly_higher(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery, two_decks(by="fader"), TRACKS)
    on_air = booth.ensemble.on_air
    for deck, level, master in (
        ("a", 0.8, "a"),
        ("b", 0.85, "a"),
        ("b", 0.89, "a"),
        ("b", 0.9, "b"),
        ("a", 0.95, "b"),
        ("b", 0.0, "a"),
        ("a", 0.0, "a"),
        ("b", 0.05, "a"),
        ("b", 0.1, "b"),
    ):
        await booth.desk.do(MoveFader(level, deck))
        assert on_air.master == master, (deck, level)


async def test_of_several_flags_the_one_that_came_on_last_counts(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery, two_decks(by="message"), TRACKS)
    on_air = booth.ensemble.on_air
    for deck, on, master in (
        ("b", True, "b"),
        ("a", True, "a"),
        ("a", False, "b"),
        ("b", False, "b"),
        ("a", True, "a"),
    ):
        await booth.desk.do(RaiseFlag(on, deck))
        assert on_air.master == master, (deck, on)


async def test_what_does_not_put_decks_on_air_here_is_refused_with_the_remedy(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery, two_decks(by="fader"), TRACKS)
    with pytest.raises(CommandRefused, match=r"on_air: \{by: message\}"):
        await booth.desk.do(RaiseFlag(True, "b"))
    await booth.desk.do(PutOnAir("b"))  # by hand one may always
    assert booth.ensemble.on_air.master == "b"
    with pytest.raises(UsageError, match="there is no deck 'c'; there are a, b"):
        await booth.desk.do(PutOnAir("c"))


async def test_where_there_is_one_deck_it_is_on_air(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    booth = Booth(nursery, f"track: a.json\ntargets: {{{LIGHTS}}}\n", TRACKS)
    with pytest.raises(CommandRefused, match="there is one deck"):
        await booth.desk.do(PutOnAir("main"))


async def test_commands_without_a_deck_are_for_the_one_on_air(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    booth = playing(nursery, two_decks())
    await booth.desk.do(PutOnAir("b", HandOver.NOW))
    await booth.desk.do(SeekTo(TrackNs(ms(3000))))
    assert [deck.state().position for deck in booth.ensemble.decks.values()] == [0, ms(3000)]
