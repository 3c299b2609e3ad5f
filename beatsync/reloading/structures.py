"""What is different in the structure of a track, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

from beatsync.core.track import Layer, Section, Track
from beatsync.core.units import TrackNs, clock_face

MOST_SPANS: Final = 6
"""So many changed sections are named; the others are counted."""


def structure_changes(before: Track, after: Track) -> Iterator[str]:
    """`section Drop 2 1:02.000 → 1:02.500`, for each thing that is different."""
    if before.duration != after.duration:
        yield f"length {clock_face(before.duration)} → {clock_face(after.duration)}"
    yield from _beat_changes(before, after)
    for layer in Layer:
        changes = list(_span_changes(before.layer(layer), after.layer(layer)))
        yield from changes[:MOST_SPANS]
        if len(changes) > MOST_SPANS:
            yield f"{len(changes) - MOST_SPANS} more {layer}s"


def _beat_changes(before: Track, after: Track) -> Iterator[str]:
    old, new = _beats(before), _beats(after)
    if len(old) != len(new):
        yield f"{len(old)} beats → {len(new)}"
    elif furthest := max((abs(one - other) for one, other in zip(old, new, strict=True)), default=0):
        yield f"beats moved by up to {furthest / 10**6:.0f} ms"
    if before.grid and after.grid and _downbeats(before) != _downbeats(after) and old == new:
        yield f"other downbeats, {len(before.grid.bars)} bars → {len(after.grid.bars)}"


def _beats(track: Track) -> Sequence[TrackNs]:
    return track.grid.beats if track.grid else ()


def _downbeats(track: Track) -> Sequence[TrackNs]:
    return track.grid.bar_starts if track.grid else ()


def _span_changes(before: Sequence[Section], after: Sequence[Section]) -> Iterator[str]:
    """Those of one layer; spans of one label in the same order are the same one."""
    matcher = SequenceMatcher(None, [span.label for span in before], [span.label for span in after], autojunk=False)
    for _, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        old, new = before[old_from:old_to], after[new_from:new_to]
        for one, other in zip(old, new, strict=False):
            yield from _span_change(one, other)
        for gone in old[len(new) :]:
            yield f"{gone.layer} {gone.name} at {clock_face(gone.start)} removed"
        for come in new[len(old) :]:
            yield f"{come.layer} {come.name} at {clock_face(come.start)} added"


def _span_change(before: Section, after: Section) -> Iterator[str]:
    if before.label != after.label:
        yield f"{before.layer} {before.name} at {clock_face(before.start)} is {after.name} now"
    if (before.start, before.end) != (after.start, after.end):
        yield f"{after.layer} {after.name} {_extent(before)} → {_extent(after)}"
    if before.energy != after.energy:
        yield f"{after.layer} {after.name}: energy {before.energy or 0} → {after.energy or 0}"


def _extent(span: Section) -> str:
    return f"{clock_face(span.start)} to {clock_face(span.end)}"
