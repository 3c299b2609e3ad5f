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

from beatsync.core.fields import Remarks, cut, list_of, nanoseconds_of, number_of, object_of, shown, text_of
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
    _remark_on_labels(spans, part, remarks)
    lasting = [span for span in spans if _lasts(span, part, remarks)]
    ordered = sorted(lasting, key=lambda span: span.start)
    if ordered != lasting:
        remarks.add(part, "not in order of start; sorted")
    return _without_overlaps(ordered, part, remarks)


def _span(element: object, place: str, remarks: Remarks) -> Span:
    fields = object_of(element, place)
    return Span(
        place,
        nanoseconds_of(fields.get("start"), f"{place}.start"),
        nanoseconds_of(fields.get("end"), f"{place}.end"),
        _label(fields.get("label"), f"{place}.label", remarks),
        _energy(fields.get("energy"), f"{place}.energy", remarks),
        _colour(fields.get("color"), f"{place}.color", remarks),
    )


def _part(place: str) -> str:
    return place.partition("[")[0]


def _label(value: object, place: str, remarks: Remarks) -> str | None:
    label = text_of(value, place)
    if label is None:
        return None
    if len(label) > MAX_LABEL_CHARACTERS:
        kind = (_part(place), "a label that is too long")
        remarks.add(place, f"{len(label):,} characters; cut to {MAX_LABEL_CHARACTERS}", kind=kind)
    return canonical(label) or None


def _energy(value: object, place: str, remarks: Remarks) -> int | None:
    if value is None:
        return None
    energy = number_of(value, place, expected="a number from 1 to 4 or null")
    if energy in {1, 2, 3, 4}:
        return int(energy)
    kind = (_part(place), "an energy that is none")
    remarks.add(place, f"expected 1, 2, 3 or 4, got {shown(value)}; taken as not known", kind=kind)
    return None


def _colour(value: object, place: str, remarks: Remarks) -> str | None:
    colour = text_of(value, place)
    if colour is None or (len(colour) <= MAX_COLOUR_CHARACTERS and colour.isprintable()):
        return colour or None
    kind = (_part(place), "a colour that is none")
    remarks.add(place, f"expected a colour such as rgba(255,0,0,1), got {shown(value)}; left out", kind=kind)
    return None


def _remark_on_labels(spans: Sequence[Span], part: str, remarks: Remarks) -> None:
    first_of = {span.label.casefold(): span for span in reversed(spans) if span.label is not None}
    for span in sorted(first_of.values(), key=spans.index):
        if span.label is not None and not is_known(span.label):
            message = f'unknown label "{cut(span.label)}"; passed on as it is'
            remarks.add(f"{span.place}.label", message, kind=(part, "an unknown label"))


def _lasts(span: Span, part: str, remarks: Remarks) -> bool:
    if span.end > span.start:
        return True
    what = "ends where it starts" if span.end == span.start else "ends before it starts"
    remarks.add(span.place, f"{what} ({clock_face(span.start)}); dropped", kind=(part, "no length"))
    return False


def _without_overlaps(ordered: Sequence[Span], part: str, remarks: Remarks) -> list[Span]:
    kept: list[Span] = []
    for span, following in pairwise([*ordered, None]):
        if span is None or following is None or span.end <= following.start:
            kept.extend([span] if span else [])
            continue
        if span.start == following.start:
            message = f"starts with {following.place}; dropped, the later in the document wins"
            remarks.add(span.place, message, kind=(part, "the same start as another"))
            continue
        if span.end > following.start + GRID_TOLERANCE:
            message = f"overlaps {following.place}; ends where that starts ({clock_face(following.start)})"
            remarks.add(span.place, message, kind=(part, "an overlap"))
        kept.append(replace(span, end=following.start))
    return kept
