"""What a YAML scalar can be, and how a message names it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_SHOWN_CHARACTERS: Final = 40


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
    """The complaint that `value` is not what was expected, with the remedy where quotes are one."""
    remedy = ""
    if isinstance(value, Trap):
        remedy = f'; quote it: "{value.text}"'
    elif isinstance(value, int | float) and "text" in expected:
        remedy = f'; quote it: "{str(value).lower() if isinstance(value, bool) else value}"'
    return GrammarError(f"expected {expected}, got {described(value)}{remedy}")


def text_of(value: object, expected: str = "text") -> str:
    """`value`, which must be text that is not empty. Raises GrammarError."""
    if not isinstance(value, str):
        raise unlike(expected, value)
    if not value.strip():
        raise GrammarError(f"expected {expected}, got empty text")
    return value
