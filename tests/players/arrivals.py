"""UDP ports that know when each message left: the kernel stamps it on its way through loopback, however busy we are."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Final, Self

from pythonosc.osc_message import OscMessage

from beatsync.clock import SystemClock
from beatsync.core.units import NS_PER_SECOND, HostNs, WallNs

PATIENCE_SECONDS: Final = 30.0
_CLOCK: Final = SystemClock()
_TIMESPEC: Final = struct.Struct("@ll")
# Not in Python's socket module. Linux, asm-generic/socket.h.
_SO_TIMESTAMPNS: Final = 35


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message. `at`: when the kernel took it from its sender."""

    at: HostNs
    address: str
    arguments: tuple[object, ...]


@dataclass
class Arrivals:
    """One port of this machine, read by a thread. Use as a context."""

    heard: list[Arrival] = field(default_factory=list)
    _news: Condition = field(default_factory=Condition)

    def __post_init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.bind(("127.0.0.1", 0))
        self._reader = Thread(target=self._read, daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._socket.getsockname()[1])

    def __enter__(self) -> Self:
        """Begin to read."""
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, once everything that was sent has been read."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))
        self._reader.join()
        self._socket.close()

    def wait_for(self, count: int) -> list[Arrival]:
        """What has arrived, once it is at least so much."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.heard) >= count, PATIENCE_SECONDS), self.heard[-5:]
        return list(self.heard)

    def wait_beyond(self, count: int, *, more: int = 1) -> list[Arrival]:
        """What has arrived after the first `count`, once it is at least `more`."""
        return self.wait_for(count + more)[count:]

    def _read(self) -> None:
        while True:
            data, ancillary, _, _ = self._socket.recvmsg(2048, 64)
            if not data:
                return
            message = OscMessage(data)
            arrival = Arrival(_stamp(ancillary), message.address, tuple(message.params))
            with self._news:
                self.heard.append(arrival)
                self._news.notify_all()


def _stamp(ancillary: list[tuple[int, int, bytes]]) -> HostNs:
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack_from(data)
            return _CLOCK.host_of(WallNs(seconds * NS_PER_SECOND + nanoseconds))
    raise AssertionError("the kernel has not stamped a datagram")
