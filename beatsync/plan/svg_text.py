"""How wide words are about to be, and as much of them as there is room for. It draws nothing.

Whose fonts draw the picture is not known: widths are those of DejaVu Sans, the widest of those that it asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from types import MappingProxyType
from typing import Final
from unicodedata import combining, east_asian_width

ELLIPSIS: Final = "…"

_MONO_CELL: Final = 0.605
_BOLD: Final = 1.13
_USUAL: Final = 0.635
_WIDE: Final = 1.1
_UNKNOWN: Final = 0.75
_WIDTHS: Final[Mapping[str, float]] = MappingProxyType(
    {chr(code): _USUAL for code in range(0x20, 0x7F)}
    | dict.fromkeys("',.IJijl·", 0.32)
    | dict.fromkeys(" !()-/:;[\\]frt|", 0.42)
    | dict.fromkeys('"*?L_`csz', 0.56)
    | dict.fromkeys("ABCNRUVXZ", 0.75)
    | dict.fromkeys("#&+<=>DGHOQ^w~", 0.85)
    | dict.fromkeys("%@MWm…", 1.0)
)
_FEWEST_KEPT: Final = 4


def plain(text: str) -> str:
    """Text that XML may carry and people can see: what is not printable is replaced, lines are kept."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in text)


def width_of(content: str, size: float, *, mono: bool = False, bold: bool = False) -> float:
    """About how wide a text is, rather too wide."""
    if mono and content.isascii():
        return len(content) * size * _MONO_CELL
    return sum(_cell(char, mono=mono, bold=bold) for char in content) * size


def _cell(char: str, *, mono: bool, bold: bool) -> float:
    """One character's width for each pixel of size."""
    if east_asian_width(char) in "WF":
        return _WIDE
    if combining(char):
        return 0.0
    return (_MONO_CELL if mono else _WIDTHS.get(char, _UNKNOWN)) * (_BOLD if bold else 1)


def whole(content: str, width: float, size: float, *, mono: bool = False, bold: bool = False) -> str:
    """The text on one line if it fits into `width`; else nothing."""
    content = plain(content).replace("\n", " ")
    return content if width_of(content, size, mono=mono, bold=bold) <= width else ""


def fitted(content: str, width: float, size: float, *, mono: bool = False, bold: bool = False) -> str:
    """As much of a text as fits into `width`: where it is too long its middle is left out, since start and end tell
    most; nothing rather than a few letters.
    """
    content = plain(content).replace("\n", " ")
    if whole(content, width, size, mono=mono, bold=bold):
        return content
    room = width - width_of(ELLIPSIS, size, mono=mono, bold=bold)
    head, tail = 0, len(content)
    of_head = of_tail = 0.0
    while head < tail:
        next_char = content[head] if of_head <= of_tail else content[tail - 1]
        wide = width_of(next_char, size, mono=mono, bold=bold)
        if of_head + of_tail + wide > room:
            break
        if of_head <= of_tail:
            head, of_head = head + 1, of_head + wide
        else:
            tail, of_tail = tail - 1, of_tail + wide
    if head + len(content) - tail < _FEWEST_KEPT:
        return ""
    return content[:head].rstrip() + ELLIPSIS + content[tail:].lstrip()


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
    most = max(int(width / (_WIDE * size)), 1)
    if width_of(word, size) <= width:
        return [word]
    return ["".join(c for _, c in its) for _, its in groupby(enumerate(word), key=lambda pair: pair[0] // most)]
