"""OSC messages to commands, by the table that the API follows too. Pure; raises for what is none, and nothing else.

A button of a tablet sends 1 when it is pressed and 0 when it is let go: a command that takes no argument ignores 0.
What is on or off takes 1 or 0, T or F. Leads are in milliseconds here, since desks send numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias

from pydantic import ValidationError

from beatsync.control.bodies import Body
from beatsync.control.table import COMMANDS, Entry
from beatsync.core.osc_reading import Argument, OscMessage

_NAME: Final = "[^/]{1,64}"
_MOST_ARGUMENTS: Final = 2
_LEADS: Final = frozenset({"lead", "track_lead"})

Value: TypeAlias = float | bool | str


class Unread(StrEnum):
    """Why a message is no command; nothing that came from outside is part of it."""

    STRANGE = "an osc message to an address that is none of beatsync's"
    ARGUMENTS = "an osc command with arguments that it does not take"
    RELEASED = "a button that was let go"


class NoCommand(Exception):
    """A message that commands nothing; `reason` is the whole text."""

    def __init__(self, reason: Unread) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Commanded:
    """What a message says. `name`: of a deck or target, None for the deck on air or the whole show."""

    entry: Entry
    body: Body
    name: str | None

    @property
    def words(self) -> str:
        """What it is, for people."""
        return self.entry.words(self.body, self.name)


@dataclass(frozen=True, slots=True)
class _Route:
    pattern: re.Pattern[str]
    entry: Entry


def _routes() -> Iterator[_Route]:
    for entry in COMMANDS:
        for address in entry.osc_addresses:
            parts = re.split(r"\{\w+\}", address)
            yield _Route(re.compile(f"({_NAME})".join(map(re.escape, parts))), entry)


_ROUTES: Final = tuple(_routes())
_ON_OFF: Final[Mapping[float, bool]] = MappingProxyType({0.0: False, 1.0: True})


def read_command(message: OscMessage) -> Commanded:
    """The command of a message. Raises NoCommand."""
    for route in _ROUTES:
        found = route.pattern.fullmatch(message.address)
        if found is not None:
            name = found[1] if route.pattern.groups else None
            return Commanded(route.entry, _body(route.entry.body, _values(message.arguments)), name)
    raise NoCommand(Unread.STRANGE)


def _values(arguments: tuple[Argument, ...]) -> tuple[Value, ...]:
    """Numbers, text and truth; nothing else is an argument of a command. Raises NoCommand."""
    if len(arguments) > _MOST_ARGUMENTS:
        raise NoCommand(Unread.ARGUMENTS)
    return tuple(_value(argument) for argument in arguments)


def _value(argument: Argument) -> Value:
    if isinstance(argument, bool | str):
        return argument
    if isinstance(argument, int | float) and math.isfinite(argument) and abs(argument) < 2**53:
        return float(argument)
    raise NoCommand(Unread.ARGUMENTS)


def _body(model: type[Body], values: tuple[Value, ...]) -> Body:
    """The body that arguments stand for. Raises NoCommand."""
    if not model.OSC:
        if len(values) > 1 or (values and isinstance(values[0], str)):
            raise NoCommand(Unread.ARGUMENTS)
        if values and not values[0]:
            raise NoCommand(Unread.RELEASED)
        values = ()
    if len(values) > len(model.OSC):
        raise NoCommand(Unread.ARGUMENTS)
    fields = {key: _as_field(key, value) for key, value in zip(model.OSC, values, strict=False)}
    try:
        return model.model_validate(fields)
    except ValidationError:
        raise NoCommand(Unread.ARGUMENTS) from None


def _as_field(key: str, value: Value) -> Value:
    """A value as the body has it."""
    if key == "on" and not isinstance(value, str):
        return _on(value)
    if key in _LEADS and isinstance(value, float):
        return f"{value:.6f}ms"
    return value


def _on(value: float) -> bool:
    """1 and T are on, 0 and F off; a fader that somebody has put there is neither."""
    on = _ON_OFF.get(float(value))
    if on is None:
        raise NoCommand(Unread.ARGUMENTS)
    return on
