"""A push feed on a free port of loopback, and who pushes to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import trio

from beatsync.clock import Clock, SystemClock
from beatsync.config.feeds.push import PushModel, PushSettings
from beatsync.feeds.push.feed import PushFeed
from tests.feeds.listening import Heard

PAGE = "https://game.example"
TOKEN = "0123456789abcdef-token"


def settings(**keys: object) -> PushSettings:
    """As a configuration describes it, on a free port."""
    model = PushModel.model_validate(keys)
    return replace(model.choice(Path()), port=0)


@dataclass
class Listening:
    """A feed that listens."""

    feed: PushFeed
    heard: Heard
    client: httpx.AsyncClient

    @property
    def port(self) -> int:
        """Where."""
        return self.feed.port

    async def push(self, body: object, **headers: str) -> httpx.Response:
        """Push a JSON body; header names with `_` for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post("/v1/position", json=body, headers=named)


@asynccontextmanager
async def listening(
    chosen: PushSettings,
    *,
    clock: Clock | None = None,
    env: Mapping[str, str] | None = None,
) -> AsyncIterator[Listening]:
    """A push feed, and a client of it."""
    heard = Heard()
    feed = PushFeed(chosen, clock=clock or SystemClock(), env=env or {})
    async with trio.open_nursery() as nursery:
        nursery.start_soon(feed.listen, heard)
        with trio.fail_after(30):
            while feed.port == 0:
                await trio.lowlevel.checkpoint()
        base = f"http://127.0.0.1:{feed.port}"
        async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=30) as client:
            yield Listening(feed, heard, client)
        nursery.cancel_scope.cancel()
