"""The words around the drawing: its head, the legend, the warnings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from beatsync.core.notes import Note
from beatsync.core.schedule import Schedule
from beatsync.core.track import Track
from beatsync.plan.facts import counted, cue_facts, track_facts
from beatsync.plan.svg_colours import (
    FAINT,
    INK,
    ODD,
    PANEL,
    PICK_UP,
    SOFT,
    WARNING,
    WARNING_PAPER,
    Colour,
    tint,
)
from beatsync.plan.svg_shapes import arrow, label, number, path, rect, text
from beatsync.plan.svg_text import folded, width_of

_NOTES_SHOWN: Final = 16
_LINES_OF_A_NOTE: Final = 3
_LINE: Final = 18.0
_SAMPLE: Final = 30.0
_SAMPLE_COLOUR: Final = Colour(0x3F, 0x78, 0xC4)


@dataclass(slots=True)
class Page:
    """The drawing as it grows downwards: its elements so far, and where the next ones go."""

    left: float
    width: float
    y: float
    parts: list[str] = field(default_factory=list)

    def add(self, *parts: str, height: float = 0.0) -> None:
        """Put elements on it, and go down by `height`."""
        self.parts += parts
        self.y += height


def head(page: Page, title: str, track: Track, schedule: Schedule, *, warnings: int) -> None:
    """The title and what there is to say of the track."""
    page.add(height=30)
    room = page.width - (220 if warnings else 0)
    page.add(label(page.left, page.y, title, room, size=26, bold=True, fill=INK))
    page.add(height=24)
    facts = "   ·   ".join([*track_facts(track), cue_facts(schedule)])
    page.add(label(page.left, page.y, facts, page.width, size=14, fill=SOFT))
    if warnings:
        right = page.left + page.width
        said = f"{counted(warnings, 'warning')}, below"
        page.add(
            text(right, page.y - 24, said, font_size=14, font_weight="bold", text_anchor="end", fill=WARNING),
            _triangle(right - width_of(said, 14, bold=True) - 14, page.y - 29),
        )
    page.add(height=22)


def legend(page: Page, features: Sequence[str]) -> None:
    """What the marks mean, as far as they occur."""
    page.add(height=12)
    if not features:
        return
    x = page.left
    for name in (name for name in _MEANINGS if name in features):
        meaning = _MEANINGS[name]
        needed = _SAMPLE + 8 + width_of(meaning, 11) + 22
        if x + needed > page.left + page.width and x > page.left:
            x = page.left
            page.add(height=22)
        page.add(*_sample(name, x, page.y), text(x + _SAMPLE + 8, page.y + 12, meaning, font_size=11, fill=SOFT))
        x += needed
    page.add(height=30)


_MEANINGS: Final = {
    "pulse": "pulse: a hit",
    "band": "many cues: the darker, the denser",
    "state": "state: a look, with its address",
    "stands": "looks on after its span: nothing ends it",
    "end": "ends a look",
    "hold": "holds so long, then ends",
    "unknown energy": "energy unknown",
    "odd bar": "bar of odd length",
    "pick-up": "pick-up",
    "outside": "outside the track",
}


def _sample(name: str, x: float, y: float) -> Iterator[str]:
    match name:
        case "pulse":
            yield from (rect(x + 6 + step, y + 1, 1.6, 13, fill=INK) for step in (0, 9, 18))
        case "band":
            yield rect(x, y + 1, _SAMPLE / 2, 13, fill=INK, fill_opacity=0.35)
            yield rect(x + _SAMPLE / 2, y + 1, _SAMPLE / 2, 13, fill=INK, fill_opacity=0.75)
        case "state":
            yield rect(x, y + 1, _SAMPLE, 13, fill=tint(_SAMPLE_COLOUR, 0.42).hex)
            yield rect(x, y + 1, 3, 13, fill=_SAMPLE_COLOUR.hex)
        case "stands":
            line = f"M{number(x)} {number(y + 7.5)}h{number(_SAMPLE)}"
            yield path(line, stroke=_SAMPLE_COLOUR.hex, stroke_width=2, stroke_dasharray="2 4", fill="none")
        case "end":
            yield arrow(x + 17, y + 7.5, fill=INK)
        case "hold":
            yield rect(x + 2, y + 1, 1.6, 13, fill=INK)
            yield rect(x + 2, y + 6.5, 22, 2, fill=SOFT, fill_opacity=0.6)
            yield arrow(x + 26, y + 7.5, fill=INK)
        case "unknown energy":
            yield rect(x + 1, y + 1, 28, 13, fill="none", stroke=FAINT, stroke_dasharray="3 3")
        case "outside":
            yield rect(x, y + 1, _SAMPLE, 13, fill=PANEL, stroke=FAINT)
        case _:
            colour = ODD if name == "odd bar" else PICK_UP
            yield rect(x + 1, y + 1, 28, 13, fill=colour, fill_opacity=0.28, stroke=colour, stroke_opacity=0.7)


def remark_on_edges(page: Page, count: int) -> None:
    """Says that so many cues are not drawn where they belong."""
    if count:
        said = f"{counted(count, 'cue')} further outside the track than is drawn: put at the edges"
        page.add(text(page.left, page.y + 6, said, font_size=12, font_style="italic", fill=SOFT), height=26)


def warnings(page: Page, notes: Sequence[Note]) -> None:
    """What a person should know, in a box that cannot be missed."""
    if not notes:
        return
    lines = list(_warning_lines(notes, page.width - 60))
    height = 42 + _LINE * len(lines)
    page.add(
        rect(page.left, page.y, page.width, height, rx=6, fill=WARNING_PAPER, stroke=WARNING),
        _triangle(page.left + 22, page.y + 20),
        text(
            page.left + 40,
            page.y + 25,
            counted(len(notes), "warning"),
            font_size=14,
            font_weight="bold",
            fill=WARNING,
        ),
        height=48,
    )
    for line in lines:
        page.add(text(page.left + 40, page.y, line, font_size=12, fill=INK), height=_LINE)
    page.add(height=12)


def _warning_lines(notes: Sequence[Note], width: float) -> Iterator[str]:
    for note in notes[:_NOTES_SHOWN]:
        lines = folded(str(note)[:1000], width, 12)
        yield from lines[:_LINES_OF_A_NOTE]
    if len(notes) > _NOTES_SHOWN:
        yield f"and {len(notes) - _NOTES_SHOWN} more, which the table shows"


def _triangle(x: float, y: float) -> str:
    """A warning sign around a point; fonts that have one are rare."""
    outline = f"M{number(x)} {number(y - 8)}L{number(x + 9)} {number(y + 7)}H{number(x - 9)}Z"
    mark = f"M{number(x)} {number(y - 3)}v5M{number(x)} {number(y + 3.6)}v1.6"
    return path(outline, fill=WARNING, stroke=WARNING, stroke_width=2, stroke_linejoin="round") + path(
        mark, stroke="#ffffff", stroke_width=1.8
    )
