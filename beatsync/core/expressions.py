"""Numeric expressions over a cue's names (`energy / 4`), read once and evaluated when the schedule is compiled."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Final

from simpleeval import DEFAULT_OPERATORS, InvalidExpression, SimpleEval

from beatsync.core.names import NAMES, NameValue

MAX_EXPRESSION_CHARACTERS: Final = 500
FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType(
    {"min": min, "max": max, "abs": abs, "round": round, "int": int, "float": float},
)
LARGEST_NUMBER_BITS: Final = 1024
"""What a 64-bit real can come near to; larger powers take long to compute and nothing can carry them."""


def _power(base: Any, exponent: Any) -> Any:
    if isinstance(base, int) and isinstance(exponent, int) and base.bit_length() * exponent > LARGEST_NUMBER_BITS:
        raise ArithmeticError("the power is too large")
    return base**exponent


def _remainder(dividend: Any, divisor: Any) -> Any:
    if isinstance(dividend, str):
        raise TypeError("% is for numbers; for text write names in braces")
    return dividend % divisor


_OPERATORS: Final = {**DEFAULT_OPERATORS, ast.Pow: _power, ast.Mod: _remainder}
_ALLOWED: Final = (
    ast.BinOp,
    ast.UnaryOp,
    ast.BoolOp,
    ast.Compare,
    ast.IfExp,
    ast.Call,
    ast.Name,
    ast.Constant,
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow),
    *(ast.UAdd, ast.USub, ast.Not),
    *(ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE),
    ast.boolop,
    ast.expr_context,
)
_EVALUATOR: Final = SimpleEval(operators=_OPERATORS, functions=dict(FUNCTIONS))


class ExpressionError(ValueError):
    """An expression cannot be read or has no value; the text says why."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression; equal where the source is. `name`: the one that it is, where it is no more than a name."""

    source: str
    tree: ast.expr = field(compare=False, repr=False)
    name: str | None = None

    @classmethod
    def parse(cls, source: str) -> Expression:
        """Read an expression. Raises ExpressionError for what is not one and for names that do not exist."""
        if len(source) > MAX_EXPRESSION_CHARACTERS:
            raise ExpressionError(f"an expression of {len(source)} characters (at most {MAX_EXPRESSION_CHARACTERS})")
        try:
            body = ast.parse(source.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise ExpressionError(f"{source!r} is not an expression; for plain text write {{s: {source!r}}}") from error
        for node in ast.walk(body):
            if isinstance(node, ast.Name) and node.id not in NAMES and node.id not in FUNCTIONS:
                raise ExpressionError(_unknown(node.id, source))
            if not isinstance(node, _ALLOWED):
                raise ExpressionError(f"{source!r}: only numbers, names, arithmetic and comparisons can be used here")
        return cls(source, body, body.id if isinstance(body, ast.Name) and body.id in NAMES else None)

    @property
    def names(self) -> frozenset[str]:
        """The names that it uses; none where it is the same for every cue."""
        return frozenset(node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name) and node.id in NAMES)

    def evaluate(self, values: Mapping[str, NameValue]) -> NameValue:
        """The value for one cue: a finite number or text. Raises ExpressionError where there is none."""
        if self.name is not None:
            return values[self.name]
        try:
            value = _evaluator(values).eval(self.source, previously_parsed=self.tree)
        except ZeroDivisionError as error:
            raise ExpressionError(f"{self.source!r} divides by zero") from error
        except (
            InvalidExpression,
            ArithmeticError,
            TypeError,
            ValueError,
            RecursionError,
            MemoryError,
        ) as error:
            raise ExpressionError(f"{self.source!r} has no value: {str(error) or type(error).__name__}") from error
        return _usable(value, self.source)


def _evaluator(values: Mapping[str, NameValue]) -> SimpleEval:
    """The one evaluator, making one is dear, with `values` for its names; it keeps nothing from one evaluation."""
    _EVALUATOR.names = values
    return _EVALUATOR


def _usable(value: object, source: str) -> NameValue:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int) and value.bit_length() > LARGEST_NUMBER_BITS:
        raise ExpressionError(f"{source!r} gives a number of {value.bit_length()} bits; nothing carries it")
    if isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise ExpressionError(f"{source!r} gives {value!r}; expected a number or text")


def _unknown(name: str, source: str) -> str:
    near = get_close_matches(name, [*NAMES, *FUNCTIONS], n=1)
    if near:
        return f"{source!r} uses the unknown name '{name}' (did you mean '{near[0]}'?)"
    return (
        f"{source!r} uses the unknown name '{name}'; for plain text write {{s: {source!r}}}; names: {', '.join(NAMES)}"
    )
