"""Arguments of messages as numbers, flags and text: a stranger sent them, and nothing about them is taken for granted.

None stands for what is no such thing; why, and what that means, is for the caller to say.
"""

from __future__ import annotations

import math
import re
from typing import Final

from beatsync.core.fields import one_line

_NUMBER: Final = re.compile(r"[+-]?\d{1,12}(\.\d{1,12})?", re.ASCII)
_YES: Final = frozenset({"1", "true", "yes", "on", "play", "playing"})
_NO: Final = frozenset({"0", "false", "no", "off", "pause", "paused", "stop", "stopped"})
_LONGEST_NAME: Final = 256


def number_of(value: object) -> float | None:
    """A finite number, also as text; an integer stays one."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    return None


def flag_of(value: object) -> bool | None:
    """Yes or no: a boolean, a number that is zero or not, or a word."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and (word := value.strip().lower()) in _YES | _NO:
        return word in _YES
    number = number_of(value)
    return None if number is None else number != 0


def name_of(value: object) -> str | None:
    """Text on one line, cut to a bearable length; None where nothing is left of it."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        return None
    return one_line(value[:_LONGEST_NAME]).strip() or None
