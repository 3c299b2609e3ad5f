"""The time axis of the drawing: which stretch of the track a line shows, where a position lies, what is too close.

A long track is drawn as several lines of equal length, one below the other, like a score.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Final

from beatsync.core.schedule import Schedule
from beatsync.core.track import Track
from beatsync.core.units import NS_PER_SECOND, clock_face

CLOSEST: Final = 2.0
"""Marks less than so many pixels apart are drawn as one."""

_LINE_SECONDS: Final = ((14 * 60, 210), (2 * 60 * 60, 300))
_MOST_LINES: Final = 24
_MOST_STAVES: Final = 480
_SLACK: Final = 0.1
_OUTSIDE_SHARE: Final = 0.1
_OUTSIDE_LEAST: Final = 15 * NS_PER_SECOND
_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
_LABEL_PIXELS: Final = 78.0


@dataclass(frozen=True, slots=True)
class Window:
    """[`start`, `end`) of the track along one line, from pixel `left`, `width` wide."""

    start: int
    end: int
    left: float
    width: float

    @property
    def right(self) -> float:
        """The last pixel."""
        return self.left + self.width

    @property
    def ns_per_pixel(self) -> float:
        """The scale."""
        return (self.end - self.start) / self.width

    def x(self, position: int) -> float:
        """Where a position lies; at the edge if beyond it."""
        share = (position - self.start) / (self.end - self.start)
        return self.left + min(max(share, 0.0), 1.0) * self.width

    def clip(self, start: int, end: int) -> tuple[float, float] | None:
        """The part of [`start`, `end`) that lies on this line, in pixels."""
        if start >= self.end or end <= self.start:
            return None
        return self.x(start), self.x(end)

    def part(self, positions: Sequence[int]) -> range:
        """Indices of those of the rising `positions` that lie on this line."""
        return range(bisect_left(positions, self.start), bisect_left(positions, self.end))


def reach(track: Track, schedule: Schedule) -> tuple[int, int]:
    """[first, last) position to draw: the track, and the cues outside it as far as they are not absurdly far."""
    margin = max(_OUTSIDE_LEAST, round(track.duration * _OUTSIDE_SHARE))
    ends = [end for lane in schedule.lanes if lane.positions for end in (lane.positions[0], lane.positions[-1])]
    first = max(min(0, *ends, 0), -margin)
    last = min(max(track.duration, *ends, track.grid.beats[-1] if track.grid else 0), track.duration + margin)
    return first, last + 1


def lines_of(first: int, last: int, *, rows: int, left: float, width: float) -> list[Window]:
    """The lines that show [`first`, `last`), fewer where each has very many `rows`."""
    seconds = (last - first) / NS_PER_SECOND
    each = next((length for limit, length in _LINE_SECONDS if seconds <= limit), seconds / _MOST_LINES)
    most = max(1, min(_MOST_LINES, _MOST_STAVES // max(rows, 1)))
    count = min(max(ceil(seconds / each - _SLACK), 1), most)
    length = -(-(last - first) // count)
    return [Window(first + index * length, first + (index + 1) * length, left, width) for index in range(count)]


def time_marks(window: Window) -> Iterator[tuple[int, str]]:
    """Round positions on the line, far enough apart to be read, and their `m:ss`."""
    least = _LABEL_PIXELS * window.ns_per_pixel / NS_PER_SECOND
    step = next((step for step in _STEPS if step >= least), _STEPS[-1]) * NS_PER_SECOND
    for position in range(-(-window.start // step) * step, window.end, step):
        yield position, clock_face(position).rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbours that are too close to be told apart: indices `first` to `last`."""

    first: int
    last: int

    @property
    def count(self) -> int:
        """How many they are."""
        return self.last - self.first + 1


def runs(positions: Sequence[int], closest: float, breaks: Sequence[int]) -> Iterator[Run]:
    """Rising positions in runs of those less than `closest` (ns) after their neighbour; none goes across a break."""
    if not positions:
        return
    first = 0
    for index in range(1, len(positions)):
        one, following = positions[index - 1], positions[index]
        if following - one >= closest or bisect_right(breaks, one) != bisect_right(breaks, following):
            yield Run(first, index - 1)
            first = index
    yield Run(first, len(positions) - 1)


def closest_for(rows: Sequence[Sequence[int]], *, ns_per_pixel: float, budget: int) -> float:
    """From which distance (ns) on neighbours are drawn apart: two pixels, more if that makes above `budget` marks."""
    distances = sorted(following - one for row in rows for one, following in pairwise(row))
    closest = CLOSEST * ns_per_pixel
    while len(distances) - bisect_left(distances, closest) > budget:
        closest *= 1.5
    return closest
