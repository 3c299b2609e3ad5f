"""What leads a deck: a clock of its own, or feeds. Both are asked and run alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Never, Protocol

from beatsync.core.observation import Character, TrackHint
from beatsync.core.quality import Quality
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs
from beatsync.feeds.keeping import FeedHealth


@dataclass(frozen=True, slots=True)
class FeedStanding:
    """How one feed of a deck stands: to its source, and how well it is followed."""

    health: FeedHealth
    character: Character
    quality: Quality
    leads: bool


class DeckClock(Protocol):
    """Tells a deck each verdict; between them it can be asked."""

    @property
    def name(self) -> str:
        """What people call whatever leads playback at present."""
        ...

    @property
    def transport(self) -> Transport | None:
        """The line that playback follows; None while nothing is known of it."""
        ...

    @property
    def track(self) -> TrackHint | None:
        """What the player says of the track that it plays."""
        ...

    def quality(self, now: HostNs) -> Quality:
        """How well playback is known."""
        ...

    def feeds(self, now: HostNs) -> tuple[FeedStanding, ...]:
        """How each feed stands, the preferred one first; none for a clock of its own."""
        ...

    def begin(self) -> None:
        """Everything is armed: from now on verdicts may come."""
        ...

    async def run(self) -> Never:
        """Its tasks, until cancelled."""
        ...
