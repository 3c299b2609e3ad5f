"""Clients that do not read what they are sent. K5."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import trio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from trio.testing import MockClock

from beatsync.web.listening import listening_socket
from beatsync.web.refusals import Unadmitted
from beatsync.web.serving import serve_few

ENORMOUS = 64 * 1024 * 1024
REQUEST = b"GET /enormous HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"


async def _enormous(_request: Request) -> Response:
    return PlainTextResponse(b"x" * ENORMOUS)


async def _small(_request: Request) -> Response:
    return PlainTextResponse("here")


APP = Starlette(routes=[Route("/enormous", _enormous), Route("/small", _small)])


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[int, list[Unadmitted]]]:
    """The port, and what was counted."""
    counted: list[Unadmitted] = []
    with listening_socket("127.0.0.1", 0) as listening:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(lambda: serve_few(APP, listening, count=counted.append))
            yield listening.getsockname()[1], counted
            nursery.cancel_scope.cancel()


async def test_whoever_reads_nothing_is_let_go_after_ten_seconds(autojump_clock: MockClock) -> None:
    """K5: hypercorn alone waits for such a client for ever."""
    async with serving() as (port, counted):
        deaf = await trio.open_tcp_stream("127.0.0.1", port)
        await deaf.send_all(REQUEST)
        await trio.sleep(11)
        received = 0
        with suppress(trio.BrokenResourceError):
            while chunk := await deaf.receive_some():
                received += len(chunk)
        await deaf.aclose()
        assert received < ENORMOUS
        async with await trio.open_tcp_stream("127.0.0.1", port) as other:
            await other.send_all(REQUEST.replace(b"enormous", b"small"))
            assert b" 200 " in await other.receive_some()
    assert counted == []


async def test_whoever_reads_nothing_does_not_keep_the_show_from_ending() -> None:
    """K5, H13: what is being sent is given up when everything ends."""
    with trio.fail_after(5):
        async with serving() as (port, _):
            deaf = await trio.open_tcp_stream("127.0.0.1", port)
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            await deaf.send_all(REQUEST)
            await deaf.receive_some(1)
    await trio.aclose_forcefully(deaf)
