"""Layers: the sections and the phrases of a document, read and put right, each layer by itself.

Where two spans overlap the later start wins: a section lasts until the next one starts. Gaps are legal. Bars are
derived from the grid alone, never from the document's `bar_start` and `bar_end`, whose counting is not documented.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from beatsync.core.fields import Remarks, cut, list_of, nanoseconds_of, number_of, object_of, required, shown, text_of
from beatsync.core.labels import canonical, is_known
from beatsync.core.limits import MAX_LABEL_CHARACTERS, MAX_SECTIONS
from beatsync.core.track import GRID_TOLERANCE, Grid, Layer, Section
from beatsync.core.units import TrackNs, clock_face

MAX_COLOUR_CHARACTERS: Final = 64


@dataclass(frozen=True, slots=True)
class Span:
    """One element of a layer: what it says, typed, and `place`, its path in the document."""

    place: str
    start: int
    end: int
    label: str | None
    energy: int | None
    colour: str | None


def read_spans(value: object, layer: Layer, remarks: Remarks) -> list[Span]:
    """A layer's elements in order, none empty, none overlapping the next. Raises Flaw."""
    part = f"{layer}s"
    elements = list_of(value, part, most=MAX_SECTIONS)
    spans = [_span(element, f"{part}[{index}]", remarks) for index, element in enumerate(elements)]
    _remark_on_labels(spans, remarks)
    lasting = [span for span in spans if _lasts(span, remarks)]
    ordered = sorted(lasting, key=lambda span: span.start)
    if ordered != lasting:
        misplaced = next(one for one, other in zip(lasting, ordered, strict=True) if one is not other)
        remarks.add(misplaced.place, "from here on not in order of start; sorted")
    tiled = _without_overlaps(_of_different_starts(ordered, remarks), remarks)
    _remark_on_gaps(tiled, remarks)
    return tiled


def _remark_on_gaps(spans: Sequence[Span], remarks: Remarks) -> None:
    """Gaps are legal, and rarely meant; within the tolerance they are rounding."""
    for span, following in pairwise(spans):
        if following.start > span.end + GRID_TOLERANCE:
            message = f"nothing from {clock_face(span.end)} until this one starts ({clock_face(following.start)})"
            remarks.add(following.place, message, kind="a gap before it")


def _span(element: object, place: str, remarks: Remarks) -> Span:
    fields = object_of(element, place)
    return Span(
        place,
        nanoseconds_of(required(fields, "start", place), f"{place}.start"),
        nanoseconds_of(required(fields, "end", place), f"{place}.end"),
        _label(fields.get("label"), f"{place}.label", remarks),
        _energy(fields.get("energy"), f"{place}.energy", remarks),
        _colour(fields.get("color"), f"{place}.color", remarks),
    )


def _label(value: object, place: str, remarks: Remarks) -> str | None:
    label = text_of(value, place)
    if label is None:
        return None
    if len(label) > MAX_LABEL_CHARACTERS:
        message = f"{len(label):,} characters; cut to {MAX_LABEL_CHARACTERS}"
        remarks.add(place, message, kind="a label that is too long")
    return canonical(label) or None


def _energy(value: object, place: str, remarks: Remarks) -> int | None:
    if value is None:
        return None
    energy = number_of(value, place, expected="a number from 1 to 4 or null")
    if energy in {1, 2, 3, 4}:
        return int(energy)
    message = f"expected 1, 2, 3 or 4, got {shown(value)}; taken as not known"
    remarks.add(place, message, kind="an energy out of range")
    return None


def _colour(value: object, place: str, remarks: Remarks) -> str | None:
    colour = text_of(value, place)
    if colour is None or (len(colour) <= MAX_COLOUR_CHARACTERS and colour.isprintable()):
        return colour or None
    message = f"expected a colour such as rgba(255,0,0,1), got {shown(value)}; left out"
    remarks.add(place, message, kind="an unusable colour")
    return None


def _remark_on_labels(spans: Sequence[Span], remarks: Remarks) -> None:
    """One note for each unknown label, where it first stands."""
    met: set[str] = set()
    for span in spans:
        if span.label is None or is_known(span.label) or span.label.casefold() in met:
            continue
        met.add(span.label.casefold())
        message = f'unknown label "{cut(span.label)}"; passed on as it is'
        remarks.add(f"{span.place}.label", message, kind="an unknown label")


def _lasts(span: Span, remarks: Remarks) -> bool:
    if span.end > span.start + GRID_TOLERANCE:
        return True
    what = "ends where it starts" if span.end >= span.start else "ends before it starts"
    remarks.add(span.place, f"{what} ({clock_face(span.start)}); dropped", kind="no length")
    return False


def _of_different_starts(ordered: Sequence[Span], remarks: Remarks) -> list[Span]:
    """Of spans with the same start the last in the document."""
    kept: list[Span] = []
    for span in ordered:
        if kept and kept[-1].start == span.start:
            message = f"starts where {span.place} starts, which stands later in the document; dropped"
            remarks.add(kept.pop().place, message, kind="the start of another")
        kept.append(span)
    return kept


def _without_overlaps(spans: Sequence[Span], remarks: Remarks) -> list[Span]:
    return [
        *(_until(span, following, remarks) for span, following in pairwise(spans)),
        *spans[-1:],
    ]


def _until(span: Span, following: Span, remarks: Remarks) -> Span:
    """The span, ended where the following one starts; an overlap within the tolerance is rounding and goes unsaid."""
    if span.end <= following.start:
        return span
    if span.end > following.start + GRID_TOLERANCE:
        message = f"overlaps {following.place}; ends where that starts ({clock_face(following.start)})"
        remarks.add(span.place, message, kind="an overlap")
    return replace(span, end=following.start)


def build_layer(
    spans: Sequence[Span],
    layer: Layer,
    *,
    duration: TrackNs,
    grid: Grid | None,
    remarks: Remarks,
) -> tuple[Section, ...]:
    """The layer of a track that lasts `duration`; each span knows its neighbours, its like and its bars."""
    within = [clipped for span in spans if (clipped := _within(span, duration, remarks))]
    labels = [None, *(span.label for span in within), None]
    energies = [None, *(span.energy for span in within)]
    names = [_key(span) for span in within]
    totals, seen = Counter(names), Counter[str | None]()
    sections: list[Section] = []
    for index, span in enumerate(within):
        seen[names[index]] += 1
        section = Section(
            layer=layer,
            index=index,
            start=TrackNs(span.start),
            end=TrackNs(span.end),
            label=span.label,
            energy=span.energy,
            colour=span.colour,
            bar=None,
            bars=None,
            occurrence=seen[names[index]],
            occurrences=totals[names[index]],
            previous_label=labels[index],
            next_label=labels[index + 2],
            energy_change=_change(energies[index], span.energy),
        )
        sections.append(section)
    return counted_in_bars(sections, grid)


def _within(span: Span, duration: int, remarks: Remarks) -> Span | None:
    """The part of the span that lies in the track, if any."""
    if span.end <= 0 or span.start >= duration:
        where = "before the track's start" if span.end <= 0 else f"after the track's end ({clock_face(duration)})"
        remarks.add(span.place, f"lies {where}; dropped", kind="no part in the track")
        return None
    if span.start < 0:
        remarks.add(span.place, f"starts before the track ({clock_face(span.start)}); clipped", kind="an early start")
    if span.end > duration + GRID_TOLERANCE:
        message = f"ends after the track ({clock_face(span.end)} of {clock_face(duration)}); clipped"
        remarks.add(span.place, message, kind="a late end")
    return replace(span, start=max(span.start, 0), end=min(span.end, duration))


def _key(span: Span) -> str | None:
    return None if span.label is None else span.label.casefold()


def _change(before: int | None, now: int | None) -> int | None:
    return None if before is None or now is None else now - before


def counted_in_bars(sections: Sequence[Section], grid: Grid | None) -> tuple[Section, ...]:
    """The same spans, placed in the bars of `grid`; what starts before the first bar starts in bar 0."""
    if grid is None or not grid.bars:
        return tuple(replace(section, bar=None, bars=None) for section in sections)
    return tuple(
        replace(section, bar=_bar_number(section, grid), bars=_length_in_bars(section, grid)) for section in sections
    )


def _bar_number(section: Section, grid: Grid) -> int:
    bar = grid.bar_at(section.start)
    return bar.number if bar else 0


def _length_in_bars(section: Section, grid: Grid) -> float:
    return round(4 * grid.bars_between(section.start, section.end)) / 4
