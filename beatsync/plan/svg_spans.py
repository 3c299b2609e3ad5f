"""Sections as towers, as high as their energy, and phrases as chips below. No cues.

A layer of very many spans is drawn without words: its colours and heights alone, a few paths for thousands of spans.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from beatsync.core.track import Section
from beatsync.core.units import clock_face
from beatsync.plan.facts import counted, length_in_bars
from beatsync.plan.svg_axis import CLOSEST, Window
from beatsync.plan.svg_colours import FAINT, INK, PAPER, Colour, colour_of, tint
from beatsync.plan.svg_shapes import box, path, rect, text
from beatsync.plan.svg_text import fitted, plain, whole

MOST_ENERGY: Final = 4
LEVEL: Final = 12.0
"""How high one step of energy is."""
BLOCK: Final = 36.0
PHRASE: Final = 16.0
MOST_WORDED: Final = 400
"""Layers of more spans than this are drawn without words."""

_NAMES_OF_SEVERAL: Final = 12
_SIZES: Final = (13.0, 11.0, 10.0)
_PHRASE_SIZE: Final = 10.0
_WIDE_BLOCK: Final = 130.0
_THIN: Final = 0.45
_THINNER: Final = 0.38


@dataclass(frozen=True, slots=True)
class Clump:
    """Neighbours too narrow to be told apart, mostly just one, and where they are; `chief`: the most energetic."""

    spans: Sequence[Section]
    left: float
    right: float

    @property
    def width(self) -> float:
        """In pixels, at least one."""
        return max(self.right - self.left, 1.0)

    @property
    def chief(self) -> Section:
        """The one that stands for all."""
        return max(self.spans, key=lambda span: span.energy or 0)

    @property
    def title(self) -> str:
        """What appears when the pointer rests on it."""
        if len(self.spans) == 1:
            return _title(self.spans[0])
        names = ", ".join(span.name for span in self.spans[:_NAMES_OF_SEVERAL])
        noun = str(self.spans[0].layer)
        return f"{counted(len(self.spans), noun)} from {clock_face(self.spans[0].start)}: {names}"


def clumps(spans: Sequence[Section], window: Window) -> Iterator[Clump]:
    """The spans on a line, neighbours put together until they are wide enough to be seen."""
    first = 0
    for index, span in enumerate(spans):
        clip = window.clip(spans[first].start, span.end)
        if clip and (clip[1] - clip[0] >= CLOSEST or index + 1 == len(spans)):
            yield Clump(spans[first : index + 1], *clip)
            first = index + 1


def towers(spans: Sequence[Section], window: Window, base: float, *, worded: bool) -> Iterator[str]:
    """The sections on a line: blocks below `base`, their energy standing on it."""
    if not worded:
        yield from _plain(spans, window, base - MOST_ENERGY * LEVEL, base)
        return
    for clump in clumps(spans, window):
        yield from _tower(clump, window, base)


def chips(spans: Sequence[Section], window: Window, top: float, *, worded: bool) -> Iterator[str]:
    """The phrases on a line."""
    if not worded:
        yield from _paths(
            (tint(colour_of(clump.chief), _THINNER), _box(clump, top, PHRASE)) for clump in clumps(spans, window)
        )
        return
    for clump in clumps(spans, window):
        colour = tint(colour_of(clump.chief), _THINNER)
        yield rect(clump.left + 0.5, top, clump.width - 1, PHRASE, rx=3, fill=colour.hex, title=clump.title)
        if len(clump.spans) == 1:
            room = clump.width - 10
            name = _whole_name(clump.chief, window, room, _PHRASE_SIZE, bold=False)
            name = name or fitted(name_of(clump.chief, window), room, _PHRASE_SIZE)
            yield text(clump.left + 6, top + 11.5, name, font_size=_PHRASE_SIZE, fill=INK)


def _plain(spans: Sequence[Section], window: Window, top: float, base: float) -> Iterator[str]:
    shown = list(clumps(spans, window))
    yield from _paths((colour_of(clump.chief), _box(clump, base, BLOCK)) for clump in shown)
    yield from _paths(
        (tint(colour_of(clump.chief), _THIN), _box(clump, base - height, height))
        for clump in shown
        if (height := (clump.chief.energy or 0) * LEVEL)
    )
    unknown = "".join(_box(clump, top, base - top) for clump in shown if clump.chief.energy is None)
    if unknown:
        yield path(unknown, fill="none", stroke=FAINT, stroke_dasharray="3 3")


def _box(clump: Clump, top: float, height: float) -> str:
    return box(clump.left, top, clump.width, height)


def _paths(boxes: Iterable[tuple[Colour, str]]) -> Iterator[str]:
    """One path for each colour."""
    of_colour: dict[str, list[str]] = {}
    for colour, commands in boxes:
        of_colour.setdefault(colour.hex, []).append(commands)
    return (path("".join(commands), fill=fill) for fill, commands in of_colour.items())


def _tower(clump: Clump, window: Window, base: float) -> Iterator[str]:
    section, left, width, title = clump.chief, clump.left, clump.width, clump.title
    colour = colour_of(section)
    if section.energy is None:
        yield _unknown_energy(left, width, base, title)
    else:
        height = section.energy * LEVEL
        yield rect(left, base - height, width, height, fill=tint(colour, _THIN).hex, title=title)
    edge = PAPER if width > 4 else None
    yield rect(left, base, width, BLOCK, fill=colour.hex, stroke=edge, stroke_width=1 if edge else None, title=title)
    if len(clump.spans) > 1:
        return
    size, name = inscription(clump, window)
    yield text(left + 5, base + 16, name, font_size=size, font_weight="bold", fill=colour.ink)
    length = whole(length_in_bars(section), width - 9, 10)
    yield text(left + 5, base + 29, length, font_size=10, fill=colour.ink, fill_opacity=0.85)


def inscription(clump: Clump, window: Window) -> tuple[float, str]:
    """Font size and what is written on a section's block: its name, as large as there is room for.

    One too long even for a wide block loses its middle; a narrow block is left blank, for a name beside it.
    """
    section, room = clump.chief, clump.width - 9
    for size in _SIZES:
        if name := _whole_name(section, window, room, size, bold=True):
            return size, name
    size = _SIZES[-1]
    return size, fitted(name_of(section, window), room, size, bold=True) if clump.width >= _WIDE_BLOCK else ""


def _whole_name(section: Section, window: Window, room: float, size: float, *, bold: bool) -> str:
    """The name with how many there are, or without, or the label alone; nothing where none of them fits."""
    for words in (name_of(section, window), section.name, section.label or section.name):
        if whole(words, room, size, bold=bold):
            return plain(words)
    return ""


def _unknown_energy(left: float, width: float, base: float, title: str) -> str:
    top = base - MOST_ENERGY * LEVEL
    mark = text(left + width / 2, top + 30, "?" if width >= 12 else "", font_size=14, fill=FAINT, text_anchor="middle")
    edge = rect(
        left + 1,
        top + 1,
        width - 2,
        MOST_ENERGY * LEVEL - 2,
        fill="none",
        stroke=FAINT,
        stroke_dasharray="3 3",
        title=f"{title}\nenergy unknown",
    )
    return edge + mark


def name_of(section: Section, window: Window) -> str:
    """`Drop 2/3`, after an ellipsis where it goes on from the line above."""
    total = f"/{section.occurrences}" if section.occurrences > 1 else ""
    return ("… " if section.start < window.start else "") + section.name + total


def _title(span: Section) -> str:
    lines = [f"{span.name}{f' of {span.occurrences}' if span.occurrences > 1 else ''}"]
    lines.append(f"{clock_face(span.start)} to {clock_face(span.end)}, {length_in_bars(span)}")
    if span.bar is not None:
        lines.append(f"from bar {span.bar}")
    lines.append(f"energy {span.energy}" if span.energy is not None else "energy unknown")
    return "\n".join(lines)
