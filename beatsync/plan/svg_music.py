"""The music along one line of the drawing: time, energy, sections, phrases, bars and beats. No cues."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from beatsync.core.track import Section, Track
from beatsync.core.units import clock_face
from beatsync.plan.facts import counted, length_in_bars
from beatsync.plan.svg_axis import Run, Window, closest_for, runs, time_marks
from beatsync.plan.svg_colours import FAINT, HAIR, INK, PANEL, PAPER, SOFT, colour_of, tint
from beatsync.plan.svg_ruler import RULER_HEIGHT, odd_features, ruler
from beatsync.plan.svg_shapes import empty_stave, fitted, group, number, path, rect, text, ticks, width_of

MOST_ENERGY: Final = 4

_AXIS: Final = 20.0
_LEVEL: Final = 12.0
_BLOCK: Final = 36.0
_PHRASE: Final = 16.0
_GAP: Final = 4.0
_NARROWEST_SPAN: Final = 1.5
_MOST_SPANS: Final = 1200


@dataclass(frozen=True, slots=True)
class Staves:
    """Where each stave of the music begins, for one track, from `top` down; `bottom` is where the cues begin."""

    top: float
    energy: float
    sections: float
    phrases: float
    ruler: float
    bottom: float


def staves_at(top: float, track: Track) -> Staves:
    """The staves of a line that begins at `top`; there is none for phrases where the track has no phrases."""
    energy = top + _AXIS + 6
    sections = energy + MOST_ENERGY * _LEVEL
    phrases = sections + _BLOCK + _GAP
    ruler = phrases + (_PHRASE + _GAP if track.phrases else 0)
    return Staves(top, energy, sections, phrases, ruler, ruler + RULER_HEIGHT + _GAP)


def overview(track: Track, window: Window, top: float) -> tuple[str, float]:
    """Energy and sections of the whole track in one line, and where that ends."""
    staves = staves_at(top, track)
    return _time(window, staves, staves.sections + _BLOCK) + _skyline(track, window, staves), staves.sections + _BLOCK


def music(track: Track, window: Window, staves: Staves, bottom: float) -> Iterator[str]:
    """The music of one line; time and the sections' bounds go on down to `bottom`, behind the cues."""
    yield _columns(track, window, staves, bottom)
    yield _time(window, staves, bottom)
    yield _skyline(track, window, staves)
    if track.phrases:
        yield _label("phrases", staves.phrases + 11, window)
        yield group(_phrases(track, window, staves))
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
        for section in _shown(track.sections, window)
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
    levels = [staves.sections - level * _LEVEL for level in range(1, MOST_ENERGY + 1)]
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
        parts.append(empty_stave("this track has no sections", window.left, staves.sections, window.width, _BLOCK))
    spans = _shown(track.sections, window)
    for run in _span_runs(spans, track, window):
        parts += _tower(spans, run, window, staves)
    return group(parts)


def _span_runs(spans: Sequence[Section], track: Track, window: Window) -> Iterator[Run]:
    share = max(round(_MOST_SPANS * (window.end - window.start) / (track.duration + 1)), 60)
    starts = [span.start for span in spans]
    return runs(starts, closest_for([starts], ns_per_pixel=window.ns_per_pixel, budget=share), ())


def _tower(spans: Sequence[Section], run: Run, window: Window, staves: Staves) -> Iterator[str]:
    section = spans[run.first]
    clip = window.clip(section.start, spans[run.last].end)
    if clip is None:
        return
    left, width = clip[0], max(clip[1] - clip[0], 1.0)
    if run.count > 1:
        several = _several(spans, run, "section")
        yield rect(left, staves.sections, width, _BLOCK, fill=SOFT, title=several)
        return
    colour, title = colour_of(section), _span_title(section)
    if section.energy is None:
        yield _unknown_energy(left, width, staves, title)
    else:
        height = section.energy * _LEVEL
        yield rect(left, staves.sections - height, width, height, fill=tint(colour, 0.45).hex, title=title)
    yield rect(left, staves.sections, width, _BLOCK, fill=colour.hex, stroke=PAPER, stroke_width=1, title=title)
    size, name = _words(section, window, width - 9)
    yield text(left + 5, staves.sections + 16, name, font_size=size, font_weight="bold", fill=colour.ink)
    length = fitted(length_in_bars(section), width - 9, 10)
    yield text(left + 5, staves.sections + 29, length, font_size=10, fill=colour.ink, fill_opacity=0.85)


def _unknown_energy(left: float, width: float, staves: Staves, title: str) -> str:
    top = staves.sections - MOST_ENERGY * _LEVEL
    mark = text(left + width / 2, top + 30, "?" if width >= 12 else "", font_size=14, fill=FAINT, text_anchor="middle")
    edge = rect(
        left + 1,
        top + 1,
        width - 2,
        MOST_ENERGY * _LEVEL - 2,
        fill="none",
        stroke=FAINT,
        stroke_dasharray="3 3",
        title=f"{title}\nenergy unknown",
    )
    return edge + mark


def _words(
    section: Section, window: Window, width: float, *, sizes: Sequence[float] = (13.0, 11.0, 9.0)
) -> tuple[float, str]:
    """Font size and name of a section, as large and as much of it as there is room for."""
    name = _name(section, window)
    for size in sizes:
        for words in (name, section.name, section.label or section.name):
            if fitted(words, width, size, bold=True) == words:
                return size, words
    return sizes[-1], fitted(name, width, sizes[-1], bold=True)


def _name(section: Section, window: Window) -> str:
    """`Drop 2/3`, after an ellipsis where it goes on from the line above."""
    total = f"/{section.occurrences}" if section.occurrences > 1 else ""
    return ("… " if section.start < window.start else "") + section.name + total


def _span_title(span: Section) -> str:
    lines = [f"{span.name}{f' of {span.occurrences}' if span.occurrences > 1 else ''}"]
    lines.append(f"{clock_face(span.start)} to {clock_face(span.end)}, {length_in_bars(span)}")
    if span.bar is not None:
        lines.append(f"from bar {span.bar}")
    lines.append(f"energy {span.energy}" if span.energy is not None else "energy unknown")
    return "\n".join(lines)


def _several(spans: Sequence[Section], run: Run, noun: str) -> str:
    names = ", ".join(span.name for span in spans[run.first : min(run.last + 1, run.first + 12)])
    return f"{counted(run.count, noun)} from {clock_face(spans[run.first].start)}: {names}"


def _phrases(track: Track, window: Window, staves: Staves) -> Iterator[str]:
    spans = _shown(track.phrases, window)
    for run in _span_runs(spans, track, window):
        phrase = spans[run.first]
        clip = window.clip(phrase.start, spans[run.last].end)
        if clip is None:
            continue
        left, width = clip[0], max(clip[1] - clip[0], 1.0)
        colour = tint(colour_of(phrase), 0.38)
        title = _span_title(phrase) if run.count == 1 else _several(spans, run, "phrase")
        fill = colour.hex if run.count == 1 else FAINT
        yield rect(left + 0.5, staves.phrases, width - 1, _PHRASE, rx=3, fill=fill, title=title)
        if run.count == 1:
            _, name = _words(phrase, window, width - 10, sizes=(10.0,))
            yield text(left + 6, staves.phrases + 11.5, name, font_size=10, fill=INK)


def features(track: Track) -> Iterator[str]:
    """Which marks the music calls for, for the legend."""
    if any(section.energy is None for section in track.sections):
        yield "unknown energy"
    if track.grid:
        yield from odd_features(track.grid)
