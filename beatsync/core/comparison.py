"""Comparisons of numbers, as rules state them: `>= 3`, `2..4`, `first`, `-1`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import eq, ge, gt, le, lt, ne
from types import MappingProxyType
from typing import Final


class Operator(StrEnum):
    """How a number is compared."""

    EQUAL = "=="
    NOT_EQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="


_COMPARE: Final[Mapping[Operator, Callable[[float, float], bool]]] = MappingProxyType(
    {
        Operator.EQUAL: eq,
        Operator.NOT_EQUAL: ne,
        Operator.LESS: lt,
        Operator.AT_MOST: le,
        Operator.MORE: gt,
        Operator.AT_LEAST: ge,
    },
)


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison with a number."""

    operator: Operator
    value: float

    def passes(self, number: float) -> bool:
        """Whether `number` stands to the value as the operator says."""
        return _COMPARE[self.operator](number, self.value)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Alternatives, each of them tests that must all pass: `2..4` is one alternative with two tests."""

    alternatives: tuple[tuple[Test, ...], ...]

    def matches(self, number: float) -> bool:
        """Whether any alternative holds for `number`."""
        return any(all(test.passes(number) for test in tests) for tests in self.alternatives)

    def matches_place(self, place: int, *, of: int) -> bool:
        """Whether any alternative holds for `place`, counted from 1; negative values count from the end of `of`."""
        return any(
            all(test.passes(place if test.value >= 0 else place - of - 1) for test in tests)
            for tests in self.alternatives
        )
