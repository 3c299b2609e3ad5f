"""What leads a deck in a replay: feeds that say again what they said, or a clock that decides again what it decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Never

from beatsync.core.failover import Failover
from beatsync.core.observation import Character, Observation, TrackHint
from beatsync.core.playback import Held, Verdict
from beatsync.core.quality import Quality, State
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs
from beatsync.decks.deck_clock import FeedStanding

Take = Callable[[Verdict], None]


class ReplayedFeeds:
    """The feeds of a deck, each reading told again.

    Followed as they were then, they are told that time has passed when they were told so then: a machine that stalled
    was late with that. Followed in another way, they are told when it is due.
    """

    def __init__(self, name: str, failover: Failover, take: Take, *, as_then: bool) -> None:
        """`name`: of the feed; `take`: the deck is told each verdict; `as_then`: followed in the same way."""
        self.name = name
        self._failover = failover
        self._take = take
        self._as_then = as_then

    @property
    def transport(self) -> Transport | None:
        """The line."""
        return self._failover.transport

    @property
    def track(self) -> TrackHint | None:
        """What the player said that it plays."""
        return self._failover.track

    def quality(self, now: HostNs) -> Quality:
        """How well playback is followed."""
        return self._failover.quality(now)

    def feeds(self, now: HostNs) -> tuple[FeedStanding, ...]:  # noqa: ARG002  the face of every clock
        """There are none: nothing is connected."""
        return ()

    def begin(self) -> None:
        """Nothing has been heard yet."""

    async def run(self) -> Never:
        """Never called: a replay has no tasks."""
        raise AssertionError

    def next_deadline(self) -> HostNs | None:
        """When to call `advance` next."""
        return None if self._as_then else self._failover.next_deadline()

    def advance(self, now: HostNs) -> None:
        """Do what has fallen due."""
        while (deadline := self._failover.next_deadline()) is not None and deadline <= now:
            self._give(self._failover.advance(now))

    def passed(self, now: HostNs) -> None:
        """Then, time was said to have passed."""
        if self._as_then:
            self.advance(now)

    def hear(self, feed: int, observation: Observation, now: HostNs) -> None:
        """A feed says something."""
        self._give(self._failover.observe(feed, observation, now))

    def _give(self, verdict: Verdict) -> None:
        if not isinstance(verdict, Held):
            self._take(verdict)

    def become(self, feed: int, character: Character) -> None:
        """A feed has turned out to be another sort of clock."""
        self._failover.become(feed, character)


class ReplayedVerdicts:
    """A deck's own clock, whose verdicts came from people: they are taken from the trace."""

    name = "its own clock"
    track: TrackHint | None = None

    def __init__(self, take: Take) -> None:
        """`take`: the deck is told each verdict."""
        self._take = take
        self.transport: Transport | None = None

    def quality(self, now: HostNs) -> Quality:  # noqa: ARG002  the face of every clock
        """As good as can be."""
        return Quality(state=State.LOCKED, error=None, rate=0.0, age=None, last_break=None, refused=0)

    def feeds(self, now: HostNs) -> tuple[FeedStanding, ...]:  # noqa: ARG002  the face of every clock
        """There are none."""
        return ()

    def begin(self) -> None:
        """What it decided first is in the trace too."""

    async def run(self) -> Never:
        """Never called: a replay has no tasks."""
        raise AssertionError

    def next_deadline(self) -> None:
        """Nothing happens by itself."""

    def advance(self, now: HostNs) -> None:
        """Nothing happens by itself."""

    def decide(self, verdict: Verdict) -> None:
        """What was decided then."""
        if not isinstance(verdict, Held):
            self.transport = verdict.transport
            self._take(verdict)
