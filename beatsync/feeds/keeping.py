"""Keeps a feed running for ever: started, started again when it breaks, and what is known of it kept as a value.

Whatever breaks in a feed, nothing else notices but by its silence. Never judges what a feed says.
"""

from __future__ import annotations

import random  # noqa: TID251  the shell draws the jitter of starting again
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Never, TypeAlias

import trio

from beatsync.clock import Clock
from beatsync.core.backoff import Backoff
from beatsync.core.observation import Observation
from beatsync.core.units import NS_PER_SECOND, HostNs, ms
from beatsync.feeds.feed import Feed, FeedTrouble

FIRST_REST: Final = ms(100)
LONGEST_REST: Final = ms(2000)


class FeedState(StrEnum):
    """How a feed stands to its source."""

    CONNECTING = "connecting"
    """it has not answered yet, and nothing has gone wrong yet"""
    CONNECTED = "connected"
    """it answers; whether it has anything to say is another matter"""
    TROUBLED = "troubled"
    """it is not there, or makes no sense; tried again all the time"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHealth:
    """What is known of a feed at one instant; counts are from the start of the program.

    `source`: what answered last, as people call it; `reason`: why it is troubled; `ignored`: what came that was no
    reading, by reason; `troubles`: how often it broke or could not be started; `last_heard`: of the last reading.
    """

    name: str
    state: FeedState
    source: str | None = None
    reason: str | None = None
    observations: int = 0
    ignored: Mapping[str, int]
    troubles: int = 0
    last_heard: HostNs | None = None


@dataclass(frozen=True, slots=True)
class FeedConnected:
    """The source answers, for the first time, again, or another one than before."""

    feed: str
    source: str


@dataclass(frozen=True, slots=True)
class FeedTroubled:
    """The source does not answer any more, or for another reason than before."""

    feed: str
    reason: str


@dataclass(frozen=True, slots=True)
class FeedIgnored:
    """Something came that is no reading; told the first time for each reason."""

    feed: str
    reason: str


FeedRemark: TypeAlias = FeedConnected | FeedTroubled | FeedIgnored


class KeptFeed:
    """One feed and what is known of it; `run` is the task that keeps it."""

    def __init__(
        self,
        feed: Feed,
        *,
        observe: Callable[[Observation], None],
        remark: Callable[[FeedRemark], None],
        clock: Clock,
        share: Callable[[], float] = random.random,
    ) -> None:
        """`observe`: told every reading; `remark`: told every change, once; `share`: draws the jitter, 0 to 1."""
        self.feed: Final = feed
        self._observe = observe
        self._remark = remark
        self._clock = clock
        self._share = share
        self._state = FeedState.CONNECTING
        self._source: str | None = None
        self._reason: str | None = None
        self._observations = 0
        self._ignored: Counter[str] = Counter()
        self._troubles = 0
        self._last_heard: HostNs | None = None
        self._again = Backoff(FIRST_REST, LONGEST_REST)

    def health(self) -> FeedHealth:
        """What is known at this instant."""
        return FeedHealth(
            name=self.feed.name,
            state=self._state,
            source=self._source,
            reason=self._reason,
            observations=self._observations,
            ignored=MappingProxyType(dict(self._ignored)),
            troubles=self._troubles,
            last_heard=self._last_heard,
        )

    async def run(self) -> Never:
        """Start the feed, and again whenever it breaks, until cancelled."""
        while True:
            try:
                await self.feed.listen(self)
            except FeedTrouble as trouble:
                self._troubled(str(trouble))
            except Exception as fault:  # noqa: BLE001  told, counted, and tried again: the show goes on without this feed
                self._troubled(f"a fault in beatsync itself, please report it: {_described(fault)}")
            await trio.sleep(self._again.failed(share=self._share()) / NS_PER_SECOND)

    def _troubled(self, reason: str) -> None:
        self._troubles += 1
        news = (self._state, self._reason) != (FeedState.TROUBLED, reason)
        self._state, self._reason = FeedState.TROUBLED, reason
        if news:
            self._remark(FeedTroubled(self.feed.name, reason))

    # What the feed says

    def connected(self, source: str) -> None:
        """The source answers."""
        news = (self._state, self._source) != (FeedState.CONNECTED, source)
        self._state, self._source, self._reason = FeedState.CONNECTED, source, None
        if news:
            self._remark(FeedConnected(self.feed.name, source))

    def observe(self, observation: Observation) -> None:
        """One reading; only now is the source known to be of use, so that the next trouble starts with a short wait."""
        self._observations += 1
        self._last_heard = self._clock.now()
        self._again.went_well()
        self._observe(observation)

    def ignore(self, reason: str) -> None:
        """Something that is no reading."""
        self._ignored[reason] += 1
        if self._ignored[reason] == 1:
            self._remark(FeedIgnored(self.feed.name, reason))


def _described(fault: BaseException) -> str:
    """The innermost fault of a group, by type and text, on one line."""
    while isinstance(fault, BaseExceptionGroup):
        fault = fault.exceptions[0]
    return " ".join(f"{type(fault).__name__} {fault}".split())
