"""OSC messages as bytes, encoded with python-osc's type writers when a schedule is compiled, never while sending.

What python-osc's builder gets wrong is checked here first: it lets any address pass, cuts strings at a NUL, turns
-2**31 into an `h`, and fails on a float beyond 32 bits with an error of its own (receivers.md, section 4). The message
is put together from python-osc's writers rather than its builder, which parses every message again after building it.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from pythonosc.parsing import osc_types

from beatsync.core.units import NS_PER_SECOND, WallNs

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
_HALF_CHARACTER: Final = re.compile("[\ud800-\udfff]")
_RESERVED: Final = re.compile(r"[ #,]")
_LARGEST_FLOAT: Final = 3.4028235677973366e38  # what rounds to the largest 32-bit float


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


_BOUNDS: Final = {Tag.INT: 1 << 31, Tag.INT64: 1 << 63}


def check_value(tag: Tag, value: Value) -> None:
    """Raises OscError unless `value` can be sent as `tag`."""
    check = _CHECKS.get(tag)
    if check:
        check(tag, value)


def _check_whole(tag: Tag, value: Any) -> None:
    if type(value) is not int:
        raise OscError(f"{value!r} cannot be sent as {tag}; expected a whole number, for example round(...)")
    bound = _BOUNDS[tag]
    if not -bound <= value < bound:
        raise OscError(f"{value} does not fit into {tag}, a whole number of {bound.bit_length()} bits")


def _check_real(tag: Tag, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise OscError(f"{value!r} cannot be sent as {tag}; expected a number")
    try:
        real = float(value)
    except OverflowError:
        raise OscError(f"a number with more than 300 digits does not fit into {tag}") from None
    if not math.isfinite(real) or (tag is Tag.FLOAT and abs(real) >= _LARGEST_FLOAT):
        raise OscError(f"{value} does not fit into {tag}")


def _check_text(tag: Tag, value: Any) -> None:
    if not isinstance(value, str) or "\0" in value:
        raise OscError(f"{value!r} cannot be sent as {tag}; expected text without NUL characters")
    if not value.isascii() and _HALF_CHARACTER.search(value):
        raise OscError(f"{value!r} cannot be sent as {tag}; it has half a character (a lone surrogate)")


def _check_blob(_tag: Tag, value: Any) -> None:
    if not isinstance(value, bytes) or not value:
        raise OscError("a blob needs at least one byte")


_CHECKS: Final[Mapping[Tag, Callable[[Tag, Any], None]]] = MappingProxyType(
    {
        Tag.INT: _check_whole,
        Tag.INT64: _check_whole,
        Tag.FLOAT: _check_real,
        Tag.DOUBLE: _check_real,
        Tag.STRING: _check_text,
        Tag.BLOB: _check_blob,
    },
)


def encode(address: str, arguments: Sequence[tuple[Tag, Value]]) -> bytes:
    """One message as a packet. Raises OscError for an address or a value that cannot be sent.

    How large a message may be is its target's business: core.room.

    The type-tag string is always there, also without arguments: many receivers drop a message that lacks it.
    """
    parts = [_head(address, "".join([tag for tag, _ in arguments]))]
    for tag, value in arguments:
        writer = _WRITERS.get(tag)
        if writer is not None:
            _CHECKS[tag](tag, value)
            parts.append(writer(value))
    return b"".join(parts)


BUNDLE_HEAD_BYTES: Final = 16
"""What a bundle takes beside its messages."""

BUNDLED_BYTES: Final = 4
"""What each message in a bundle takes beside itself."""

_BUNDLE: Final = b"#bundle\0"
_IMMEDIATELY: Final = 1
_SECONDS_FROM_1900_TO_1970: Final = 2_208_988_800


def bundle(packets: Iterable[bytes], tag: WallNs | None) -> bytes:
    """Messages in one packet, to be acted on together at `tag`; at once if None."""
    parts = [_BUNDLE, struct.pack(">Q", _IMMEDIATELY if tag is None else ntp_of(tag))]
    for packet in packets:
        parts += (struct.pack(">i", len(packet)), packet)
    return b"".join(parts)


def ntp_of(wall: WallNs) -> int:
    """An OSC time tag: seconds since 1900 and their 2**32nds; in 2036 it starts again from zero (receivers.md 3)."""
    seconds, nanoseconds = divmod(wall, NS_PER_SECOND)
    tag = ((seconds + _SECONDS_FROM_1900_TO_1970) << 32 | (nanoseconds << 32) // NS_PER_SECOND) & 0xFFFF_FFFF_FFFF_FFFF
    return tag if tag > _IMMEDIATELY else _IMMEDIATELY + 1


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
