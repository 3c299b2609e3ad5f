"""Many packets to one receiver in one system call: sendmmsg(2), through ctypes, since Python does not have it.

Laid out before the instant has come, 500 packets leave in two thirds of the time that as many calls take
(docs/timing.md). Not for what is sent alone.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_IOVEC: Final = struct.Struct("@QQ")
_MMSGHDR: Final = struct.Struct("@QI4xQQQQi4xI4x")
"""struct mmsghdr of a 64-bit Linux: no address, since the socket is connected; one iovec; no control data."""

_SMALLEST_ARENA: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Volley:
    """Packets that lie ready, in order; valid until the arena that they lie in is cleared."""

    packets: tuple[bytes, ...]
    headers: int

    def header(self, index: int) -> int:
        """Where the header of a packet lies."""
        return self.headers + index * _MMSGHDR.size


class VolleyArena:
    """Memory in which packets are laid out for the kernel, used again and again.

    `call(file, volley.header(n), how many, 0)` sends the packets of a volley from the nth on; `taken_by` reads what it
    answers. An error of a packet that is not the first is lost, and that packet has not been taken (sendmmsg(2)).
    """

    def __init__(self) -> None:
        """Raises OSError where the system has no such call, or another layout."""
        if sys.platform != "linux" or struct.calcsize("P") != 8:
            raise OSError("sendmmsg needs a 64-bit Linux")
        try:
            self.call = ctypes.CDLL(None, use_errno=True).sendmmsg
        except AttributeError:
            raise OSError("the C library has no sendmmsg") from None
        self.call.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int)
        self._reserve(_SMALLEST_ARENA)

    def _reserve(self, size: int) -> None:
        """Make room; what was laid out before is void."""
        self._buffer = ctypes.create_string_buffer(size)
        self._view = memoryview(self._buffer).cast("B")
        self._address = ctypes.addressof(self._buffer)
        self._taken = 0

    def lay_out(self, volleys: Sequence[Sequence[bytes]]) -> list[Volley]:
        """Lay out all volleys of one instant; those of the instant before are void."""
        overhead = _IOVEC.size + _MMSGHDR.size + 8
        needed = sum(len(packet) + overhead for packets in volleys for packet in packets)
        if needed > len(self._view):
            self._reserve(2 * needed)
        self._taken = 0
        return [self._laid_out(tuple(packets)) for packets in volleys]

    def _laid_out(self, packets: tuple[bytes, ...]) -> Volley:
        headers = self._taken
        iovecs = headers + len(packets) * _MMSGHDR.size
        place = iovecs + len(packets) * _IOVEC.size
        for index, packet in enumerate(packets):
            length = len(packet)
            self._view[place : place + length] = packet
            iovec = iovecs + index * _IOVEC.size
            _IOVEC.pack_into(self._view, iovec, self._address + place, length)
            header = headers + index * _MMSGHDR.size
            _MMSGHDR.pack_into(self._view, header, 0, 0, self._address + iovec, 1, 0, 0, 0, 0)
            place += length
        self._taken = place + -place % 8
        return Volley(packets, self._address + headers)


def taken_by(answer: int) -> int:
    """What sendmmsg answered. Raises OSError, with the error of the last call, where it took nothing."""
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer
