"""SVG elements as text: numbers short, text escaped. It knows nothing of music, and makes no references.

Coordinates are pixels of the drawing, y downwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Final

from beatsync.plan.svg_colours import PANEL, SOFT
from beatsync.plan.svg_text import ELLIPSIS, fitted, plain

SANS: Final = "Inter, Helvetica Neue, Arial, DejaVu Sans, sans-serif"
MONO: Final = "Menlo, Consolas, DejaVu Sans Mono, monospace"
MAX_TITLE_CHARACTERS: Final = 300


def number(value: float) -> str:
    """A coordinate with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value else "0"


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


def text(x: float, y: float, content: str, *, title: str = "", **values: float | str | None) -> str:
    """One line of text with its baseline at `y`; nothing where there is nothing to write.

    `title`: what appears when the pointer rests on it: the whole of what had to be cut. Without one the pointer meets
    what lies beneath.
    """
    if not content:
        return ""
    tip = f"<title>{escape(_short(title), quote=False)}</title>" if title else ""
    through = None if title else "none"
    head = attributes({"x": x, "y": y, **values, "pointer_events": through})
    return f"<text{head}>{escape(plain(content), quote=False)}{tip}</text>"


def label(
    x: float,
    y: float,
    content: str,
    width: float,
    *,
    size: float,
    mono: bool = False,
    bold: bool = False,
    **values: float | str | None,
) -> str:
    """A text of at most `width`: the whole of it appears on resting the pointer where its middle had to be left out."""
    shown = fitted(content, width, size, mono=mono, bold=bold)
    return text(
        x,
        y,
        shown,
        title="" if shown == plain(content) else content,
        font_size=size,
        font_weight="bold" if bold else None,
        font_family=MONO if mono else None,
        **values,
    )


def group(parts: Iterable[str], **values: float | str | None) -> str:
    """Elements that share attributes."""
    inside = "".join(parts)
    return f"<g{attributes(values)}>{inside}</g>\n" if inside else ""


def empty_stave(content: str, x: float, y: float, width: float, height: float) -> str:
    """A grey box that says why there is nothing."""
    words = text(x + 12, y + height / 2 + 4, content, font_size=12, font_style="italic", fill=SOFT)
    return rect(x, y, width, height, fill=PANEL) + words


def _short(title: str) -> str:
    title = plain(title)
    return title if len(title) <= MAX_TITLE_CHARACTERS else title[: MAX_TITLE_CHARACTERS - 1] + ELLIPSIS
