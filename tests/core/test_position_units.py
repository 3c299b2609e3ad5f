"""Beats and fractions find their place in a track."""

from __future__ import annotations

import math

import pytest

from beatsync.core.position_units import PositionUnit, nowhere, placement
from beatsync.core.units import ns_from_seconds
from tests.core.shows import song

SONG = song("Intro 4", "Drop 4", pick_up=2)
"""120 bpm: beats at 0 and 0.5 s, bar 1 at 1 s, the end at 17 s."""


@pytest.mark.parametrize(("beats", "seconds"), [(0, 1.0), (4, 3.0), (4.5, 3.25), (-2, 0.0), (-4, -1.0), (40, 21.0)])
def test_beats_count_from_the_first_downbeat_along_the_grid_and_beyond_it(beats: float, seconds: float) -> None:
    assert placement(SONG)(beats, PositionUnit.BEATS) == ns_from_seconds(seconds)


def test_beats_follow_a_grid_that_changes_its_tempo() -> None:
    times = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0]
    track = song("Intro 2", beat_grid={"times": times, "downbeats": [0.0, 2.0]}, duration=6.0, sections=[])
    place = placement(track)
    assert [place(beat, PositionUnit.BEATS) for beat in (3, 4, 5.5)] == [1_500_000_000, 2_000_000_000, 3_500_000_000]


def test_beats_of_a_track_without_bars_count_from_its_first_beat() -> None:
    track = song("Intro 2", beat_grid={"times": [0.25, 0.75, 1.25], "downbeats": []})
    assert placement(track)(1, PositionUnit.BEATS) == ns_from_seconds(0.75)


def test_a_fraction_is_of_the_track_s_length() -> None:
    assert placement(SONG)(0.5, PositionUnit.FRACTION) == ns_from_seconds(8.5)
    assert placement(SONG)(0.0, PositionUnit.FRACTION) == 0
    assert placement(SONG)(1.0, PositionUnit.FRACTION) == ns_from_seconds(17.0)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e300])
@pytest.mark.parametrize("unit", [PositionUnit.BEATS, PositionUnit.FRACTION])
def test_a_number_that_is_none_lies_nowhere(value: float, unit: PositionUnit) -> None:
    """F7"""
    assert placement(SONG)(value, unit) is None


def test_what_cannot_be_placed_lies_nowhere() -> None:
    assert placement(song("Intro 2", beat_grid=None))(3, PositionUnit.BEATS) is None
    assert placement(SONG)(1.5, PositionUnit.FRACTION) is None
    assert placement(SONG)(-0.5, PositionUnit.FRACTION) is None
    assert placement(SONG)(1.0, PositionUnit.SECONDS) is None
    assert nowhere(1.0, PositionUnit.BEATS) is None
