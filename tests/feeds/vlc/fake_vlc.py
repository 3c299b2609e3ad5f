"""A web interface like VLC's on loopback, which behaves as VLC does, or as it is told."""

from __future__ import annotations

import json
from base64 import b64encode
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import trio

from beatsync.clock import SystemClock
from tests.sources.audioscape_server import Fault, status

CLOCK = SystemClock()
PASSWORD = "tests' own password"


@dataclass
class FakeVlc:
    """`says`: fields of its answers in place of the usual ones; it plays on from 0 as time does.

    `script`: what is done in place of the coming answers, one each; `always`: in place of all others.
    """

    says: dict[str, object] = field(default_factory=dict)
    length: float = 180.73
    script: deque[Fault] = field(default_factory=deque)
    always: Fault | None = None
    port: int = 0
    requests: list[bytes] = field(default_factory=list)

    async def serve(self, task_status: trio.TaskStatus[int] = trio.TASK_STATUS_IGNORED) -> None:
        """Serve until cancelled."""
        self.started = CLOCK.now()
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        self.port = listeners[0].socket.getsockname()[1]
        task_status.started(self.port)
        await trio.serve_listeners(self._connection, listeners)

    async def _connection(self, stream: trio.SocketStream) -> None:
        request = b""
        try:
            async with stream:
                while b"\r\n\r\n" not in request:
                    request += await stream.receive_some()
                self.requests.append(request)
                await (self.script.popleft() if self.script else self.always or self._answer(request))(stream)
        except trio.BrokenResourceError:
            return

    def _answer(self, request: bytes) -> Fault:
        if b64encode(f":{PASSWORD}".encode()) not in request:
            return status(401, b"<html><title>Unauthorized</title></html>", Content_Type="text/html")
        return status(200, self.body(), Content_Type="text/plain")

    def body(self) -> bytes:
        """A status, in the types that VLC uses."""
        return json.dumps(self._fields() | self.says).encode()

    def _fields(self) -> dict[str, Any]:
        seconds = (CLOCK.now() - self.started) / 10**9
        meta = {"filename": "song.flac", "title": "Song"}
        return {
            "version": "3.0.24 Vetinari",
            "state": "playing",
            "position": seconds / self.length,
            "time": int(seconds),
            "length": int(self.length),
            "rate": 1,
            "repeat": False,
            "currentplid": 3,
            "information": {"category": {"meta": meta}},
        }


def answer(body: bytes) -> Fault:
    """A whole answer, with a body of any kind."""
    return status(200, body, Content_Type="text/plain")


def endless() -> Fault:
    """A body that does not end, as fast as it is taken."""

    async def pour(stream: trio.abc.Stream) -> None:
        await stream.send_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n")
        while True:
            await stream.send_all(b" " * 65_536)

    return pour


def header_without_end() -> Fault:
    """A header that does not end."""

    async def pour(stream: trio.abc.Stream) -> None:
        await stream.send_all(b"HTTP/1.1 200 OK\r\nX-Padding: ")
        while True:
            await stream.send_all(b"a" * 65_536)

    return pour
