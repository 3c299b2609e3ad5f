"""Comparisons as text: `3`, `">= 3"`, `2..4`, `first`, `-1`, or a list of alternatives."""

from __future__ import annotations

import re
from typing import Final

from beatsync.config.plain import GrammarError, unlike
from beatsync.core.comparison import Comparison, Operator, Test

_NUMBER: Final = r"-?\d{1,6}(?:\.\d{1,6})?"
_ONE: Final = re.compile(rf"\s*(==|!=|<=|>=|<|>)?\s*({_NUMBER})\s*\Z")
_RANGE: Final = re.compile(rf"\s*({_NUMBER})\s*\.\.\s*({_NUMBER})\s*\Z")
COMPARISON_PATTERN: Final = rf"^\s*((==|!=|<=|>=|<|>)?\s*{_NUMBER}|{_NUMBER}\s*\.\.\s*{_NUMBER}|first|last|up|down)\s*$"
_WORDS: Final = {
    "first": Test(Operator.EQUAL, 1),
    "last": Test(Operator.EQUAL, -1),
}
_CHANGES: Final = {"up": Test(Operator.MORE, 0), "down": Test(Operator.LESS, 0)}


def comparison_of(value: object) -> Comparison:
    """A comparison with numbers. Raises GrammarError."""
    return _comparison(value, {}, 'a comparison such as 3, ">= 3" or 2..4')


def place_of(value: object) -> Comparison:
    """A comparison with a place in a row: also `first`, `last`, and counted from the end."""
    return _comparison(value, _WORDS, 'a place such as 1, first, last, -2, ">= 3" or 2..4')


def change_of(value: object) -> Comparison:
    """A comparison with a change: also `up` and `down`."""
    return _comparison(value, _CHANGES, 'a change such as up, down, 1 or ">= 2"')


def _comparison(value: object, words: dict[str, Test], expected: str) -> Comparison:
    if isinstance(value, list):
        if not value:
            raise GrammarError(f"expected {expected}, got an empty list")
        return Comparison(tuple(_tests(one, words, expected) for one in value))
    return Comparison((_tests(value, words, expected),))


def _tests(value: object, words: dict[str, Test], expected: str) -> tuple[Test, ...]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (Test(Operator.EQUAL, value),)
    if not isinstance(value, str):
        raise unlike(expected, value)
    if value.strip() in words:
        return (words[value.strip()],)
    if one := _ONE.match(value):
        return (Test(Operator(one[1] or "=="), float(one[2])),)
    if between := _RANGE.match(value):
        low, high = float(between[1]), float(between[2])
        if low > high:
            raise GrammarError(f"{value!r} is empty: its first number is the larger one")
        return (Test(Operator.AT_LEAST, low), Test(Operator.AT_MOST, high))
    raise unlike(expected, value)
