"""The music's structure as a value: beats, bars, sections and phrases, and where a position lies among them.

All positions are `TrackNs`. Everything is frozen; a track is built by `core.document`, which checks it first.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from beatsync.core.limits import DOWNBEAT_TOLERANCE_SECONDS
from beatsync.core.units import NS_PER_SECOND, TrackNs, ns_from_seconds

GRID_TOLERANCE: Final = ns_from_seconds(DOWNBEAT_TOLERANCE_SECONDS)
"""A position this little before a beat is taken to lie on it: sources round."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. `number` counts from 1 at the first downbeat; the pick-up is bar 0.

    `first_beat`: index of its first beat in the grid; `beats`: how many it has; [`start`, `end`) in track time.
    `first_count`: what its first beat is counted as: 1, except in a pick-up, which counts up to bar 1 ("3, 4, 1").
    """

    number: int
    start: TrackNs
    end: TrackNs
    first_beat: int
    beats: int
    first_count: int = 1

    @property
    def bpm(self) -> float:
        """The bar's tempo in beats per minute."""
        return 60 * NS_PER_SECOND * self.beats / (self.end - self.start)


@dataclass(frozen=True)
class Grid:
    """The beats of a track, in order, and its bars, which cover all beats where there are downbeats, else none.

    Beats are at least 20 ms apart. `end` closes the last beat and bar: one beat's length after the last beat.
    """

    beats: tuple[TrackNs, ...]
    bars: tuple[Bar, ...]
    end: TrackNs

    @cached_property
    def bar_of_beat(self) -> tuple[int, ...]:
        """For each beat the index in `bars` of its bar; empty where there are no bars."""
        return tuple(index for index, bar in enumerate(self.bars) for _ in range(bar.beats))

    @cached_property
    def bar_starts(self) -> tuple[TrackNs, ...]:
        return tuple(bar.start for bar in self.bars)

    def beat_at(self, position: TrackNs) -> int | None:
        """Index of the beat that `position` lies in (a hair before it counts); None before the first."""
        index = bisect_right(self.beats, position + GRID_TOLERANCE) - 1
        return index if index >= 0 else None

    def bar_at(self, position: TrackNs) -> Bar | None:
        """The bar that `position` lies in; None before the first or where there are no bars."""
        index = bisect_right(self.bar_starts, position + GRID_TOLERANCE) - 1
        return self.bars[index] if index >= 0 else None

    def count_of(self, beat: int) -> tuple[int, int]:
        """(bar number, beat in the bar from 1) of a beat by its index; (0, 0) where there are no bars."""
        if not self.bars:
            return (0, 0)
        bar = self.bars[self.bar_of_beat[beat]]
        return (bar.number, bar.first_count + beat - bar.first_beat)

    def count_at(self, position: TrackNs) -> tuple[int, int] | None:
        """(bar number, beat in it) that `position` lies in; None outside the grid or where there are no bars."""
        if not self.bars or position >= self.end - GRID_TOLERANCE:
            return None
        beat = self.beat_at(position)
        return None if beat is None else self.count_of(beat)

    def bpm_at_beat(self, beat: int) -> float:
        """The tempo of the beat's bar, or of the beat itself where there are no bars."""
        if self.bars:
            return self.bars[self.bar_of_beat[beat]].bpm
        following = self.beats[beat + 1] if beat + 1 < len(self.beats) else self.end
        return 60 * NS_PER_SECOND / (following - self.beats[beat])

    def shifted_by_beats(self, position: TrackNs, beats: float) -> TrackNs:
        """The position so many beats later (earlier if negative) along the grid, beyond its ends at their tempo."""
        return _along(self._beat_marks, position, beats)

    def shifted_by_bars(self, position: TrackNs, bars: float) -> TrackNs:
        """The position so many bars later (earlier if negative), each bar as long as it really is."""
        return _along(self._bar_marks, position, bars)

    def bars_between(self, start: TrackNs, end: TrackNs) -> float:
        """The length of [`start`, `end`) in bars along the grid, beyond its ends at their tempo.

        A pick-up counts for what it is of bar 1: two beats before a bar of four are half a bar.
        """
        return self._bars_until(end) - self._bars_until(start)

    @cached_property
    def _beat_marks(self) -> tuple[TrackNs, ...]:
        return (*self.beats, self.end)

    @cached_property
    def _bar_marks(self) -> tuple[TrackNs, ...]:
        return (*self.bar_starts, self.bars[-1].end)

    def _bars_until(self, position: TrackNs) -> float:
        index, share, _ = _place(self._bar_marks, position)
        pick_up = self.bars[0].number == 0 and len(self.bars) > 1
        weight = self.bars[0].beats / self.bars[1].beats if pick_up else 1.0
        return share * weight if index == 0 else weight + index - 1 + share


def _place(marks: Sequence[TrackNs], position: TrackNs) -> tuple[int, float, int]:
    """(interval of `marks`, share of it that has passed, rest in ns): within the tolerance of a mark all is rest."""
    index = min(max(bisect_right(marks, position + GRID_TOLERANCE) - 1, 0), len(marks) - 2)
    offset = position - marks[index]
    if abs(offset) <= GRID_TOLERANCE:
        return (index, 0.0, offset)
    return (index, offset / (marks[index + 1] - marks[index]), 0)


def _along(marks: Sequence[TrackNs], position: TrackNs, count: float) -> TrackNs:
    """Move `position` by `count` intervals of `marks` (at least two), keeping its place within the interval."""
    index, share, rest = _place(marks, position)
    goal = index + share + count
    whole = min(max(int(goal // 1), 0), len(marks) - 2)
    length = marks[whole + 1] - marks[whole]
    return TrackNs(marks[whole] + round((goal - whole) * length) + rest)


class Layer(StrEnum):
    """The two layers of spans. Which is the finer is not documented by the source: neither is assumed."""

    SECTION = "section"
    PHRASE = "phrase"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One span of a layer: [`start`, `end`), never empty, never overlapping the next.

    `label` is as the source writes it, capitalised, None where unknown; `energy` 1 to 4 or None; `colour` as the
    source writes it; `bar`: number of the bar it starts in and `bars` its length in bars (to the nearest quarter),
    both None without bars; "Drop 2 of 3": `occurrence` 2 of `occurrences` 3 with the same label (case apart).
    `previous_label` and `next_label` are those of its neighbours in the layer, None at the ends.
    `energy_change` is against the previous one, None where either is unknown.
    """

    layer: Layer
    index: int
    start: TrackNs
    end: TrackNs
    label: str | None
    energy: int | None
    colour: str | None
    bar: int | None
    bars: float | None
    occurrence: int
    occurrences: int
    previous_label: str | None
    next_label: str | None
    energy_change: int | None

    @property
    def name(self) -> str:
        """What people call it: `Drop 2`; plain `Drop` where there is only one; `Unknown` without a label."""
        label = self.label or "Unknown"
        return f"{label} {self.occurrence}" if self.occurrences > 1 else label


@dataclass(frozen=True, kw_only=True)
class Track:
    """A track's structure. `grid` is None where there is no usable one; layers may be empty.

    `bpm` and `energy` (0 to 4, an average) are as stated, or None.
    """

    asset_id: str
    duration: TrackNs
    bpm: float | None
    energy: float | None
    grid: Grid | None
    sections: tuple[Section, ...]
    phrases: tuple[Section, ...]

    def layer(self, layer: Layer) -> tuple[Section, ...]:
        """The spans of one layer, in order."""
        return self.sections if layer is Layer.SECTION else self.phrases

    @property
    def labelled(self) -> bool:
        """Whether any section has a label; where none has, labels can drive nothing."""
        return any(section.label is not None for section in self.sections)

    @cached_property
    def _section_starts(self) -> tuple[TrackNs, ...]:
        return tuple(section.start for section in self.sections)

    def section_at(self, position: TrackNs) -> Section | None:
        """The section that `position` lies in, or None in a gap."""
        index = bisect_right(self._section_starts, position) - 1
        if index >= 0 and position < self.sections[index].end:
            return self.sections[index]
        return None
