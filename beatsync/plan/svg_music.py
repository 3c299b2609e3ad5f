"""The music along one line of the drawing: time, energy, sections, phrases, bars and beats. No cues."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from beatsync.core.track import Section, Track
from beatsync.plan.svg_axis import Window, time_marks
from beatsync.plan.svg_callouts import ROW, Callout, callouts, drawn_callouts, rows_of
from beatsync.plan.svg_colours import FAINT, HAIR, PANEL, SOFT, colour_of, tint
from beatsync.plan.svg_ruler import RULER_HEIGHT, odd_features, ruler
from beatsync.plan.svg_shapes import empty_stave, group, number, path, rect, text, ticks
from beatsync.plan.svg_spans import BLOCK, LEVEL, MOST_ENERGY, MOST_WORDED, PHRASE, chips, towers
from beatsync.plan.svg_text import width_of

_AXIS: Final = 20.0
_GAP: Final = 4.0
_NARROWEST_SPAN: Final = 1.5


@dataclass(frozen=True, slots=True)
class Staves:
    """Where each stave of the music begins, for one line, from `top` down; `bottom` is where the cues begin.

    `names`: those of narrow sections, which stand between the sections and the phrases.
    """

    top: float
    energy: float
    sections: float
    names: tuple[Callout, ...]
    phrases: float
    ruler: float
    bottom: float


def staves_at(top: float, track: Track, window: Window) -> Staves:
    """The staves of a line that begins at `top`; there is none for phrases where the track has no phrases."""
    energy = top + _AXIS + 6
    sections = energy + MOST_ENERGY * LEVEL
    names = callouts(_shown(track.sections, window), window) if len(track.sections) <= MOST_WORDED else ()
    phrases = sections + BLOCK + _GAP + rows_of(names) * ROW
    ruler = phrases + (PHRASE + _GAP if track.phrases else 0)
    return Staves(top, energy, sections, names, phrases, ruler, ruler + RULER_HEIGHT + _GAP)


def overview(track: Track, window: Window, top: float) -> tuple[str, float]:
    """Energy and sections of the whole track in one line, and where that ends."""
    staves = staves_at(top, track, window)
    return _time(window, staves, staves.sections + BLOCK) + _skyline(track, window, staves), staves.sections + BLOCK


def music(track: Track, window: Window, staves: Staves, bottom: float) -> Iterator[str]:
    """The music of one line; time and the sections' bounds go on down to `bottom`, behind the cues."""
    yield _columns(track, window, staves, bottom)
    yield _time(window, staves, bottom)
    yield _skyline(track, window, staves)
    yield group(drawn_callouts(staves.names, staves.sections + BLOCK + _GAP))
    if track.phrases:
        yield _label("phrases", staves.phrases + 11, window)
        worded = len(track.phrases) <= MOST_WORDED
        yield group(chips(_shown(track.phrases, window), window, staves.phrases, worded=worded))
    yield _label("bars" if track.grid and track.grid.bars else "beats", staves.ruler + 17, window)
    yield group(ruler(track.grid, window, staves.ruler))


def _label(content: str, y: float, window: Window) -> str:
    return text(window.left - 14, y, content, text_anchor="end", font_size=11, fill=SOFT)


def _time(window: Window, staves: Staves, bottom: float) -> str:
    base = staves.top + _AXIS
    marks = [(window.x(position), face) for position, face in time_marks(window)]
    return group(
        [
            path(ticks((x for x, _ in marks), base - 5, bottom), stroke=HAIR, stroke_width=1),
            path(f"M{number(window.left)} {number(base)}H{number(window.right)}", stroke=FAINT, stroke_width=1),
            *(_face(x, base - 5, face, window) for x, face in marks),
        ],
        fill="none",
    )


def _face(x: float, y: float, face: str, window: Window) -> str:
    """A time right of its mark, or left of it where the line ends."""
    if x + width_of(face, 11) + 4 <= window.right:
        return text(x + 4, y, face, font_size=11, fill=SOFT)
    return text(x - 4, y, face, font_size=11, fill=SOFT, text_anchor="end")


def _columns(track: Track, window: Window, staves: Staves, bottom: float) -> str:
    """A breath of each section's colour down through the cues; the paper is darker where there is no track."""
    parts = [
        rect(clip[0], staves.ruler, clip[1] - clip[0], bottom - staves.ruler, fill=tint(colour_of(section), 0.09).hex)
        for section in (_shown(track.sections, window) if len(track.sections) <= MOST_WORDED else ())
        if (clip := window.clip(section.start, section.end)) and clip[1] - clip[0] >= _NARROWEST_SPAN
    ]
    for start, end, where in ((window.start, 0, "before the track"), (track.duration, window.end, "after the track")):
        if (clip := window.clip(start, end)) and end > start:
            top = staves.top + _AXIS
            parts.append(rect(clip[0], top, clip[1] - clip[0], bottom - top, fill=PANEL, title=where))
    return group(parts)


def _shown(spans: Sequence[Section], window: Window) -> Sequence[Section]:
    last = bisect_left(spans, window.end, key=lambda span: span.start)
    first = bisect_left(spans, window.start + 1, key=lambda span: span.end)
    return spans[first:last]


def _skyline(track: Track, window: Window, staves: Staves) -> str:
    """Sections as blocks, with their energy standing on them."""
    levels = [staves.sections - level * LEVEL for level in range(1, MOST_ENERGY + 1)]
    lines = "".join(f"M{number(window.left)} {number(y)}H{number(window.right)}" for y in levels)
    parts = [
        path(lines, stroke=HAIR, stroke_width=1, stroke_dasharray="1 3", fill="none"),
        *(
            text(window.left - 4, y + 8, str(level), font_size=8, fill=FAINT, text_anchor="end")
            for level, y in enumerate(levels, 1)
        ),
        _label("energy", staves.sections - 18, window),
        _label("sections", staves.sections + 22, window),
    ]
    if not track.sections:
        parts.append(empty_stave("this track has no sections", window.left, staves.sections, window.width, BLOCK))
    spans = _shown(track.sections, window)
    parts += towers(spans, window, staves.sections, worded=len(track.sections) <= MOST_WORDED)
    return group(parts)


def features(track: Track) -> Iterator[str]:
    """Which marks the music calls for, for the legend."""
    if any(section.energy is None for section in track.sections):
        yield "unknown energy"
    if track.grid:
        yield from odd_features(track.grid)
