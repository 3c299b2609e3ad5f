"""The axis: lines, ticks, and what is too close."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.units import NS_PER_SECOND
from beatsync.plan.svg_axis import Window, closest_for, lines_of, runs, time_marks

_positions = st.lists(st.integers(-(10**12), 10**14), max_size=60).map(sorted)


@pytest.mark.parametrize(("minutes", "count"), [(0.1, 1), (3.5, 1), (4, 2), (10, 3), (60, 12), (1440, 24)])
def test_a_track_is_drawn_in_as_many_lines_as_it_is_long(minutes: float, count: int) -> None:
    last = round(minutes * 60 * NS_PER_SECOND)
    assert len(lines_of(0, last + 1, rows=8, left=200, width=1300)) == count


def test_a_drawing_with_very_many_rows_has_fewer_lines() -> None:
    assert len(lines_of(0, 3600 * NS_PER_SECOND, rows=250, left=200, width=1300)) == 1


@given(st.integers(-(10**10), 0), st.integers(1, 86_400 * NS_PER_SECOND), st.integers(0, 300))
def test_the_lines_cover_everything_without_gaps(first: int, length: int, rows: int) -> None:
    windows = lines_of(first, first + length, rows=rows, left=200, width=1300)
    assert windows[0].start == first
    assert windows[-1].end >= first + length
    assert all(one.end == following.start for one, following in pairwise(windows))


@given(st.integers(-(10**11), 10**13), st.integers(NS_PER_SECOND // 2, 86_400 * NS_PER_SECOND))
def test_times_on_the_axis_are_far_enough_apart_to_be_read(start: int, length: int) -> None:
    window = Window(start, start + length, 200, 1300)
    xs = [window.x(position) for position, _ in time_marks(window)]
    assert all(following - x >= 75 for x, following in pairwise(xs))


def test_times_are_round() -> None:
    window = Window(0, 90 * NS_PER_SECOND, 200, 1300)
    assert [face for _, face in time_marks(window)][:3] == ["0:00", "0:10", "0:20"]


@given(_positions, st.floats(1, 10**13), st.lists(st.integers(-(10**12), 10**14), max_size=5).map(sorted))
def test_every_position_is_in_one_run_and_no_run_goes_across_a_break(
    positions: list[int], closest: float, breaks: list[int]
) -> None:
    found = list(runs(positions, closest, breaks))
    assert [index for run in found for index in range(run.first, run.last + 1)] == list(range(len(positions)))
    for run in found:
        assert not any(positions[run.first] < mark <= positions[run.last] for mark in breaks)


@given(st.lists(_positions, max_size=4), st.integers(1, 40))
def test_the_closer_marks_are_the_fewer_are_drawn_apart(rows: list[list[int]], budget: int) -> None:
    closest = closest_for(rows, ns_per_pixel=1000, budget=budget)
    assert closest >= 2000
    assert sum(len(list(runs(row, closest, ()))) - 1 for row in rows if row) <= budget
