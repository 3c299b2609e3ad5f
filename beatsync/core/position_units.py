"""The units in which players state a position, and what turns beats and fractions into track time.

A position in beats or as a fraction means nothing without the track: whoever has the track says where it lies.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final, TypeAlias

from beatsync.core.limits import MAX_BEATS, MAX_TRACK_SECONDS
from beatsync.core.track import Grid, Track
from beatsync.core.units import NS_PER_SECOND, TrackNs

_FARTHEST: Final = MAX_TRACK_SECONDS * NS_PER_SECOND


class PositionUnit(StrEnum):
    """What a stated position counts."""

    SECONDS = "s"
    MILLISECONDS = "ms"
    BEATS = "beats"
    """beats from the first downbeat, which is 0; from the first beat where the track has no bars"""
    FRACTION = "fraction"
    """0 at the track's start, 1 at its end"""
    TIMECODE = "timecode"
    """text such as 01:02:03:12"""


Place: TypeAlias = Callable[[float, PositionUnit], TrackNs | None]
"""Where a number of beats, or a fraction, lies in the track that is loaded; None where nobody can say."""


def nowhere(_value: float, _unit: PositionUnit) -> TrackNs | None:
    """The place of everything while no track is loaded."""
    return None


def placement(track: Track) -> Place:
    """Where beats and fractions lie in `track`: beats along its grid, beyond the grid's ends at their tempo."""

    def place(value: float, unit: PositionUnit) -> TrackNs | None:
        if not abs(value) <= MAX_BEATS:  # nor is NaN
            return None
        match unit:
            case PositionUnit.FRACTION:
                return TrackNs(round(value * track.duration)) if 0 <= value <= 1 else None
            case PositionUnit.BEATS if track.grid is not None:
                position = track.grid.shifted_by_beats(_origin(track.grid), value)
                return position if abs(position) <= _FARTHEST else None
            case _:
                return None

    return place


def _origin(grid: Grid) -> TrackNs:
    """Where players count from: the start of bar 1."""
    return next((bar.start for bar in grid.bars if bar.number == 1), grid.beats[0])
