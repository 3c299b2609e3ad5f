"""The tasks of one feed, which live and end together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Never

import trio

from beatsync.feeds.feed import FeedTrouble


async def run_together(*tasks: Callable[[], Awaitable[object]]) -> Never:
    """Run `tasks` until one raises FeedTrouble, and raise that, alone: of several the first one.

    Any other exception passes as the group that trio makes of it: it is a fault of ours.
    """
    met: list[FeedTrouble] = []

    async def run(task: Callable[[], Awaitable[object]]) -> None:
        try:
            await task()
            raise AssertionError("a task of a feed ended by itself")
        except FeedTrouble as trouble:
            met.append(trouble)
            nursery.cancel_scope.cancel()

    async with trio.open_nursery() as nursery:
        for task in tasks:
            nursery.start_soon(run, task)
    raise met[0]
