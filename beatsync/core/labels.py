"""Labels of sections and phrases: one spelling for each, and forms that are safe in addresses and arguments.

It never refuses a label: what the source writes is for the music to say. What could harm a receiver, a terminal or
a log is taken out.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from beatsync.core.limits import MAX_LABEL_CHARACTERS

KNOWN_LABELS: Final = (
    "Intro",
    "Verse",
    "Chorus",
    "Drop",
    "Bridge",
    "Climax",
    "Outro",
    "Main",
    "Break",
    "Build",
    "Breakdown",
    "Transition",
    "Peak",
)
"""The labels that AudioScape documents, in its spelling."""

MAX_ADDRESS_PART_CHARACTERS: Final = 64
"""Some receivers keep addresses in buffers of 128 or 256 bytes."""

_SPELLINGS: Final = MappingProxyType({label.casefold(): label for label in KNOWN_LABELS})
_UNSAFE_IN_ADDRESS: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# C0, DEL and C1 (white space apart), and the marks that turn the direction of the rest of a line round.
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def canonical(label: str) -> str:
    """The one spelling of a label: the source's for those it documents, else cleaned, capitalised and cut to length.

    Empty where nothing readable is left. Doing it twice changes nothing.

    >>> canonical(" drop ")
    'Drop'
    """
    readable = " ".join(_CONTROL.sub("", _SURROGATE.sub("\ufffd", label)).split())
    capitalised = readable[:1].upper() + readable[1:]
    return _SPELLINGS.get(readable.casefold(), capitalised[:MAX_LABEL_CHARACTERS].strip())


def is_known(label: str) -> bool:
    """Whether the source documents this label."""
    return label.casefold() in _SPELLINGS


def same_label(one: str, other: str) -> bool:
    """Whether two labels are the same, upper and lower case apart."""
    return one.casefold() == other.casefold()


def address_safe(label: str) -> str:
    """The label as one part of an OSC address: letters, digits, `_.-`; at most 64 of them, never none.

    >>> address_safe("Pre Chorus / 2")
    'Pre_Chorus_2'
    """
    part = _UNSAFE_IN_ADDRESS.sub("_", label)[:MAX_ADDRESS_PART_CHARACTERS]
    return part if part.strip(".") else "_"


def text_safe(label: str) -> str:
    """The label as an OSC string: NUL, which ends such a string, left out; what UTF-8 cannot carry replaced."""
    return _SURROGATE.sub("\ufffd", label.replace("\0", ""))
