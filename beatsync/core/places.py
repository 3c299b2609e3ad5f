"""Which beats of a track meet conditions on their place: found by looking up places, never by trying every beat.

A track has few different places (a third beat of four, a last bar of eight): a condition is tried once for each, and
what no place meets costs no more than that.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeAlias, TypeVar

from beatsync.core.comparison import Comparison
from beatsync.core.rules import Conditions
from beatsync.core.track import GRID_TOLERANCE, Grid, Layer, Track

Place: TypeAlias = tuple[int, int]
"""(number from 1, of how many)."""

_InSpans: TypeAlias = tuple[Mapping[Place, Sequence[int]], Mapping[Place, Sequence[int]]]
Key = TypeVar("Key", bound=Hashable)


class Places:
    """The beats of one track by their places, worked out when first asked for."""

    def __init__(self, track: Track, grid: Grid) -> None:
        """`grid`: the track's."""
        self._track = track
        self._grid = grid
        self._of_layer: dict[Layer, _InSpans] = {}

    def meeting(self, when: Conditions, layer: Layer) -> Sequence[int] | None:
        """Indices of the beats that meet the conditions on places, in order; None where there are no such conditions.

        `layer`: whose spans the conditions on a section are about.
        """
        found: list[list[int]] = []
        if when.bpm is not None:
            found.append(_matching(self._by_bpm, when.bpm.matches))
        if when.beat_of_bar is not None:
            found.append(_matching(self._by_beat_of_bar, _is_at(when.beat_of_bar)))
        if when.bar_of_section is not None:
            found.append(_matching(self._in_spans(layer)[0], _is_at(when.bar_of_section)))
        if when.beat_of_section is not None:
            found.append(_matching(self._in_spans(layer)[1], _is_at(when.beat_of_section)))
        if not found:
            return None
        common = set(found[0]).intersection(*found[1:])
        return sorted(common)

    @cached_property
    def _by_bpm(self) -> Mapping[float, Sequence[int]]:
        return _gathered((self._grid.bpm_at_beat(beat), beat) for beat in range(len(self._grid.beats)))

    @cached_property
    def _by_beat_of_bar(self) -> Mapping[Place, Sequence[int]]:
        return _gathered(
            ((bar.first_count + number, bar.first_count - 1 + bar.beats), bar.first_beat + number)
            for bar in self._grid.bars
            for number in range(bar.beats)
        )

    def _in_spans(self, layer: Layer) -> _InSpans:
        """The beats that lie in spans, by the places of their bars in the span, and by their own."""
        if layer not in self._of_layer:
            bars = _gathered((bar, beat) for bar, _, beat in self._of_spans(layer) if bar[0] > 0)
            self._of_layer[layer] = (bars, _gathered((number, beat) for _, number, beat in self._of_spans(layer)))
        return self._of_layer[layer]

    def _of_spans(self, layer: Layer) -> Iterator[tuple[Place, Place, int]]:
        grid, starts = self._grid, self._grid.bar_starts
        pick_up = 1 - grid.bars[0].number if grid.bars else 0
        for span in self._track.layer(layer):
            first, last = (bisect_left(grid.beats, edge - GRID_TOLERANCE) for edge in (span.start, span.end))
            first_bar = max(bisect_left(starts, span.start - GRID_TOLERANCE), pick_up)
            bars = max(bisect_left(starts, span.end - GRID_TOLERANCE) - first_bar, 0)
            for beat in range(first, last):
                bar = max(grid.bar_of_beat[beat] - first_bar + 1, 0) if grid.bars else 0
                yield (bar, bars), (beat - first + 1, last - first), beat


def _is_at(comparison: Comparison) -> Callable[[Place], bool]:
    return lambda place: comparison.matches_place(place[0], of=place[1])


def _gathered(pairs: Iterator[tuple[Key, int]]) -> Mapping[Key, Sequence[int]]:
    beats: dict[Key, list[int]] = {}
    for key, beat in pairs:
        beats.setdefault(key, []).append(beat)
    return beats


def _matching(by_place: Mapping[Key, Sequence[int]], meets: Callable[[Key], bool]) -> list[int]:
    return [beat for place, beats in by_place.items() if meets(place) for beat in beats]
