"""Waiting for what a feed says, by what it says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import trio

from beatsync.core.observation import Observation
from beatsync.feeds.feed import Feed, FeedTrouble
from tests.feeds.listening import PATIENCE_SECONDS, Heard


class Watched(Heard):
    """What a feed said up to now, and what it will say."""

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition` holds; looked at whenever something is said."""
        with trio.fail_after(PATIENCE_SECONDS):
            while not condition():
                await self.news.wait()

    async def first(self, fits: Callable[[Observation], bool], *, after: int = 0) -> Observation:
        """The first observation that fits, of those that come after the first `after`."""

        def found() -> list[Observation]:
            return [told for told in self.observations[after:] if fits(told)]

        await self.until(lambda: bool(found()))
        return found()[0]


@asynccontextmanager
async def watching(feed: Feed) -> AsyncIterator[Watched]:
    """What `feed` says, for as long as the context lasts. Its source may take a while to be there."""
    watched = Watched()

    async def listen() -> None:
        while True:
            try:
                await feed.listen(watched)
            except FeedTrouble:
                if watched.sources:
                    raise
                await trio.sleep(0.01)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(listen)
        yield watched
        nursery.cancel_scope.cancel()


async def trouble_of(feed: Feed, watched: Watched | None = None) -> str:
    """What the feed breaks with."""
    with trio.fail_after(PATIENCE_SECONDS):
        try:
            await feed.listen(watched or Watched())
        except FeedTrouble as trouble:
            return str(trouble)
    raise AssertionError("the feed ended without a word")
