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
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from starlette.applications import Starlette

from beatsync.feeds.push.refusals import Unpushed

MAX_CLIENTS: Final = 16

_BACKLOG: Final = 16
_HEAD_SECONDS: Final = 5
"""How long a request's head may take, and how long a connection may wait for the next one."""

_SILENCE_SECONDS: Final = 30
_PING_SECONDS: Final = 10
_GONE_SECONDS: Final = 0.25
"""How long what a client asked for may still take when it has closed its side."""

_UNREAD_MS: Final = 10_000
"""How long a client may leave what it is sent unread: hypercorn waits for it, and would for ever."""

_SORRY: Final = b'{"error":"too many clients; close some of them"}'
_SENT_AWAY: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: %d\r\nretry-after: 1\r\n"
    b"connection: close\r\n\r\n%b" % (len(_SORRY), _SORRY)
)


class _Connection(TCPServer):
    """hypercorn's server of one connection; it ends soon after its client has left.

    Left alone it would wait for its own timers first, and hold a place for seconds.
    """

    async def _read_data(self) -> None:
        await super()._read_data()
        self._task_group.spawn(self._end)

    async def _end(self) -> None:
        if self.stream.socket.fileno() >= 0:  # not closed on our side: an answer may still be due
            await trio.sleep(_GONE_SECONDS)
        assert self._task_group._nursery is not None  # noqa: SLF001
        self._task_group._nursery.cancel_scope.cancel()  # noqa: SLF001


def listening_socket(host: str, port: int) -> socket.socket:
    """A TCP socket that listens. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        opened.settimeout(0)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNREAD_MS)
        opened.bind((host, port))
        opened.listen(_BACKLOG)
    except OSError:
        opened.close()
        raise
    return opened


async def serve_few(app: Starlette, listening: socket.socket, *, count: Callable[[Unpushed], None]) -> Never:
    """Serve `app` until cancelled. `count` is told of clients that could not be served."""
    # The two sides' types of an ASGI application differ in words only.
    serve = partial(_Connection, ASGIWrapper(app), _configuration(), WorkerContext(None), {})  # type: ignore[arg-type]
    places = trio.CapacityLimiter(MAX_CLIENTS)

    async def attend(stream: trio.SocketStream) -> None:
        if places.available_tokens < 1:
            count(Unpushed.TOO_MANY_CLIENTS)
            await _send_away(stream)
            return
        async with places:
            try:
                await serve(stream)  # type: ignore[arg-type]
            except Exception:  # noqa: BLE001  hypercorn's bugs are one connection's trouble, not the feed's
                count(Unpushed.BROKEN)

    listener = trio.SocketListener(trio.socket.from_stdlib_socket(listening))
    await trio.serve_listeners(attend, [listener])
    raise AssertionError("listeners are served until cancelled")


async def _send_away(stream: trio.SocketStream) -> None:
    with trio.move_on_after(0.5):
        try:
            await stream.send_all(_SENT_AWAY)
        except trio.BrokenResourceError:
            return


def _configuration() -> Config:
    config = Config()
    config.accesslog = None
    config.errorlog = None
    config.include_server_header = False
    config.keep_alive_timeout = _HEAD_SECONDS
    config.keep_alive_max_requests = 1_000_000
    config.read_timeout = _SILENCE_SECONDS
    config.websocket_ping_interval = _PING_SECONDS
    config.websocket_max_message_size = 16 * 1024
    config.h2_max_concurrent_streams = 4
    return config
