"""The moments of a track that rules speak of, and which of them meet a rule's conditions.

Conditions on the span are tried once for each span, those on a place once for each different place, none for each
beat: a rule that matches one section of a long track costs what that section costs.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import assert_never

from beatsync.core.labels import same_label
from beatsync.core.occasions import Occasion
from beatsync.core.places import Places
from beatsync.core.rules import Conditions, Edge, Every, Moment, SpanEdge, TrackEdge, Unit
from beatsync.core.track import GRID_TOLERANCE, Grid, Layer, Section, Track
from beatsync.core.units import TrackNs


class NoGrid(ValueError):
    """A rule counts beats or bars and the track has none; the text says which."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A run of counted beats or bars: indices [`first`, `last`), of which `origin` counts as the first of all."""

    first: int
    last: int
    origin: int
    span: Section | None = None


@dataclass(frozen=True, slots=True)
class _Counted:
    """What is counted, beats or bars: where each starts, and on which beat."""

    starts: Sequence[TrackNs]
    beats: Sequence[int]

    def indices(self, stretch: _Stretch, count: int, allowed: Sequence[int] | None) -> Iterator[int]:
        """Every `count`th one of a stretch; of those only the ones on `allowed` beats, if it is not None."""
        if allowed is None:
            first = stretch.first + (stretch.origin - stretch.first) % count
            yield from range(first, stretch.last, count)
            return
        if stretch.first >= stretch.last:
            return
        lowest, highest = self.beats[stretch.first], self.beats[stretch.last - 1]
        for beat in allowed[bisect_left(allowed, lowest) : bisect_right(allowed, highest)]:
            index = bisect_left(self.beats, beat)
            if self.beats[index] == beat and (index - stretch.origin) % count == 0:
                yield index


class Moments:
    """The occasions of one track, made when first asked for and shared by all rules."""

    def __init__(self, track: Track) -> None:
        """`track`: whose moments."""
        self._track = track
        self._at_beats: dict[tuple[int, TrackNs], Occasion] = {}
        self._spans: dict[SpanEdge, tuple[Occasion, ...]] = {}

    def matching(self, moment: Moment, when: Conditions) -> Iterator[Occasion]:
        """The occasions of `moment` that meet `when`, in order. Raises NoGrid where the track lacks what is counted."""
        match moment:
            case SpanEdge():
                edges = self._span_edges(moment)
                return (one for one in edges if _section_meets(one.section, when) and _place_meets(one, when))
            case TrackEdge():
                edges = (self._track_edge(moment),)
                return (one for one in edges if _section_meets(one.section, when) and _place_meets(one, when))
            case Every():
                return self._every(moment, when)
            case _:
                assert_never(moment)

    @cached_property
    def _beats(self) -> _Counted:
        grid = self._track.grid
        assert grid is not None
        return _Counted(grid.beats, range(len(grid.beats)))

    @cached_property
    def _bars(self) -> _Counted:
        grid = self._track.grid
        assert grid is not None
        return _Counted(grid.bar_starts, [bar.first_beat for bar in grid.bars])

    @cached_property
    def _places(self) -> Places | None:
        return Places(self._track, self._track.grid) if self._track.grid else None

    def _span_edges(self, moment: SpanEdge) -> tuple[Occasion, ...]:
        if moment not in self._spans:
            spans = self._track.layer(moment.layer)
            self._spans[moment] = tuple(
                self._span_edge(span, moment.edge, spans[index + 1] if index + 1 < len(spans) else None)
                for index, span in enumerate(spans)
            )
        return self._spans[moment]

    def _span_edge(self, span: Section, edge: Edge, following: Section | None) -> Occasion:
        if edge is Edge.START:
            return self._at(span.start, span.end, span)
        return self._at(span.end, following.end if following else self._track.duration, span)

    def _track_edge(self, moment: TrackEdge) -> Occasion:
        track = self._track
        if moment.edge is Edge.START:
            return self._at(TrackNs(0), track.duration, track.section_at(TrackNs(0)))
        return self._at(track.duration, track.duration, track.sections[-1] if track.sections else None)

    def _at(self, position: TrackNs, end: TrackNs, section: Section | None) -> Occasion:
        grid = self._track.grid
        return Occasion(self._track, position, end, section, grid.beat_at(position) if grid else None)

    def _every(self, moment: Every, when: Conditions) -> Iterator[Occasion]:
        grid = self._track.grid
        if grid is None:
            raise NoGrid("counts beats, and this track has no beat grid")
        if moment.unit is Unit.BAR and not grid.bars:
            raise NoGrid("counts bars, and this track's grid has no downbeats")
        counted = self._bars if moment.unit is Unit.BAR else self._beats
        allowed = self._places.meeting(when, moment.within or Layer.SECTION) if self._places else None
        for stretch in self._stretches(moment, when, counted.starts, grid):
            most = stretch.last if moment.within else len(counted.starts)
            for index in counted.indices(stretch, moment.count, allowed):
                following = min(index + moment.count, most)
                end = counted.starts[following] if following < len(counted.starts) else grid.end
                beat = counted.beats[index]
                yield self._at_beat(beat, end, grid, stretch.span)
                yield from self._between(moment.parts, beat, grid, stretch.span)

    def _between(self, parts: int, beat: int, grid: Grid, span: Section | None) -> Iterator[Occasion]:
        """The parts of a beat after its first."""
        if parts > 1:
            start, following = grid.beats[beat], grid.beats[beat + 1] if beat + 1 < len(grid.beats) else grid.end
            marks = [TrackNs(start + (following - start) * part // parts) for part in range(parts + 1)]
            for position, end in pairwise(marks[1:]):
                section = span or self._track.section_at(TrackNs(position + GRID_TOLERANCE))
                yield Occasion(self._track, position, end, section, beat)

    def _stretches(
        self,
        moment: Every,
        when: Conditions,
        starts: Sequence[TrackNs],
        grid: Grid,
    ) -> Iterator[_Stretch]:
        pick_up = bool(grid.bars) and grid.bars[0].number == 0
        origin = 0 if not pick_up else 1 if moment.unit is Unit.BAR else grid.bars[0].beats
        lowest = origin if moment.unit is Unit.BAR else 0
        if moment.within is None and not _asks_of_span(when):
            yield _Stretch(lowest, len(starts), origin)
            return
        for span in self._track.layer(moment.within or Layer.SECTION):
            if _span_meets(span, when):
                first = max(bisect_left(starts, span.start - GRID_TOLERANCE), lowest)
                last = bisect_left(starts, span.end - GRID_TOLERANCE)
                yield _Stretch(first, last, first if moment.within else origin, span)

    def _at_beat(self, beat: int, end: TrackNs, grid: Grid, span: Section | None) -> Occasion:
        position = grid.beats[beat]
        section = span or self._track.section_at(TrackNs(position + GRID_TOLERANCE))
        known = self._at_beats.get((beat, end))
        if known is None or known.section is not section:
            known = self._at_beats[beat, end] = Occasion(self._track, position, end, section, beat)
        return known


def _asks_of_span(when: Conditions) -> bool:
    asked = (when.label, when.energy, when.energy_change, when.occurrence, when.previous, when.next, when.bars)
    return any(condition is not None for condition in asked)


def _section_meets(section: Section | None, when: Conditions) -> bool:
    if section is None:
        return not _asks_of_span(when)
    return _span_meets(section, when)


def _span_meets(span: Section, when: Conditions) -> bool:
    return (
        _is_one_of(span.label, when.label)
        and _is_one_of(span.previous_label, when.previous)
        and _is_one_of(span.next_label, when.next)
        and (when.energy is None or (span.energy is not None and when.energy.matches(span.energy)))
        and (
            when.energy_change is None
            or (span.energy_change is not None and when.energy_change.matches(span.energy_change))
        )
        and (when.occurrence is None or when.occurrence.matches_place(span.occurrence, of=span.occurrences))
        and (when.bars is None or (span.bars is not None and when.bars.matches(span.bars)))
    )


def _is_one_of(label: str | None, wanted: tuple[str, ...] | None) -> bool:
    return wanted is None or (label is not None and any(same_label(label, choice) for choice in wanted))


def _place_meets(occasion: Occasion, when: Conditions) -> bool:
    if when.bpm is not None and not (occasion.bpm and when.bpm.matches(occasion.bpm)):
        return False
    if when.bar_of_section is not None:
        bar, bars = occasion.section_bar
        if not (bar > 0 and when.bar_of_section.matches_place(bar, of=bars)):
            return False
    if when.beat_of_section is not None:
        beat, beats = occasion.section_beat
        if not (beat > 0 and when.beat_of_section.matches_place(beat, of=beats)):
            return False
    if when.beat_of_bar is not None:
        bar_here = occasion.bar
        if bar_here is None:
            return False
        return when.beat_of_bar.matches_place(occasion.beat_of_bar, of=bar_here.first_count - 1 + bar_here.beats)
    return True
