"""Receivers on this machine that know when a datagram left: the kernel stamps it on its way through loopback.

The stamp is taken in the sender's own system call, so it does not matter how busy the receiver is.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence
from threading import Thread
from typing import Final, Self

from beatsync.clock import Clock
from beatsync.core.units import NS_PER_SECOND, HostNs, WallNs

_TIMESPEC: Final = struct.Struct("@ll")
# Not in Python's socket module. Linux, asm-generic/socket.h.
_SO_TIMESTAMPNS: Final = 35
_BUFFER_BYTES: Final = 1 << 23


class Receivers:
    """Some UDP ports of this machine, each read by a thread. Use as a context.

    `left`: for each port the number that each message carries in its last argument, with when it left.
    """

    def __init__(self, count: int, *, clock: Clock) -> None:
        """`count`: of ports; which ones is the system's choice."""
        self._clock = clock
        self._sockets = [_bound() for _ in range(count)]
        self.left: list[list[tuple[int, HostNs]]] = [[] for _ in range(count)]
        self._threads = [
            Thread(target=self._read, args=(opened, left), daemon=True)
            for opened, left in zip(self._sockets, self.left, strict=True)
        ]

    @property
    def ports(self) -> Sequence[int]:
        """The ports."""
        return [int(opened.getsockname()[1]) for opened in self._sockets]

    def __enter__(self) -> Self:
        """Begin to read."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, once everything that was sent has been read."""
        for port, thread in zip(self.ports, self._threads, strict=True):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"", ("127.0.0.1", port))
            thread.join()
        for opened in self._sockets:
            opened.close()

    def _read(self, opened: socket.socket, left: list[tuple[int, HostNs]]) -> None:
        while True:
            data, ancillary, _, _ = opened.recvmsg(2048, 64)
            if not data:
                return
            number = int.from_bytes(data[-4:], "big")
            for _, _, stamp in ancillary:
                seconds, nanoseconds = _TIMESPEC.unpack_from(stamp)
                wall = WallNs(seconds * NS_PER_SECOND + nanoseconds)
                left.append((number, self._clock.host_of(wall)))


def _bound() -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
    opened.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    opened.bind(("127.0.0.1", 0))
    return opened
