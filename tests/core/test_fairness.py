"""Cues of one instant leave by turns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.engine import MAIN_DECK
from beatsync.core.fairness import by_turns
from beatsync.core.units import HostNs
from beatsync.core.verdicts import Cause, Outcome, Verdict
from tests.core.shows import TARGET, schedule, song

CUE = next(iter(schedule(song("Intro 1"), "  - {on: track start, send: {address: /a}}").cues))


def outcome(target: str, due: int, number: int) -> Outcome:
    origin = CUE.origin.__class__(
        title="", order=number, target=target, look="", kind=CUE.kind, policy=CUE.policy, hold=None
    )
    cue = CUE.__class__(
        position=CUE.position,
        until=CUE.until,
        phase=CUE.phase,
        address=f"/{number}",
        arguments=(),
        packet=b"",
        origin=origin,
        place=CUE.place,
    )
    return Outcome(MAIN_DECK, cue, Verdict.SENT, Cause.PLAYED, HostNs(due), 1)


def test_targets_take_turns_and_keep_their_own_order() -> None:
    outcomes = [outcome(target, 5, number) for number, target in enumerate("aaabbc")]
    assert [one.cue.target + one.cue.address for one in by_turns(outcomes)] == [
        "a/0",
        "b/3",
        "c/5",
        "a/1",
        "b/4",
        "a/2",
    ]


def test_what_is_due_earlier_leaves_earlier_whosever_it_is() -> None:
    outcomes = [outcome("a", 1, 0), outcome("a", 1, 1), outcome("b", 2, 2), outcome("a", 2, 3)]
    assert [one.cue.address for one in by_turns(outcomes)] == ["/0", "/1", "/2", "/3"]


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abc")), max_size=20))
def test_nothing_is_lost_and_no_target_is_reordered(dues: list[tuple[int, str]]) -> None:
    outcomes = [outcome(target, due, number) for number, (due, target) in enumerate(sorted(dues, key=lambda it: it[0]))]
    turns = by_turns(outcomes)
    assert sorted(turns, key=lambda one: one.cue.order) == outcomes
    assert [one.due for one in turns] == [one.due for one in outcomes]
    for target in {TARGET.name, *"abc"}:
        assert [one for one in turns if one.cue.target == target] == [o for o in outcomes if o.cue.target == target]
