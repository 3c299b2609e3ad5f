"""Durations (`30ms`, `1.5s`) and shifts (`-2 bars`) as text."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from beatsync.config.plain import GrammarError, text_of, unlike
from beatsync.core.rules import GridShift, Shift, TimeShift, Unit
from beatsync.core.units import DurationNs

DURATION_PATTERN: Final = r"^\s*[-+]?\d+(\.\d+)?\s*(ns|us|ms|s|min)\s*$"
SHIFT_PATTERN: Final = r"^\s*[-+]?\d+(\.\d+)?\s*(ns|us|ms|s|min|beats?|bars?)\s*$"

_QUANTITY: Final = re.compile(r"\s*([-+]?)\s*(\d{1,12}(?:\.\d{1,9})?)\s*([A-Za-zµ]+)\s*\Z")
_NS_OF: Final = {
    "ns": 1,
    "us": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "min": 60 * 10**9,
}
_LONGEST: Final = 24 * 60 * 60 * 10**9
_DURATION: Final = "a duration with its unit, such as 30ms or 1.5s"
_SHIFT: Final = 'a shift with its unit, such as -200ms, "-2 bars" or 1 beat'


def duration_of(value: object, expected: str = _DURATION) -> DurationNs:
    """A duration of either sign. Raises GrammarError; a bare number has no unit, and is refused."""
    return _duration(*_quantity(value, expected), value)


def positive_duration_of(value: object) -> DurationNs:
    """A duration above zero."""
    duration = duration_of(value)
    if duration <= 0:
        raise GrammarError(f"expected a duration above zero, got {value}")
    return duration


def shift_of(value: object) -> Shift:
    """A time, or a count of beats or bars, of either sign."""
    amount, unit = _quantity(value, _SHIFT)
    singular = unit.removesuffix("s")
    if singular in {Unit.BEAT, Unit.BAR}:
        return GridShift(float(amount), Unit(singular))
    return TimeShift(_duration(amount, unit, value))


def _quantity(value: object, expected: str) -> tuple[Decimal, str]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise GrammarError(
            f"expected {expected}, got the number {value:g} without a unit; write {value:g}ms or {value:g}s"
        )
    if not isinstance(value, str):
        raise unlike(expected, value)
    found = _QUANTITY.match(text_of(value, expected))
    if not found:
        raise unlike(expected, value)
    sign, number, unit = found.groups()
    return (Decimal(sign + number), unit)


def _duration(amount: Decimal, unit: str, value: object) -> DurationNs:
    if unit not in _NS_OF:
        known = ", ".join(_NS_OF)
        raise GrammarError(f"{value!r} has the unit {unit!r}; expected one of {known}")
    nanoseconds = int((amount * _NS_OF[unit]).to_integral_value())
    if abs(nanoseconds) > _LONGEST:
        raise GrammarError(f"{value!r} is longer than a day")
    return DurationNs(nanoseconds)
