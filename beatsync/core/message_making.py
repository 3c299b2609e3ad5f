"""One message of a rule, filled in and encoded for each occasion; prepared once, for the 8,000 beats of an hour."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias, assert_never

from beatsync.core.labels import text_safe
from beatsync.core.names import NameValue
from beatsync.core.occasions import Occasion
from beatsync.core.osc import OscError, Tag, Value, encode
from beatsync.core.room import Room
from beatsync.core.rules import Argument, Computed, Literal, Message, Text
from beatsync.core.templates import written

Typed: TypeAlias = tuple[Tag, Value]
Filler: TypeAlias = Callable[[Mapping[str, NameValue]], Typed]


class Made(NamedTuple):
    """A message for one occasion."""

    address: str
    arguments: tuple[Typed, ...]
    packet: bytes


class MessageMaker:
    """Makes one message for any occasion."""

    def __init__(self, message: Message, room: Room) -> None:
        """`message`: as the rule has it; `room`: how large its target may be sent one."""
        self._room = room
        self._address = message.address
        self._fixed_address = None if message.address.names else message.address.in_address({})
        self._fillers = [_filler(argument) for argument in message.arguments]
        self._asks = not is_constant(message)
        self._only: Made | None = None

    def made(self, occasion: Occasion) -> Made:
        """The message for `occasion`. Raises ExpressionError or OscError where it cannot be made."""
        if self._only is not None:
            return self._only
        values = occasion.values if self._asks else {}
        address = self._fixed_address or self._address.in_address(values)
        arguments = tuple([filler(values) for filler in self._fillers])
        packet = encode(address, arguments)
        if len(packet) > self._room.most:
            raise OscError(f"a message of {len(packet):,} bytes to {address}; {self._room.reason}")
        made = Made(address, arguments, packet)
        if not self._asks:
            self._only = made
        return made


def constant(message: Message) -> Made:
    """A message that says nothing of the music. Raises OscError where it cannot be sent, KeyError where it does."""
    address = message.address.in_address({})
    arguments = tuple(_filler(argument)({}) for argument in message.arguments)
    return Made(address, arguments, encode(address, arguments))


def is_constant(message: Message) -> bool:
    """Whether a message is the same on every occasion."""
    return not message.address.names and all(isinstance(argument, Literal) for argument in message.arguments)


def _filler(argument: Argument) -> Filler:
    match argument:
        case Literal(tag, value):
            same = (tag, value)
            return lambda _values: same
        case Text(template):
            return lambda values: (Tag.STRING, template.in_text(values))
        case Computed(expression, tag):
            if tag is not None:
                return lambda values: (tag, _as(tag, expression.evaluate(values)))
            if (name := expression.name) is not None:
                return lambda values: _inferred(values[name])
            return lambda values: _inferred(expression.evaluate(values))
        case _:
            assert_never(argument)


def _inferred(value: NameValue) -> Typed:
    if isinstance(value, int):
        return (Tag.INT, value)
    return (Tag.FLOAT, value) if isinstance(value, float) else (Tag.STRING, text_safe(value))


def _as(tag: Tag, value: NameValue) -> Value:
    """A computed value as its type wants it: a whole float is a whole number, text is text safe to send."""
    if tag is Tag.STRING:
        return text_safe(value) if isinstance(value, str) else written(value)
    if isinstance(value, float) and (tag is Tag.INT or tag is Tag.INT64) and value.is_integer():
        return int(value)
    return value
