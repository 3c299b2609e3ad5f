"""A listener that keeps what it hears, for the tests of feeds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import trio

from beatsync.core.observation import Observation

PATIENCE_SECONDS = 30.0


@dataclass
class Heard:
    """What a feed said."""

    observations: list[Observation] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    sources: list[str] = field(default_factory=list)
    news: trio.Event = field(default_factory=trio.Event)

    def connected(self, source: str) -> None:
        """The source answers."""
        self.sources.append(source)
        self._tell()

    def observe(self, observation: Observation) -> None:
        """One reading."""
        self.observations.append(observation)
        self._tell()

    def ignore(self, reason: str) -> None:
        """Something that is no reading."""
        self.ignored[reason] += 1
        self._tell()

    def _tell(self) -> None:
        self.news.set()
        self.news = trio.Event()

    async def wait_for(self, count: int) -> list[Observation]:
        """The observations, once there are at least `count`."""
        with trio.fail_after(PATIENCE_SECONDS):
            while len(self.observations) < count:
                await self.news.wait()
        return self.observations

    async def wait_ignored(self, count: int) -> Counter[str]:
        """What was ignored, once it is at least so much."""
        with trio.fail_after(PATIENCE_SECONDS):
            while self.ignored.total() < count:
                await self.news.wait()
        return self.ignored
