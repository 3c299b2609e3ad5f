"""A deck led by feeds: each is kept running, and what they say together becomes verdicts for the deck."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Never

import trio

from beatsync.clock import Clock
from beatsync.core.failover import Failover
from beatsync.core.observation import Observation, TrackHint
from beatsync.core.playback import Held, Jumped, TrackChanged, Verdict
from beatsync.core.quality import Quality
from beatsync.core.transport import Transport
from beatsync.core.units import NS_PER_SECOND, HostNs
from beatsync.decks.deck_clock import FeedStanding
from beatsync.decks.record import Became, Observed, Passed, Record
from beatsync.feeds.feed import Feed
from beatsync.feeds.keeping import FeedRemark, KeptFeed

FOUND: Final = "found playing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ears:
    """Who is told what: `verdict` of the deck's line, `remark` of the feeds themselves, `record` what they say."""

    verdict: Callable[[Verdict], None]
    remark: Callable[[FeedRemark], None]
    record: Record


class FeedClock:
    """Follows feeds in order of preference."""

    def __init__(self, deck: str, feeds: Sequence[Feed], failover: Failover, *, clock: Clock, ears: Ears) -> None:
        """`failover`: of as many feeds, in the same order."""
        self._deck = deck
        self._failover = failover
        self._clock = clock
        self._ears = ears
        self._feeds = [
            KeptFeed(feed, observe=partial(self._observe, number), remark=ears.remark, clock=clock)
            for number, feed in enumerate(feeds)
        ]
        self._characters = [feed.character for feed in feeds]
        self._begun = False
        self._armed: HostNs | None = None
        self._changed = trio.Event()

    # Queries

    @property
    def name(self) -> str:
        """What people call the feed that leads."""
        return self._feeds[self._failover.leader].feed.name

    @property
    def transport(self) -> Transport | None:
        """The line; None while nothing is known of playback."""
        return self._failover.transport

    @property
    def track(self) -> TrackHint | None:
        """What the player says of the track that it plays."""
        return self._failover.track

    def quality(self, now: HostNs) -> Quality:
        """How well playback is followed."""
        return self._failover.quality(now)

    def feeds(self, now: HostNs) -> tuple[FeedStanding, ...]:
        """How each feed stands, the preferred one first."""
        return tuple(
            FeedStanding(
                kept.health(),
                self._characters[number],
                self._failover.feeds[number].quality(now),
                leads=number == self._failover.leader,
            )
            for number, kept in enumerate(self._feeds)
        )

    # Its tasks

    def begin(self) -> None:
        """From now on verdicts are told; what is known already is told at once."""
        self._begun = True
        transport, now = self.transport, self._clock.now()
        if self.track is not None:
            self._ears.verdict(TrackChanged(track=self.track, transport=transport))
        elif transport is not None:
            position = transport.position_at(now)
            self._ears.verdict(Jumped(transport=transport, went_from=None, went_to=position, why=FOUND))

    async def run(self) -> Never:
        """Keep every feed, and do what falls due between readings, until cancelled."""
        async with trio.open_nursery() as nursery:
            for kept in self._feeds:
                nursery.start_soon(kept.run)
            nursery.start_soon(self._watch)
        raise AssertionError

    async def _watch(self) -> Never:
        while True:
            self._changed = trio.Event()
            self._armed = self._failover.next_deadline()
            if self._armed is None:
                await self._changed.wait()
            else:
                with trio.move_on_after(max(self._armed - self._clock.now(), 0) / NS_PER_SECOND):
                    await self._changed.wait()
            # After a stall of this process readings wait in sockets: they are no silence.
            await trio.lowlevel.checkpoint()
            self._advance(self._clock.now())

    def _advance(self, now: HostNs) -> None:
        if _is_due(self._failover.next_deadline(), now):
            self._ears.record(Passed(now, self._deck))
        while _is_due(self._failover.next_deadline(), now):
            self._take(self._failover.advance(now))

    def _observe(self, number: int, observation: Observation) -> None:
        self._look_at_character(number)
        now = self._clock.now()
        self._ears.record(Observed(now, self._deck, number, observation))
        self._take(self._failover.observe(number, observation, now))
        deadline = self._failover.next_deadline()
        if deadline is not None and (self._armed is None or deadline < self._armed):
            self._changed.set()

    def _look_at_character(self, number: int) -> None:
        """Some feeds learn from their player what sort of clock it is."""
        character = self._feeds[number].feed.character
        if character != self._characters[number]:
            self._characters[number] = character
            self._ears.record(Became(self._clock.now(), self._deck, number, character))
            self._failover.become(number, character)

    def _take(self, verdict: Verdict) -> None:
        if self._begun and not isinstance(verdict, Held):
            self._ears.verdict(verdict)


def _is_due(deadline: HostNs | None, now: HostNs) -> bool:
    return deadline is not None and deadline <= now
