"""What a feed says from one command to its player to the next."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import trio

from beatsync.core.observation import Observation
from beatsync.feeds.feed import Feed, FeedTrouble
from tests.feeds.listening import PATIENCE_SECONDS, Heard


class Follower:
    """What was heard, and since when it is of interest."""

    def __init__(self, heard: Heard) -> None:
        self.heard = heard
        self._from = 0

    def forget(self) -> None:
        """Only what comes from now on is of interest."""
        self._from = len(self.heard.observations)

    @property
    def recent(self) -> list[Observation]:
        """What was said since."""
        return self.heard.observations[self._from :]

    async def until(self, holds: Callable[[Observation], object]) -> Observation:
        """The first recent observation of which `holds` is true."""
        with trio.fail_after(PATIENCE_SECONDS):
            while True:
                for observation in self.recent:
                    if holds(observation):
                        return observation
                await self.heard.news.wait()

    async def playing(self, count: int = 1) -> list[Observation]:
        """The recent observations of a playing player, once there are `count`."""
        with trio.fail_after(PATIENCE_SECONDS):
            while len(found := [seen for seen in self.recent if seen.playing]) < count:
                await self.heard.news.wait()
        return found


@asynccontextmanager
async def following(feed: Feed) -> AsyncIterator[Follower]:
    """What `feed` says, once it says something."""
    heard = Heard()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(feed.listen, heard)
        await heard.wait_for(1)
        yield Follower(heard)
        nursery.cancel_scope.cancel()


async def trouble_when(feed: Feed, act: Callable[[], object], *, after: int = 5) -> str:
    """Why `feed` gives up when something is done to its player, after so many observations."""
    troubles: list[str] = []
    heard = Heard()

    async def listen() -> None:
        with pytest.raises(FeedTrouble) as trouble:
            await feed.listen(heard)
        troubles.append(str(trouble.value))

    with trio.fail_after(PATIENCE_SECONDS):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(listen)
            await heard.wait_for(after)
            act()
    (trouble,) = troubles
    assert "\n" not in trouble
    return trouble


def seconds_of(observation: Observation) -> float:
    """Its position, which it must have."""
    assert observation.position is not None
    return observation.position / 1e9


def moves_on(observations: list[Observation]) -> bool:
    """Whether positions increase with time."""
    positions = [seconds_of(observation) for observation in observations]
    hosts = [observation.host for observation in observations]
    return sorted(set(positions)) == positions and sorted(set(hosts)) == hosts
