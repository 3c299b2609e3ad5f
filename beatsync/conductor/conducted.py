"""What a daemon can ask of a conductor, wherever it lives: in this process, or in one of its own behind a Link."""

from __future__ import annotations

from typing import Protocol

from beatsync.conductor.report import Snapshot
from beatsync.core.schedule import Schedule
from beatsync.core.transport import Transport
from beatsync.core.units import DurationNs, HostNs, TrackNs


class Conducted(Protocol):
    """A conductor's inputs and queries. None of them waits, except `wait_drained`."""

    @property
    def transport(self) -> Transport | None:
        """The line that is followed."""
        ...

    def position(self) -> TrackNs | None:
        """Where playback stands now."""
        ...

    def next_deadline(self) -> HostNs | None:
        """When the next cue falls due, as far as is known here."""
        ...

    def snapshot(self) -> Snapshot:
        """The state of everything, as it was last known."""
        ...

    def load(self, schedule: Schedule) -> None:
        """A new schedule; what has fired stays fired."""
        ...

    def seek(self, transport: Transport) -> None:
        """Playback jumped, started or stopped."""
        ...

    def adjust(self, transport: Transport) -> None:
        """The same playback, better known."""
        ...

    def set_lead(self, target: str, lead: DurationNs) -> None:
        """Tell `target` so much earlier."""
        ...

    def stop(self) -> None:
        """Playback is over: end every look."""
        ...

    async def wait_drained(self) -> None:
        """Return when every input has been applied and no packet waits for a slow receiver any more."""
        ...
