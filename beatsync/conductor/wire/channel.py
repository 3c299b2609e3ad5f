"""One end of a connection between daemon and conductor: whole frames over a Unix socket, posted without waiting."""

from __future__ import annotations

import socket
import struct
from collections import deque
from typing import Final

import trio

MAX_FRAME_BYTES: Final = 64 * 1024 * 1024
"""Part of a schedule is the largest of messages; 200 cues of the largest datagrams take a quarter of this."""

MAX_BACKLOG_BYTES: Final = 16 * 1024 * 1024
"""What a conductor lets wait for a daemon that does not read; beyond it the connection is given up."""

_LENGTH: Final = struct.Struct("<I")
_CHUNK: Final = 256 * 1024


class Channel:
    """Frames to and from one peer. `post` from anywhere in the loop; `run` is the task that writes what had to wait."""

    def __init__(self, connected: socket.socket, *, max_backlog: int = MAX_BACKLOG_BYTES) -> None:
        """`connected`: a stream socket, which is the channel's from now on; `max_backlog`: how much may wait."""
        self._max_backlog = max_backlog
        connected.settimeout(0)
        self._socket = connected
        self._backlog: deque[memoryview] = deque()
        self._backlog_bytes = 0
        self._received = bytearray()
        self._wake = trio.Event()
        self.broken = False

    def post(self, payload: bytes) -> None:
        """Send a frame: at once as far as the peer takes it, the rest as soon as it does. Nothing once broken."""
        if self.broken:
            return
        data = memoryview(_LENGTH.pack(len(payload)) + payload)
        if not self._backlog:
            data = data[self._write(data) :]
        if data:
            self._backlog.append(data)
            self._backlog_bytes += len(data)
            self._wake.set()
        if self._backlog_bytes > self._max_backlog:
            self.broken = True

    async def receive(self) -> bytes | None:
        """The next frame; None when the peer has gone."""
        while True:
            frame = self._take()
            if frame is not None or self.broken:
                return frame
            await trio.lowlevel.wait_readable(self._socket)
            try:
                chunk = self._socket.recv(_CHUNK)
            except BlockingIOError:
                continue
            except OSError:
                return None
            if not chunk:
                return None
            self._received += chunk

    async def run(self) -> None:
        """Write what had to wait, until the connection breaks."""
        while not self.broken:
            if not self._backlog:
                self._wake = trio.Event()
                await self._wake.wait()
            await trio.lowlevel.wait_writable(self._socket)
            self._flush()

    def close(self) -> None:
        """Hang up."""
        self.broken = True
        trio.lowlevel.notify_closing(self._socket)
        self._socket.close()

    def _take(self) -> bytes | None:
        if len(self._received) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._received)
        if length > MAX_FRAME_BYTES:
            self.broken = True
            return None
        if len(self._received) < _LENGTH.size + length:
            return None
        frame = bytes(self._received[_LENGTH.size : _LENGTH.size + length])
        del self._received[: _LENGTH.size + length]
        return frame

    def _flush(self) -> None:
        while self._backlog and not self.broken:
            data = self._backlog[0]
            written = self._write(data)
            self._backlog_bytes -= written
            if written < len(data):
                self._backlog[0] = data[written:]
                return
            self._backlog.popleft()

    def _write(self, data: memoryview) -> int:
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            self.broken = True
            return len(data)
