"""D-Bus messages out of a stream of bytes, and into one: jeepney's reading and writing, with bounds on both.

A message is looked at by its header; what is in it is read only on demand. What is too long is thrown away as it comes.
Whether a message is well-formed is the bus's business: it checks what players send before it hands it on.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from jeepney.low_level import (  # type: ignore[import-untyped]
    Header,
    HeaderFields,
    Message,
    MessageType,
    calc_msg_size,
    endian_map,
)

MAX_MESSAGE_BYTES: Final = 2 * 1024 * 1024
"""Metadata with a picture in it are some hundred kilobytes."""

MAX_HEADER_BYTES: Final = 4_096
"""Names of buses, paths and members have at most 255 characters each."""

_FIXED_BYTES: Final = 16
_MOST_BYTES: Final = 128 * 1024 * 1024
"""What D-Bus allows at all; more is no message."""


class Garbled(Exception):
    """These bytes are no D-Bus messages; nothing that follows can be read."""


class Unreadable(Exception):
    """A message that cannot be read; those that follow can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One message, as its header says. `reply_to`: the serial of the call that it answers, if it does.

    `error`: the name of the error that it answers with; `signal`: the name of the signal that it is. `raw`: all of it,
    None where it is too long.
    """

    reply_to: int | None
    error: str | None
    sender: str
    signal: str | None
    size: int
    raw: bytes | None

    def values(self) -> tuple[Any, ...]:
        """What is in it. Slow where there is much. Raises Unreadable."""
        if self.raw is None:
            raise Unreadable
        try:
            body = Message.from_buffer(self.raw).body
        except (ValueError, KeyError, IndexError, TypeError, AssertionError, RecursionError, struct.error):
            raise Unreadable from None
        return tuple(body)


class Frames:
    """Bytes in, messages out."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._skipping = 0
        self.unreadable = 0
        """How many messages had a header that cannot be read."""

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The messages that `data` completes; of one that is too long, its header. Raises Garbled."""
        self._buffer += data
        while True:
            self._skip()
            if self._skipping or len(self._buffer) < _FIXED_BYTES:
                return
            size, header = _sizes(self._buffer)
            needed = header if size > MAX_MESSAGE_BYTES else size
            if header > MAX_HEADER_BYTES:
                frame = None
            elif len(self._buffer) < needed:
                return
            else:
                frame = _frame(bytes(self._buffer[:needed]), size)
            self._skipping = size
            if frame is None:
                self.unreadable += 1
            else:
                yield frame

    def _skip(self) -> None:
        here = min(self._skipping, len(self._buffer))
        del self._buffer[:here]
        self._skipping -= here


def _sizes(buffer: bytearray) -> tuple[int, int]:
    """Bytes of the message that begins in `buffer`, and of its header."""
    fixed = bytes(buffer[:_FIXED_BYTES])
    if fixed[:1] not in endian_map:
        raise Garbled
    size = calc_msg_size(fixed)
    (fields,) = struct.unpack(endian_map[fixed[:1]].struct_code() + "I", fixed[12:16])
    if size > _MOST_BYTES:
        raise Garbled
    return size, _FIXED_BYTES + fields


def _frame(raw: bytes, size: int) -> Frame | None:
    try:
        header, _ = Header.from_buffer(raw)
    except (ValueError, KeyError, IndexError, TypeError, AssertionError, RecursionError, struct.error):
        return None
    fields = header.fields
    answers = header.message_type in {MessageType.method_return, MessageType.error}
    return Frame(
        reply_to=fields.get(HeaderFields.reply_serial) if answers else None,
        error=str(fields.get(HeaderFields.error_name)) if header.message_type is MessageType.error else None,
        sender=str(fields.get(HeaderFields.sender, "")),
        signal=str(fields.get(HeaderFields.member, "")) if header.message_type is MessageType.signal else None,
        size=size,
        raw=raw if len(raw) == size else None,
    )
