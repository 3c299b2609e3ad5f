"""Somebody on a player's socket, who says what a test wants to have said."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import trio

BYE = b"<bye>"
"""At the end of what is said: the connection is closed then."""


@asynccontextmanager
async def fake_player(path: Path, speak: Callable[[bytes], bytes], *, greeting: bytes = b"") -> AsyncIterator[None]:
    """Listens on the Unix socket `path`. `speak`: what is said to a line; nothing is silence."""

    async def say(stream: trio.SocketStream, speech: bytes) -> None:
        await stream.send_all(speech.removesuffix(BYE))
        if speech.endswith(BYE):
            await stream.aclose()

    async def serve(stream: trio.SocketStream) -> None:
        begun = b""
        try:
            await say(stream, greeting)
            async for data in stream:
                *lines, begun = (begun + data).split(b"\n")
                for line in lines:
                    await say(stream, speak(line))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return

    with trio.socket.socket(trio.socket.AF_UNIX) as listening:
        await listening.bind(str(path))
        listening.listen()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.serve_listeners, serve, [trio.SocketListener(listening)])
            yield
            nursery.cancel_scope.cancel()
