"""SVG elements as text: numbers short, text escaped and cut to fit. It knows nothing of music, and makes no references.

Coordinates are pixels of the drawing, y downwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from itertools import groupby
from typing import Final
from unicodedata import east_asian_width

from beatsync.plan.svg_colours import PANEL, SOFT

SANS: Final = "Inter, Helvetica Neue, Arial, DejaVu Sans, sans-serif"
MONO: Final = "Menlo, Consolas, DejaVu Sans Mono, monospace"
MAX_TITLE_CHARACTERS: Final = 300

_SANS_CELL: Final = 0.6
_MONO_CELL: Final = 0.605
_ELLIPSIS: Final = "…"


def number(value: float) -> str:
    """A coordinate with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value else "0"


def plain(text: str) -> str:
    """Text that XML may carry and people can see: what is not printable is replaced, lines are kept."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in text)


def attributes(values: Mapping[str, float | str | None]) -> str:
    """` name="value"` for each that is not None; `_` in a name stands for `-`."""
    return "".join(
        f' {name.replace("_", "-")}="{escape(plain(value)) if isinstance(value, str) else number(value)}"'
        for name, value in values.items()
        if value is not None
    )


def element(name: str, *, title: str = "", cues: int = 0, **values: float | str | None) -> str:
    """An element with what appears when the pointer rests on it; `cues`: how many cues it stands for."""
    head = f"<{name}{attributes(values)}" + (f' data-cues="{cues}"' if cues else "")
    return f"{head}><title>{escape(_short(title), quote=False)}</title></{name}>" if title else f"{head}/>"


def rect(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    title: str = "",
    cues: int = 0,
    **values: float | str | None,
) -> str:
    """A rectangle; negative extents are none."""
    return element(
        "rect",
        title=title,
        cues=cues,
        x=x,
        y=y,
        width=max(width, 0.0),
        height=max(height, 0.0),
        **values,
    )


def path(d: str, *, title: str = "", cues: int = 0, **values: float | str | None) -> str:
    """A path by its commands."""
    return element("path", title=title, cues=cues, d=d, **values)


def box(x: float, y: float, width: float, height: float) -> str:
    """Path commands of a rectangle: thousands of them are one element."""
    return f"M{number(x)} {number(y)}h{number(width)}v{number(height)}h{number(-width)}z"


def ticks(xs: Iterable[float], top: float, bottom: float) -> str:
    """Path commands of vertical strokes: thousands of them are one element."""
    length = number(bottom - top)
    return "".join(f"M{number(x)} {number(top)}v{length}" for x in xs)


def arrow(x: float, y: float, *, title: str = "", cues: int = 0, **values: float | str | None) -> str:
    """A small triangle that points left, its base at `x` and its middle at `y`: here something ends."""
    corners = f"{number(x - 4)},{number(y)} {number(x)},{number(y - 4)} {number(x)},{number(y + 4)}"
    return element("polygon", title=title, cues=cues, points=corners, **values)


def text(x: float, y: float, content: str, **values: float | str | None) -> str:
    """One line of text with its baseline at `y`; nothing where there is nothing to write."""
    if not content:
        return ""
    return f"<text{attributes({'x': x, 'y': y, **values})}>{escape(plain(content), quote=False)}</text>"


def group(parts: Iterable[str], **values: float | str | None) -> str:
    """Elements that share attributes."""
    inside = "".join(parts)
    return f"<g{attributes(values)}>{inside}</g>\n" if inside else ""


def empty_stave(content: str, x: float, y: float, width: float, height: float) -> str:
    """A grey box that says why there is nothing."""
    words = text(x + 12, y + height / 2 + 4, content, font_size=12, font_style="italic", fill=SOFT)
    return rect(x, y, width, height, fill=PANEL) + words


def width_of(content: str, size: float, *, mono: bool = False, bold: bool = False) -> float:
    """About how wide a text is, rather too wide: whose fonts draw it is not known."""
    cells = len(content) if content.isascii() else sum(2 if east_asian_width(c) in "WF" else 1 for c in content)
    return cells * size * (_MONO_CELL if mono else _SANS_CELL * 1.07 if bold else _SANS_CELL)


def fitted(content: str, width: float, size: float, *, mono: bool = False, bold: bool = False) -> str:
    """As much of a text as fits into `width`, with an ellipsis where it is cut; empty rather than two letters."""
    content = plain(content).replace("\n", " ")
    if width_of(content, size, mono=mono, bold=bold) <= width:
        return content
    cell = width_of("x", size, mono=mono, bold=bold)
    kept = content[: max(int(width / cell), 0)]
    while kept and width_of(kept + _ELLIPSIS, size, mono=mono, bold=bold) > width:
        kept = kept[:-1]
    return kept.rstrip() + _ELLIPSIS if len(kept) >= 3 else ""


def folded(content: str, width: float, size: float) -> list[str]:
    """A text in lines no wider than `width`, broken at spaces where there are any."""
    lines = [""]
    for word in plain(content).split():
        for piece in _pieces(word, width, size):
            longer = f"{lines[-1]} {piece}".strip()
            if width_of(longer, size) <= width:
                lines[-1] = longer
            else:
                lines.append(piece)
    return [line for line in lines if line]


def _pieces(word: str, width: float, size: float) -> list[str]:
    most = max(int(width / (2 * size * _SANS_CELL)), 1)
    if width_of(word, size) <= width:
        return [word]
    return ["".join(c for _, c in its) for _, its in groupby(enumerate(word), key=lambda pair: pair[0] // most)]


def _short(title: str) -> str:
    title = plain(title)
    return title if len(title) <= MAX_TITLE_CHARACTERS else title[: MAX_TITLE_CHARACTERS - 1] + _ELLIPSIS
