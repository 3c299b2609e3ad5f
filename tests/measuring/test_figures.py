"""Latenesses as figures and as a picture."""

from __future__ import annotations

import pytest

from beatsync.core.units import HostNs, ms
from beatsync.measuring.figures import Figures, figures_of, together, written

INSTANTS = {0: HostNs(ms(100)), 1: HostNs(ms(100)), 2: HostNs(ms(200))}


def late(*milliseconds: float) -> Figures:
    """Cues that were so late, each at an instant of its own."""
    instants = {number: HostNs(ms(100 * number)) for number in range(len(milliseconds))}
    return figures_of(instants, [(n, HostNs(instants[n] + ms(its))) for n, its in enumerate(milliseconds)])


def test_lateness_is_what_lies_between_a_deadline_and_the_leaving() -> None:
    figures = figures_of(INSTANTS, [(0, HostNs(ms(101))), (1, HostNs(ms(103))), (2, HostNs(ms(202)))])
    assert figures.latenesses == (ms(1), ms(2), ms(3))
    assert (figures.due, figures.missing) == (3, 0)


def test_the_last_of_an_instant_counts_for_the_instant() -> None:
    figures = figures_of(INSTANTS, [(0, HostNs(ms(101))), (1, HostNs(ms(103))), (2, HostNs(ms(202)))])
    assert figures.lasts == (ms(2), ms(3))
    assert figures.last == 2.0


def test_what_never_came_is_missing_and_what_nobody_expected_is_not_counted() -> None:
    figures = figures_of(INSTANTS, [(0, HostNs(ms(101))), (77, HostNs(ms(103)))], receivers=2)
    assert (figures.due, figures.missing) == (6, 5)


def test_percentiles_are_of_what_came() -> None:
    figures = late(*range(1, 101))
    assert [figures.percentile(percent) for percent in (50, 99, 99.9)] == [50.0, 99.0, 100.0]
    assert Figures(3, ()).percentile(99) == 0.0


def test_several_rounds_are_one() -> None:
    whole = together([late(1, 3), late(2)])
    assert (whole.due, whole.latenesses) == (3, (ms(1), ms(2), ms(3)))


def test_the_picture_has_a_bar_for_each_range_with_anything_in_it() -> None:
    lines = late(*[0.01] * 40, *[0.3] * 20, 25).picture()
    assert [line.split("  ")[-2].strip() for line in lines if "█" not in line] == []
    assert [line.strip().partition("  ")[0] for line in lines] == ["under 50 µs", "under 500 µs", "over 20 ms"]
    assert [line.count("█") for line in lines] == [40, 20, 1]


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(0.0042, "4 µs"), (0.9994, "999 µs"), (0.9996, "1 ms"), (1.44, "1.4 ms"), (9.94, "9.9 ms"), (23.4, "23 ms")],
)
def test_people_read_durations_in_the_unit_that_fits(milliseconds: float, text: str) -> None:
    assert written(milliseconds) == text
