"""The stand-in for AudioScape, already serving, and a client of it that does not dawdle."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator

import pytest
import trio

from beatsync.sources.audioscape import AudioScape
from tests.sources.audioscape_server import AudioScapeServer
from tests.sources.clients import KEY, client_of
from tests.sources.documents import ASSET, document


@pytest.fixture
async def server(nursery: trio.Nursery) -> AudioScapeServer:
    """Knows `ASSET` and the key `KEY`."""
    server = AudioScapeServer(key=KEY, documents={ASSET: document()})
    await nursery.start(server.serve)
    return server


@pytest.fixture
async def client(server: AudioScapeServer) -> AsyncIterator[AudioScape]:
    """A client of `server`."""
    async with client_of(server.url) as client:
        yield client


@pytest.fixture
def unused_port() -> Iterator[int]:
    """A port on which nothing listens, and that nothing else can take meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]
