"""A bad connection: everything that passes waits a random time, each way, and nothing overtakes anything."""

from __future__ import annotations

import random  # noqa: TID251  seeded
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import trio

from beatsync.clock import SystemClock

LONGEST_DELAY_SECONDS = 0.3
_ONE_BURST_NS = 10_000_000
"""What comes in one go goes on in one go: the head of an answer and its body."""

_CLOCK = SystemClock()


@asynccontextmanager
async def delayed(port: int, *, seed: int) -> AsyncIterator[int]:
    """The port of a proxy for a port of this machine."""
    chance = random.Random(seed)
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")

    async def attend(client: trio.SocketStream) -> None:
        try:
            server = await trio.open_tcp_stream("127.0.0.1", port)
        except OSError:
            return
        async with server, trio.open_nursery() as nursery:
            nursery.start_soon(_pump, client, server, chance)
            await _pump(server, client, chance)
            nursery.cancel_scope.cancel()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, attend, listeners)
        yield listeners[0].socket.getsockname()[1]
        nursery.cancel_scope.cancel()


async def _pump(source: trio.SocketStream, sink: trio.SocketStream, chance: random.Random) -> None:
    """Pass on what comes, later."""
    came_at = deliver_at = 0
    send, receive = trio.open_memory_channel[tuple[int, bytes]](1000)

    async def deliver() -> None:
        async for at, data in receive:
            await trio.sleep(max(0, at - _CLOCK.now()) / 1e9)
            with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
                await sink.send_all(data)
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            await sink.send_eof()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(deliver)
        async with send:
            while data := await _received(source):
                now = _CLOCK.now()
                if now - came_at > _ONE_BURST_NS:
                    deliver_at = max(deliver_at, now + round(chance.uniform(0, LONGEST_DELAY_SECONDS) * 1e9))
                came_at = now
                await send.send((deliver_at, data))


async def _received(source: trio.SocketStream) -> bytes:
    """What comes next; nothing where the other side has left."""
    try:
        return bytes(await source.receive_some())
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        return b""
