"""Colours: a section's own where it is one for certain, else its label's from a palette. Only `#rrggbb` comes out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from zlib import crc32

from beatsync.core.track import Section

PAPER: Final = "#fbfaf7"
PANEL: Final = "#f2efe9"
INK: Final = "#22242b"
SOFT: Final = "#676a74"
FAINT: Final = "#b9b6ae"
HAIR: Final = "#dedad1"
WARNING: Final = "#b45309"
WARNING_PAPER: Final = "#fff3d6"
ODD: Final = "#e8930c"
PICK_UP: Final = "#7c5cd6"

_OF_LABEL: Final = MappingProxyType(
    {
        "intro": "#7aa6c2",
        "verse": "#4f8f8b",
        "chorus": "#e0a12f",
        "drop": "#d8432e",
        "bridge": "#8c6fc0",
        "climax": "#c2185b",
        "outro": "#6f7f95",
        "main": "#3f78c4",
        "break": "#7fb069",
        "build": "#ee7d31",
        "breakdown": "#4aa38c",
        "transition": "#a08f78",
        "peak": "#a8326e",
    },
)
_OTHERS: Final = ("#5b7db1", "#b8651b", "#5f9a4a", "#a3559b", "#2f8fa8", "#b34d4d", "#7a7f3a", "#6a5acd")
_UNLABELLED: Final = "#a9a69e"

_HEX: Final = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})\Z", re.ASCII)
_RGB: Final = re.compile(r"rgba?\(([^()]*)\)\Z", re.ASCII)
_NUMBER: Final = re.compile(r"(\d{1,4}(?:\.\d{1,6})?|\.\d{1,6})(%?)\Z", re.ASCII)
_FAINTEST: Final = 0.15
"""Colours more transparent than this cannot be told from the paper."""


@dataclass(frozen=True, slots=True)
class Colour:
    """Red, green and blue, 0 to 255."""

    red: int
    green: int
    blue: int

    @property
    def hex(self) -> str:
        """`#rrggbb`."""
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    @property
    def ink(self) -> str:
        """What is read best on it: dark or white."""
        linear = [(channel / 255) ** 2.2 for channel in (self.red, self.green, self.blue)]
        luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        return INK if luminance > 0.3 else "#ffffff"

    def over(self, under: Colour, share: float) -> Colour:
        """The colour laid over another one with so much opacity, 0 to 1."""
        pairs = ((self.red, under.red), (self.green, under.green), (self.blue, under.blue))
        return Colour(*(round(share * top + (1 - share) * bottom) for top, bottom in pairs))


def colour_of(section: Section | None) -> Colour:
    """The section's own colour, or its label's: the same for the same label in every track."""
    if section is None:
        return _from_hex(_UNLABELLED)
    return (parsed(section.colour) if section.colour else None) or _label_colour(section.label)


def tint(colour: Colour, share: float) -> Colour:
    """The colour thinned with paper."""
    return colour.over(_from_hex(PAPER), share)


def parsed(text: str) -> Colour | None:
    """`rgb()`, `rgba()` and `#hex` laid over the paper; None for anything else, and for what could not be seen."""
    text = text.strip().lower()
    if _HEX.match(text):
        digits = text[1:] if len(text) > 5 else "".join(2 * digit for digit in text[1:])
        opacity = int(digits[6:], 16) / 255 if len(digits) == 8 else 1.0
        return _seen(_from_hex(f"#{digits[:6]}"), opacity)
    found = _RGB.match(text)
    return _from_function(found[1]) if found else None


def _from_function(arguments: str) -> Colour | None:
    numbers = [_NUMBER.match(part.strip()) for part in arguments.split(",")]
    if not 3 <= len(numbers) <= 4 or not all(numbers):
        return None
    values = [(float(found[1]), found[2]) for found in numbers if found]
    channels = [value * 255 / 100 if unit else value for value, unit in values[:3]]
    opacity = 1.0 if len(values) == 3 else values[3][0] / (100 if values[3][1] else 1)
    if max(channels) > 255 or opacity > 1:
        return None
    return _seen(Colour(*map(round, channels)), opacity)


def _seen(colour: Colour, opacity: float) -> Colour | None:
    return tint(colour, opacity) if opacity >= _FAINTEST else None


def _label_colour(label: str | None) -> Colour:
    if label is None:
        return _from_hex(_UNLABELLED)
    key = label.casefold()
    return _from_hex(_OF_LABEL.get(key) or _OTHERS[crc32(key.encode("utf-8", "replace")) % len(_OTHERS)])


def _from_hex(text: str) -> Colour:
    return Colour(int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16))
