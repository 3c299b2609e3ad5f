"""An ASGI application served to a few clients at a time.

hypercorn alone accepts every connection: ten thousand of them would leave the show without file descriptors (faults.md,
H7, K5). So connections are accepted here, and each is handed to hypercorn's own server for one.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial
from typing import Final, Never

import trio
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.config import Config
from hypercorn.events import Closed, Event, RawData
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from starlette.types import ASGIApp

from beatsync.web.listening import UNREAD_SECONDS
from beatsync.web.refusals import Unadmitted

MAX_CLIENTS: Final = 16

_HEAD_SECONDS: Final = 5
"""How long a request's head may take, and how long a connection may wait for the next one."""

_PING_SECONDS: Final = 10
_GONE_SECONDS: Final = 0.25
"""How long what a client asked for may still take when it has closed its side."""

_SORRY: Final = b'{"error":"too many clients; close some of them"}'


class _Connection(TCPServer):
    """hypercorn's server of one connection, with an end to its patience.

    Left alone it would wait for its own timers when its client has left, and hold a place for seconds; and for a client
    that does not read what it is sent it would wait for ever, also where the whole show is being ended.
    """

    async def protocol_send(self, event: Event) -> None:
        if not isinstance(event, RawData):
            await super().protocol_send(event)
            return
        async with self.send_lock:
            try:
                with trio.fail_after(UNREAD_SECONDS):
                    await self.stream.send_all(event.data)
            except (trio.BrokenResourceError, trio.ClosedResourceError, trio.TooSlowError):
                await trio.aclose_forcefully(self.stream)
                await self.protocol.handle(Closed())

    async def _read_data(self) -> None:
        await super()._read_data()
        self._task_group.spawn(self._end)

    async def _end(self) -> None:
        if self.stream.socket.fileno() >= 0:  # not closed on our side: an answer may still be due
            await trio.sleep(_GONE_SECONDS)
        assert self._task_group._nursery is not None  # noqa: SLF001
        self._task_group._nursery.cancel_scope.cancel()  # noqa: SLF001


async def serve_few(
    app: ASGIApp,
    listening: socket.socket,
    *,
    count: Callable[[Unadmitted], None],
    sorry: bytes = _SORRY,
    silence: int | None = 30,
) -> Never:
    """Serve `app` until cancelled, on a socket that listens, of TCP or Unix.

    `count` is told of clients that could not be served; `sorry`: what one too many is told, as JSON; `silence`: how
    many seconds a client may say nothing in the middle of anything, None for ever.
    """
    # The two sides' types of an ASGI application differ in words only.
    serve = partial(_Connection, ASGIWrapper(app), _configuration(silence), WorkerContext(None), {})  # type: ignore[arg-type]
    places = trio.CapacityLimiter(MAX_CLIENTS)

    async def attend(stream: trio.SocketStream) -> None:
        if places.available_tokens < 1:
            count(Unadmitted.TOO_MANY_CLIENTS)
            await _send_away(stream, sorry)
            return
        async with places:
            try:
                await serve(stream)  # type: ignore[arg-type]
            except Exception:  # noqa: BLE001  hypercorn's bugs are one connection's trouble, not the show's
                count(Unadmitted.BROKEN)

    listener = trio.SocketListener(trio.socket.from_stdlib_socket(listening))
    await trio.serve_listeners(attend, [listener])
    raise AssertionError("listeners are served until cancelled")


async def _send_away(stream: trio.SocketStream, sorry: bytes) -> None:
    head = (
        b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
        b"retry-after: 1\r\nconnection: close\r\n\r\n" % len(sorry)
    )
    with trio.move_on_after(0.5):
        try:
            await stream.send_all(head + sorry)
        except trio.BrokenResourceError:
            return


def _configuration(silence: int | None) -> Config:
    config = Config()
    config.accesslog = None
    config.errorlog = None
    config.include_server_header = False
    config.keep_alive_timeout = _HEAD_SECONDS
    config.keep_alive_max_requests = 1_000_000
    config.read_timeout = silence
    config.websocket_ping_interval = _PING_SECONDS
    config.websocket_max_message_size = 16 * 1024
    config.h2_max_concurrent_streams = 4
    return config
