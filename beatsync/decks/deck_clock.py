"""What leads a deck: a clock of its own, or feeds. Both are asked and run alike."""

from __future__ import annotations

from typing import Never, Protocol

from beatsync.core.observation import TrackHint
from beatsync.core.quality import Quality
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs


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

    def begin(self) -> None:
        """Everything is armed: from now on verdicts may come."""
        ...

    async def run(self) -> Never:
        """Its tasks, until cancelled."""
        ...
