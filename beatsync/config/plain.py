"""What a YAML scalar can be, and how a message names it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_SHOWN_CHARACTERS: Final = 40
_NUMBER: Final = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?\Z")


@dataclass(frozen=True, slots=True)
class Trap:
    """An unquoted scalar that YAML 1.1 reads as something that its author hardly means: `no`, `12:30`, `010`.

    `text` is what is written, `reading` what it would be: `the integer 750`.
    """

    text: str
    reading: str


class GrammarError(ValueError):
    """A value that does not say what its key needs; the text says what does."""


def described(value: object) -> str:
    """A value as messages name it: `the integer 5`, `the text 'abc'`, `a list`."""
    if isinstance(value, Trap):
        return f"{value.reading} (YAML reads {value.text} so)"
    if isinstance(value, str):
        shown = value if len(value) <= _SHOWN_CHARACTERS else f"{value[:_SHOWN_CHARACTERS]}…"
        return f"the text {shown!r}"
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, int | float):
        return f"the {'integer' if isinstance(value, int) else 'number'} {value}"
    return {list: "a list", dict: "a mapping", type(None): "nothing"}.get(type(value), type(value).__name__)


def unlike(expected: str, value: object) -> GrammarError:
    """The complaint that `value` is not what was expected, with the remedy: quotes, or none, where that is one."""
    return GrammarError(f"expected {expected}, got {described(value)}{_remedy(expected, value)}")


_UNQUOTED: Final = {"true or false": ("true", "false"), "a whole number": (), "a number": ()}
"""What is expected that loses its meaning in quotes; and how it is written where there are few ways."""

_NEVER_TEXT: Final = ("a mapping", "a list", "a message", "a rule")


def _remedy(expected: str, value: object) -> str:
    if expected in _UNQUOTED:
        return _without_quotes(expected, value)
    wants_text = "text" in expected
    written = ""
    match value:
        case Trap(text) if wants_text or not expected.startswith(_NEVER_TEXT):
            written = text
        case bool() | int() | float() if wants_text:
            written = str(value).lower() if isinstance(value, bool) else str(value)
        case dict() if wants_text and len(value) == 1 and None in value.values():
            written = f"{{{next(iter(value))}}}"
        case [None] if wants_text:
            written = "-"
    return f'; quote it: "{written}"' if written else ""


def _without_quotes(expected: str, value: object) -> str:
    """For numbers and truths, which are written plainly."""
    words = _UNQUOTED[expected]
    if isinstance(value, Trap):
        truth = value.reading.rpartition(" ")[2]
        return f"; write {truth}" if truth in words else ""
    if not isinstance(value, str):
        return ""
    plain = value.strip().lower()
    fits = plain in words if words else _NUMBER.match(plain) is not None
    return f"; write it without quotes: {plain}" if fits else ""


def text_of(value: object, expected: str = "text", *, perhaps_empty: bool = False) -> str:
    """`value`, which must be text, and not empty unless that means something. Raises GrammarError."""
    if not isinstance(value, str):
        raise unlike(expected, value)
    if not perhaps_empty and not value.strip():
        raise GrammarError(f"expected {expected}, got empty text")
    return value


def not_one_of(keys: Sequence[str], said: Sequence[str]) -> str:
    """The complaint that of `keys`, of which one is expected, these were given."""
    return f"expected one of {', '.join(keys)}; got {' and '.join(said) or 'none of them'}"
