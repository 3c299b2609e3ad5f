"""An occasion: one moment of one track, and what the names of core.names stand for on it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from beatsync.core.names import NameValue
from beatsync.core.track import GRID_TOLERANCE, Bar, Section, Track
from beatsync.core.units import TrackNs, seconds_from_ns


@dataclass(frozen=True, slots=True)
class Occasion:
    """One moment in one track: [`position`, `end`) is its span, `section` what its conditions are about."""

    track: Track
    position: TrackNs
    end: TrackNs
    section: Section | None
    beat: int | None
    _values: list[Values] = field(default_factory=list, compare=False, repr=False)

    @property
    def bar(self) -> Bar | None:
        """The bar it lies in."""
        grid = self.track.grid
        if grid is None or not grid.bars or self.beat is None:
            return None
        return grid.bars[grid.bar_of_beat[self.beat]]

    @property
    def beat_of_bar(self) -> int:
        """Its beat in the bar, from 1; 0 without bars."""
        bar = self.bar
        return bar.first_count + self.beat - bar.first_beat if bar and self.beat is not None else 0

    @property
    def name(self) -> str:
        """What people call it: `Drop 2 · bar 65`, with the beat where it is not the first: `Drop 2 · bar 65.3`."""
        parts = [self.section.name] if self.section else []
        return " · ".join([*parts, f"bar {self.count.removesuffix('.1')}"] if self.count else parts) or "no section"

    @property
    def count(self) -> str:
        """`bar.beat`, or nothing without bars."""
        return f"{self.bar.number}.{self.beat_of_bar}" if self.bar else ""

    @property
    def section_beat(self) -> tuple[int, int]:
        """(number of its beat within the section from 1, how many beats the section has); (0, 0) outside."""
        grid, section = self.track.grid, self.section
        if grid is None or section is None or self.beat is None:
            return (0, 0)
        first = bisect_left(grid.beats, section.start - GRID_TOLERANCE)
        return (self.beat - first + 1, bisect_left(grid.beats, section.end - GRID_TOLERANCE) - first)

    @property
    def section_bar(self) -> tuple[int, int]:
        """(number of its bar within the section from 1, how many bars start in the section).

        As in the track, what comes before the section's first downbeat, a pick-up too, is bar 0.
        """
        grid, section = self.track.grid, self.section
        if grid is None or section is None or self.beat is None or not grid.bars:
            return (0, 0)
        pick_up = 1 - grid.bars[0].number
        first = max(bisect_left(grid.bar_starts, section.start - GRID_TOLERANCE), pick_up)
        return (
            max(grid.bar_of_beat[self.beat] - first + 1, 0),
            max(bisect_left(grid.bar_starts, section.end - GRID_TOLERANCE) - first, 0),
        )

    @property
    def bpm(self) -> float | None:
        """The tempo here; as the source states it without a grid; None where not known."""
        grid = self.track.grid
        if grid is None:
            return self.track.bpm
        return grid.bpm_at_beat(self.beat or 0)

    @property
    def values(self) -> Mapping[str, NameValue]:
        """What the names of core.names stand for here; worked out when first asked for, and kept."""
        if not self._values:
            self._values.append(Values(self))
        return self._values[0]


class Values(dict[str, NameValue]):
    """A mapping from every name to its value on one occasion."""

    __slots__ = ("_occasion",)

    def __init__(self, occasion: Occasion) -> None:
        """`occasion`: whose."""
        self._occasion = occasion

    def __missing__(self, name: str) -> NameValue:
        """Work `name` out, once."""
        value = self[name] = _VALUE_OF[name](self._occasion)
        return value


def _of_section(read: Callable[[Section], NameValue | None], otherwise: NameValue) -> Callable[[Occasion], NameValue]:
    def value(occasion: Occasion) -> NameValue:
        return (read(occasion.section) if occasion.section else None) or otherwise

    return value


_VALUE_OF: Final[Mapping[str, Callable[[Occasion], NameValue]]] = MappingProxyType(
    {
        "label": _of_section(lambda section: section.label, "Unknown"),
        "energy": _of_section(lambda section: section.energy, 0),
        "energy_change": _of_section(lambda section: section.energy_change, 0),
        "occurrence": _of_section(lambda section: section.occurrence, 0),
        "occurrences": _of_section(lambda section: section.occurrences, 0),
        "previous": _of_section(lambda section: section.previous_label, "Unknown"),
        "next": _of_section(lambda section: section.next_label, "Unknown"),
        "bars": _of_section(lambda section: section.bars, 0),
        "length": _of_section(lambda section: seconds_from_ns(section.end - section.start), 0.0),
        "bar": lambda occasion: occasion.bar.number if occasion.bar else 0,
        "beat": lambda occasion: occasion.beat_of_bar,
        "bpm": lambda occasion: occasion.bpm or 0.0,
        "bar_of_section": lambda occasion: occasion.section_bar[0],
        "beat_of_section": lambda occasion: occasion.section_beat[0],
        "seconds": lambda occasion: seconds_from_ns(occasion.position),
    },
)
