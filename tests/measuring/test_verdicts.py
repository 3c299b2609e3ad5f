"""What `beatsync bench` says of a machine: what is not good enough, and what to change."""

from __future__ import annotations

from beatsync.conductor.report import GRANTED, Precision
from beatsync.core.units import HostNs, ms
from beatsync.measuring.advice import advice
from beatsync.measuring.figures import Figures, figures_of
from beatsync.measuring.host import Ticks
from beatsync.measuring.scenarios import IDLE

ALL = Precision(GRANTED, GRANTED)


def figures(*milliseconds: float, due: int | None = None) -> Figures:
    """Cues that were so late."""
    found = figures_of(
        dict.fromkeys(range(len(milliseconds)), HostNs(0)), enumerate(map(HostNs, map(ms, milliseconds)))
    )
    return Figures(due or found.due, found.latenesses)


def test_a_machine_on_which_all_cues_are_on_time_is_good() -> None:
    assert IDLE.faults(figures(*[0.02] * 99, 19)) == ()


def test_one_late_cue_is_a_fault_and_so_are_many_that_are_somewhat_late() -> None:
    assert IDLE.faults(figures(*[0.02] * 199, 21)) == ("the worst left 21 ms late; 20 ms would be good",)
    assert IDLE.faults(figures(*[0.02] * 90, *[4] * 10)) == ("1 of 100 left more than 4 ms late; 3 ms would be good",)


def test_a_cue_that_never_came_is_a_fault() -> None:
    assert IDLE.faults(figures(0.02, due=2)) == ("1 of 2 never came",)


def test_what_the_system_refuses_comes_with_how_to_allow_it() -> None:
    (line,) = advice(Precision("operation not permitted", GRANTED), good=True)
    assert line.startswith("real-time priority: operation not permitted")
    assert "rtprio 20" in line
    (line,) = advice(Precision(GRANTED, "cannot allocate memory"), good=True)
    assert "memlock unlimited" in line


def test_what_the_host_of_a_virtual_machine_takes_is_said_where_it_is_much() -> None:
    before = Ticks.of("cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 1 2 3\n")
    after = Ticks.of("cpu  150 0 150 1690 0 0 0 10 50 0\n")
    assert after.stolen_since(before) == 0.01
    assert any("1% of its time" in line for line in advice(ALL, good=True, stolen=after.stolen_since(before)))
    assert not any("host" in line for line in advice(ALL, good=True, stolen=0.009))


def test_where_nothing_can_be_granted_any_more_it_is_the_machine() -> None:
    lines = list(advice(ALL, good=False))
    assert lines
    assert list(advice(ALL, good=True)) == lines[:-1] or len(lines) == 1
