"""OSC packets from strangers, as bytes, read to messages: bounded in size, depth and number, and never wrong quietly.

python-osc's parser is not for this (receivers.md, section 4): an element size of -4 holds it for ever, deep bundles
exhaust its stack, text that is not UTF-8 escapes it as an error of its own, a type that it does not know shifts every
argument after it. Here a packet is read whole or refused with one of a few fixed reasons; nothing that came from
outside is part of a reason. Nothing is kept between packets, nothing waits, and a time tag is only a number.

Arrays are flattened: brackets in a type tag string group arguments and change nothing of how they are stored, so that
whoever asks for the third argument gets it, and no depth of nesting can be built.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias

MAX_PACKET_BYTES: Final = 4096
MAX_DEPTH: Final = 4
"""Bundles within bundles, and arrays within arrays."""
MAX_MESSAGES: Final = 256
MAX_ARGUMENTS: Final = 256
"""Of one message."""

IMMEDIATELY: Final = 1
"""The time tag that names no time."""

Argument: TypeAlias = int | float | str | bytes | bool | None

_BUNDLE: Final = b"#bundle\0"
_BUNDLE_HEAD_BYTES: Final = 16
_SIZE: Final = struct.Struct(">i")
_TIME_TAG: Final = struct.Struct(">Q")
# Printable ASCII: players put names with spaces into addresses, which OSC does not allow and which does no harm.
_ADDRESS: Final = re.compile(r"/[ -~]*\Z")


class OscFault(StrEnum):
    """What is wrong with a packet."""

    TOO_LARGE = "an osc packet of more than 4096 bytes"
    EMPTY = "an empty packet"
    UNALIGNED = "an osc packet whose size is no multiple of four"
    NO_ADDRESS = "a packet that is neither an osc message nor a bundle"
    SHORT = "an osc packet that ends too early"
    LONG = "an osc message with bytes after its last argument"
    PADDING = "osc text that is not padded with zeros"
    NOT_UTF_8 = "osc text that is not utf-8"
    NO_TYPES = "osc arguments without a type tag string"
    UNKNOWN_TYPE = "an osc argument of an unknown type"
    BRACKETS = "osc array brackets that do not match"
    ELEMENT_SIZE = "an osc bundle element of an impossible size"
    TOO_DEEP = "osc bundles or arrays nested more than 4 deep"
    TOO_MANY = "an osc packet of more than 256 messages, or of more than 256 arguments in one"


class MalformedOsc(Exception):
    """A packet that cannot be read; `fault` says why, and is the whole text."""

    def __init__(self, fault: OscFault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True, slots=True)
class OscMessage:
    """One message. `tags`: a type for each of `arguments`.

    i, h and t are ints, f and d floats (NaN and infinities pass), s and S text, b bytes; c, r and m are their four
    bytes as they came; T, F and N are True, False and None, and so is I (its tag says which).
    `time_tag`: of the innermost bundle that it came in, in seconds since 1900 as 32.32 bits; None outside of bundles.
    """

    address: str
    tags: str = ""
    arguments: tuple[Argument, ...] = ()
    time_tag: int | None = None


def read_packet(data: bytes) -> tuple[OscMessage, ...]:
    """The messages of a packet, in its order; none of an empty bundle. Raises MalformedOsc, and nothing else."""
    if len(data) > MAX_PACKET_BYTES:
        raise MalformedOsc(OscFault.TOO_LARGE)
    if not data:
        raise MalformedOsc(OscFault.EMPTY)
    if len(data) % 4:
        raise MalformedOsc(OscFault.UNALIGNED)
    messages: list[OscMessage] = []
    pending = [_Element(0, len(data), None, 0)]
    while pending:
        element = pending.pop()
        if data.startswith(_BUNDLE, element.start, element.end):
            pending += reversed(list(_elements(data, element)))
        else:
            messages.append(_message(data, element))
        if len(messages) + len(pending) > MAX_MESSAGES:
            raise MalformedOsc(OscFault.TOO_MANY)
    return tuple(messages)


@dataclass(frozen=True, slots=True)
class _Element:
    """[`start`, `end`) of a packet: a message or a bundle, `depth` bundles deep."""

    start: int
    end: int
    time_tag: int | None
    depth: int


def _elements(data: bytes, bundle: _Element) -> Iterator[_Element]:
    if bundle.depth == MAX_DEPTH:
        raise MalformedOsc(OscFault.TOO_DEEP)
    at = bundle.start + _BUNDLE_HEAD_BYTES
    if at > bundle.end:
        raise MalformedOsc(OscFault.SHORT)
    (time_tag,) = _TIME_TAG.unpack_from(data, at - _TIME_TAG.size)
    while at < bundle.end:
        if bundle.end - at < _SIZE.size:
            raise MalformedOsc(OscFault.SHORT)
        (size,) = _SIZE.unpack_from(data, at)
        at += _SIZE.size
        if not 0 < size <= bundle.end - at or size % 4:
            raise MalformedOsc(OscFault.ELEMENT_SIZE)
        yield _Element(at, at + size, time_tag, bundle.depth + 1)
        at += size


def _message(data: bytes, element: _Element) -> OscMessage:
    if not data.startswith(b"/", element.start, element.end):
        raise MalformedOsc(OscFault.NO_ADDRESS)
    reader = _Reader(data, element.start, element.end)
    address = reader.text()
    if not _ADDRESS.match(address):
        raise MalformedOsc(OscFault.NO_ADDRESS)
    if reader.at_end():
        # Old senders leave an empty type tag string out.
        return OscMessage(address, time_tag=element.time_tag)
    tags = reader.text()
    if not tags.startswith(","):
        raise MalformedOsc(OscFault.NO_TYPES)
    tags = _flat(tags[1:])
    arguments = tuple([_READ[tag](reader) for tag in tags])
    if not reader.at_end():
        raise MalformedOsc(OscFault.LONG)
    return OscMessage(address, tags, arguments, element.time_tag)


def _flat(tags: str) -> str:
    """The tags without brackets, which must match; every one that is left is known."""
    depth = 0
    for tag in tags:
        depth += (tag == "[") - (tag == "]")
        if depth < 0:
            raise MalformedOsc(OscFault.BRACKETS)
        if depth > MAX_DEPTH:
            raise MalformedOsc(OscFault.TOO_DEEP)
    if depth:
        raise MalformedOsc(OscFault.BRACKETS)
    flat = tags.replace("[", "").replace("]", "")
    if len(flat) > MAX_ARGUMENTS:
        raise MalformedOsc(OscFault.TOO_MANY)
    if not _READ.keys() >= set(flat):
        raise MalformedOsc(OscFault.UNKNOWN_TYPE)
    return flat


class _Reader:
    """Goes through [at, end) of the data in steps of four bytes, and never beyond."""

    __slots__ = ("_at", "_data", "_end")

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self._data = data
        self._at = at
        self._end = end

    def at_end(self) -> bool:
        return self._at == self._end

    def take(self, size: int) -> bytes:
        if size > self._end - self._at:
            raise MalformedOsc(OscFault.SHORT)
        start = self._at
        self._at += size
        return self._data[start : self._at]

    def text(self) -> str:
        end = self._data.find(b"\0", self._at, self._end)
        if end < 0:
            raise MalformedOsc(OscFault.SHORT)
        raw, _, padding = self.take((end - self._at) // 4 * 4 + 4).partition(b"\0")
        if padding.strip(b"\0"):
            raise MalformedOsc(OscFault.PADDING)
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            raise MalformedOsc(OscFault.NOT_UTF_8) from None

    def blob(self) -> bytes:
        (size,) = _SIZE.unpack(self.take(_SIZE.size))
        if size < 0:
            raise MalformedOsc(OscFault.SHORT)
        blob = self.take(size)
        if self.take(-size % 4).strip(b"\0"):
            raise MalformedOsc(OscFault.PADDING)
        return blob


def _number(layout: str) -> Callable[[_Reader], Argument]:
    number = struct.Struct(layout)

    def read(reader: _Reader) -> Argument:
        value: Argument = number.unpack(reader.take(number.size))[0]
        return value

    return read


def _four_bytes(reader: _Reader) -> Argument:
    return reader.take(4)


_READ: Final[Mapping[str, Callable[[_Reader], Argument]]] = MappingProxyType(
    {
        "i": _number(">i"),
        "h": _number(">q"),
        "t": _number(">Q"),
        "f": _number(">f"),
        "d": _number(">d"),
        "s": _Reader.text,
        "S": _Reader.text,
        "b": _Reader.blob,
        "c": _four_bytes,
        "r": _four_bytes,
        "m": _four_bytes,
        "T": lambda _: True,
        "F": lambda _: False,
        "N": lambda _: None,
        "I": lambda _: None,
    },
)
