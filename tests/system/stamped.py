"""A UDP port that knows when each message left its sender: the kernel stamps it on its way through loopback."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass, field
from threading import Thread
from typing import Final, Self

from pythonosc.osc_message import OscMessage

_TIMESPEC: Final = struct.Struct("@ll")
_SO_TIMESTAMPNS: Final = 35  # not in Python's socket module


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message, such as `/beat 3 1`. `at`: civil time in nanoseconds."""

    text: str
    at: int


@dataclass
class StampedPort:
    """A port of this machine, read by a thread. Use as a context; once it is over, everything sent has been read."""

    sink: socket.socket = field(default_factory=lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    arrivals: list[Arrival] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.sink.getsockname()[1])

    def __enter__(self) -> Self:
        self.sink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.sink.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self.sink.bind(("127.0.0.1", 0))
        self.reader = Thread(target=self._read, daemon=True)
        self.reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))
        self.reader.join()
        self.sink.close()

    def _read(self) -> None:
        while True:
            packet, ancillary, _, _ = self.sink.recvmsg(4096, 64)
            if not packet:
                return
            message = OscMessage(packet)
            seconds, nanoseconds = _TIMESPEC.unpack_from(ancillary[0][2])
            text = " ".join([message.address, *map(str, message.params)])
            self.arrivals.append(Arrival(text, seconds * 10**9 + nanoseconds))
