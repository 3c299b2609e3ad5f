"""OSC messages as bytes, encoded with python-osc's type writers when a schedule is compiled, never while sending.

What python-osc's builder gets wrong is checked here first: it lets any address pass, cuts strings at a NUL, turns
-2**31 into an `h`, and fails on a float beyond 32 bits with an error of its own (receivers.md, section 4). The message
is put together from python-osc's writers rather than its builder, which parses every message again after building it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from pythonosc.parsing import osc_types

from beatsync.core.limits import MAX_DATAGRAM_BYTES

Value: TypeAlias = int | float | str | bytes | bool | None


class Tag(StrEnum):
    """The OSC types that beatsync sends."""

    INT = "i"
    FLOAT = "f"
    STRING = "s"
    BLOB = "b"
    TRUE = "T"
    FALSE = "F"
    NIL = "N"
    IMPULSE = "I"
    INT64 = "h"
    DOUBLE = "d"


VALUE_OF: Final = {Tag.TRUE: True, Tag.FALSE: False, Tag.NIL: None, Tag.IMPULSE: None}
"""The types that carry no data, with the value that people are shown."""

_ADDRESS: Final = re.compile(r"/[!-~]*\Z")
_RESERVED: Final = re.compile(r"[ #,]")
_LARGEST_FLOAT: Final = 3.4028235677973366e38  # what rounds to the largest 32-bit float
_RANGES: Final = {Tag.INT: 1 << 31, Tag.INT64: 1 << 63}


class OscError(ValueError):
    """A message that cannot be encoded; the text says why."""


def check_address(address: str) -> None:
    """Raises OscError unless `address` starts with a slash and is printable ASCII without space, `#` and `,`."""
    if not address.startswith("/"):
        raise OscError(f"address {address!r} does not start with '/'")
    if not _ADDRESS.match(address) or _RESERVED.search(address):
        raise OscError(
            f"address {address!r} has characters that OSC does not allow; use printable ASCII without space, # and ,"
        )


def check_value(tag: Tag, value: Value) -> None:
    """Raises OscError unless `value` can be sent as `tag`."""
    if tag in _RANGES:
        _check_whole(tag, value)
    elif tag in {Tag.FLOAT, Tag.DOUBLE}:
        _check_real(tag, value)
    elif tag is Tag.STRING and (not isinstance(value, str) or "\0" in value):
        raise OscError(f"{value!r} cannot be sent as s; expected text without NUL characters")
    elif tag is Tag.BLOB and not (isinstance(value, bytes) and value):
        raise OscError("a blob needs at least one byte")


def _check_whole(tag: Tag, value: Value) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise OscError(f"{value!r} cannot be sent as {tag}; expected a whole number, for example round(...)")
    if not -_RANGES[tag] <= value < _RANGES[tag]:
        raise OscError(f"{value} does not fit into {tag}, a whole number of {_RANGES[tag].bit_length()} bits")


def _check_real(tag: Tag, value: Value) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise OscError(f"{value!r} cannot be sent as {tag}; expected a number")
    try:
        real = float(value)
    except OverflowError as error:
        raise OscError(
            f"a number of {value.bit_length() if isinstance(value, int) else 0} bits does not fit into {tag}"
        ) from error
    if not math.isfinite(real) or (tag is Tag.FLOAT and abs(real) >= _LARGEST_FLOAT):
        raise OscError(f"{value} does not fit into {tag}")


def encode(address: str, arguments: Sequence[tuple[Tag, Value]]) -> bytes:
    """One message as a packet. Raises OscError for what cannot be sent: address, value or size.

    The type-tag string is always there, also without arguments: many receivers drop a message that lacks it.
    """
    head = _head(address, "".join(tag for tag, _ in arguments))
    packet = head + b"".join(_encoded(tag, value) for tag, value in arguments)
    if len(packet) > MAX_DATAGRAM_BYTES:
        raise OscError(f"a message of {len(packet)} bytes to {address}; a datagram holds at most {MAX_DATAGRAM_BYTES}")
    return packet


@lru_cache(maxsize=4096)
def _head(address: str, tags: str) -> bytes:
    check_address(address)
    return osc_types.write_string(address) + osc_types.write_string("," + tags)


_WRITERS: Final[Mapping[Tag, Callable[[Any], bytes]]] = MappingProxyType(
    {
        Tag.INT: osc_types.write_int,
        Tag.INT64: osc_types.write_int64,
        Tag.FLOAT: osc_types.write_float,
        Tag.DOUBLE: osc_types.write_double,
        Tag.STRING: osc_types.write_string,
        Tag.BLOB: osc_types.write_blob,
    },
)


def _encoded(tag: Tag, value: Value) -> bytes:
    check_value(tag, value)
    writer = _WRITERS.get(tag)
    return writer(value) if writer else b""
