"""Tracks as values: where a position lies, and what lies so many beats or bars from it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatsync.core.grid import build_grid
from beatsync.core.track import GRID_TOLERANCE, Grid, Layer, Track
from beatsync.core.units import TrackNs
from tests.core.documents import at, document, parsed, span


def grid() -> Grid:
    """Two beats of pick-up, 4/4 with one bar of three, at 120 bpm: downbeats at 1.5, 3.5, 5.0 and 7.0 s."""
    return build_grid([at(0.5 + 0.5 * beat) for beat in range(16)], [2, 6, 9, 13])


def test_the_pick_up_is_bar_0_and_counts_up_to_bar_1() -> None:
    assert [grid().count_of(beat) for beat in (0, 1, 2, 5, 6, 8, 9)] == [
        (0, 3),
        (0, 4),
        (1, 1),
        (1, 4),
        (2, 1),
        (2, 3),
        (3, 1),
    ]


def test_a_pick_up_longer_than_bar_1_counts_from_1() -> None:
    bars = build_grid([at(beat / 2) for beat in range(13)], [6, 10]).bars
    assert (bars[0].number, bars[0].beats, bars[0].first_count) == (0, 6, 1)


def test_the_last_bar_ends_where_its_beats_end() -> None:
    last = grid().bars[-1]
    assert (last.number, last.start, last.end, last.beats) == (4, at(7.0), at(8.5), 3)
    assert grid().end == at(8.5)


def test_every_bar_has_the_tempo_of_its_own_beats() -> None:
    assert [bar.bpm for bar in grid().bars] == pytest.approx([120.0] * 5)


def test_a_position_a_hair_before_a_beat_lies_on_it() -> None:
    before = TrackNs(at(1.5) - GRID_TOLERANCE)
    assert grid().beat_at(before) == 2
    assert grid().beat_at(TrackNs(before - 1)) == 1
    assert grid().beat_at(at(0.4)) is None
    bar = grid().bar_at(before)
    assert bar is not None
    assert bar.number == 1
    assert grid().bar_at(at(0)) is None


def test_bars_are_shifted_by_as_long_as_each_really_is() -> None:
    assert grid().shifted_by_bars(at(5.0), -1) == at(3.5)
    assert grid().shifted_by_bars(at(5.0), -2) == at(1.5)
    assert grid().shifted_by_bars(at(3.5), 0.5) == at(4.25)


def test_shifts_go_on_beyond_the_ends_at_the_tempo_there() -> None:
    assert grid().shifted_by_beats(at(0.5), -2) == at(-0.5)
    assert grid().shifted_by_beats(at(8.0), 3) == at(9.5)


@settings(deadline=None)
@given(st.integers(0, 15), st.integers(-40, 40))
def test_a_shift_and_back_ends_where_it_began(beat: int, count: int) -> None:
    start = grid().beats[beat]
    assert grid().shifted_by_beats(grid().shifted_by_beats(start, count), -count) == start


def test_lengths_in_bars_count_a_pick_up_for_what_it_is_of_bar_1() -> None:
    assert grid().bars_between(at(0.5), at(3.5)) == pytest.approx(1.5)
    assert grid().bars_between(at(1.5), at(5.0)) == pytest.approx(2.0)
    assert grid().bars_between(at(0.0), at(1.5)) == pytest.approx(0.75)
    assert grid().bars_between(at(7.0), at(8.5)) == pytest.approx(1.0)


def three_drops() -> Track:
    spans = [
        span(0, 2, "drop", energy=1),
        span(4, 8, "Drop", energy=4),
        span(8, 10),
        span(10, 12, "Outro", energy=2),
        span(12, 16),
    ]
    return parsed(document(sections=spans)).track


def test_a_section_knows_its_neighbours_and_its_like() -> None:
    first, second, third, fourth, fifth = three_drops().sections
    assert [section.name for section in three_drops().sections] == [
        "Drop 1",
        "Drop 2",
        "Unknown 1",
        "Outro",
        "Unknown 2",
    ]
    assert (first.previous_label, first.next_label, first.energy_change) == (None, "Drop", None)
    assert (second.previous_label, second.next_label, second.energy_change) == ("Drop", None, 3)
    assert (third.energy_change, fourth.energy_change) == (None, None)
    assert (fifth.occurrence, fifth.occurrences, fifth.next_label) == (2, 2, None)


def test_a_position_lies_in_one_section_or_in_a_gap() -> None:
    track = three_drops()
    places = [track.section_at(at(seconds)) for seconds in (0, 1.999, 2, 4, 15.999, 16)]
    assert [place.index if place else None for place in places] == [0, 0, None, 1, 4, None]
    assert track.labelled
    assert track.layer(Layer.PHRASE) == track.phrases
