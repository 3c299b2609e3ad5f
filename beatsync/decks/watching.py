"""The feeds of a deck, followed for themselves: nothing is loaded, and nothing fires."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Never

from beatsync.clock import Clock
from beatsync.config.configuration import FollowFeeds
from beatsync.core.estimator import Estimator
from beatsync.core.failover import Failover
from beatsync.core.observation import Following, Observation, TrackHint
from beatsync.core.playback import Jumped, TrackChanged, Verdict
from beatsync.core.transport import Transport
from beatsync.core.units import DurationNs, HostNs
from beatsync.decks.deck_clock import FeedStanding
from beatsync.decks.feed_clock import Ears, FeedClock
from beatsync.decks.record import Entry, Observed
from beatsync.feeds.feed import Feed
from beatsync.feeds.keeping import FeedRemark

REMEMBERED: Final = 240
"""So many residuals of each feed are kept: more than a line of a terminal has columns."""


@dataclass(frozen=True, slots=True)
class Watched:
    """One feed at an instant. `residuals`: how far the last readings lay above the line that was known before them."""

    standing: FeedStanding
    following: Following
    residuals: tuple[DurationNs, ...]


@dataclass(frozen=True, slots=True)
class View:
    """All feeds of a deck at an instant, and what follows from them."""

    at: HostNs
    deck: str
    transport: Transport | None
    track: TrackHint | None
    feeds: tuple[Watched, ...]


class Watch:
    """Follows feeds in order of preference, as a deck would."""

    def __init__(
        self,
        deck: str,
        feeds: Sequence[Feed],
        choice: FollowFeeds,
        *,
        clock: Clock,
        remark: Callable[[FeedRemark], None],
    ) -> None:
        """`feeds`: those of `choice`; `remark`: told what they say of themselves."""
        self._deck = deck
        self._choice = choice
        self._estimators = [
            Estimator(feed.character, its.following) for feed, its in zip(feeds, choice.feeds, strict=True)
        ]
        self._residuals: list[deque[DurationNs]] = [deque(maxlen=REMEMBERED) for _ in feeds]
        failover = Failover(self._estimators, hand_back=choice.hand_back)
        ears = Ears(verdict=self._take, remark=remark, record=self._keep)
        self._led_by = FeedClock(deck, feeds, failover, clock=clock, ears=ears)
        self._led_by.begin()

    async def run(self) -> Never:
        """Keep every feed, until cancelled."""
        await self._led_by.run()

    def view(self, now: HostNs) -> View:
        """Everything at this instant."""
        standings = self._led_by.feeds(now)
        return View(
            at=now,
            deck=self._deck,
            transport=self._led_by.transport,
            track=self._led_by.track,
            feeds=tuple(
                Watched(standing, its.following, tuple(residuals))
                for standing, its, residuals in zip(standings, self._choice.feeds, self._residuals, strict=True)
            ),
        )

    def _take(self, verdict: Verdict) -> None:
        """Readings from before a jump say nothing of what follows."""
        if isinstance(verdict, Jumped | TrackChanged):
            for residuals in self._residuals:
                residuals.clear()

    def _keep(self, entry: Entry) -> None:
        if isinstance(entry, Observed):
            residual = self._residual(entry.feed, entry.observation)
            if residual is not None:
                self._residuals[entry.feed].append(residual)

    def _residual(self, feed: int, observation: Observation) -> DurationNs | None:
        line = self._estimators[feed].transport
        if line is None or not line.moving or observation.position is None or observation.jump:
            return None
        position = observation.position + self._choice.feeds[feed].following.offset
        return DurationNs(position - line.position_at(observation.host))
