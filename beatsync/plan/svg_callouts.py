"""Names of sections too narrow to carry them: beside their blocks, each on a leader, like places on a map. No cues."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from beatsync.core.track import Section
from beatsync.plan.svg_axis import Window
from beatsync.plan.svg_colours import INK, PAPER, Colour, colour_of
from beatsync.plan.svg_shapes import number, path, rect, text
from beatsync.plan.svg_spans import Clump, clumps, inscription, name_of
from beatsync.plan.svg_text import fitted, plain, width_of

ROW: Final = 13.0
"""How high a row of names is."""

_MOST_ROWS: Final = 6
_SIZE: Final = 10.0
_WIDEST: Final = 200.0
_FLAG: Final = 4.0
_APART: Final = 8.0
_BEYOND: Final = 24.0
"""How far names may go into the page's margin."""


@dataclass(frozen=True, slots=True)
class Callout:
    """A name in row `row` from 0 down; its leader is at `x`, its words begin at `left`.

    `title`: the whole of it where it had to be cut.
    """

    words: str
    title: str
    colour: Colour
    x: float
    left: float
    row: int


def callouts(spans: Sequence[Section], window: Window) -> tuple[Callout, ...]:
    """A name for each section on the line whose block is blank, as far as there is room in six rows.

    From right to left each takes the first row that is still free to its right: so no leader crosses a name.
    """
    right = window.right + _BEYOND
    free = [right + _APART] * _MOST_ROWS
    placed: list[Callout] = []
    for clump in reversed([clump for clump in clumps(spans, window) if _is_blank(clump, window)]):
        name = plain(name_of(clump.chief, window))
        words = fitted(name, _WIDEST, _SIZE)
        x, wide = (clump.left + clump.right) / 2, width_of(words, _SIZE)
        left = min(x + _FLAG, right - wide)
        row = next((row for row, end in enumerate(free) if left + wide + _APART <= end), None)
        if row is not None and words:
            free[row] = min(left, x)
            placed.append(Callout(words, "" if words == name else name, colour_of(clump.chief), x, left, row))
    return tuple(placed)


def _is_blank(clump: Clump, window: Window) -> bool:
    return len(clump.spans) == 1 and clump.chief.label is not None and not inscription(clump, window)[1]


def rows_of(names: Sequence[Callout]) -> int:
    """How many rows they take."""
    return max((name.row + 1 for name in names), default=0)


def drawn_callouts(names: Sequence[Callout], top: float) -> Iterator[str]:
    """The names, their rows from `top` down; their leaders come from just above."""
    for name in names:
        line = f"M{number(name.x)} {number(top - 4)}V{number(top + name.row * ROW + ROW - 5)}"
        yield path(line, stroke=name.colour.hex, stroke_width=1.5, fill="none")
    for name in names:
        y = top + name.row * ROW
        yield rect(name.left - 1, y, width_of(name.words, _SIZE) + 2, ROW - 1, fill=PAPER)
        yield text(name.left, y + ROW - 3, name.words, title=name.title, font_size=_SIZE, fill=INK)
