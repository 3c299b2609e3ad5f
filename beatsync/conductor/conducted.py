"""What a daemon can ask of a conductor, wherever it lives: in this process, or in one of its own behind a Link."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from beatsync.conductor.actions import Action
from beatsync.conductor.report import Snapshot
from beatsync.core.schedule import Schedule
from beatsync.core.targets import Target
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs


class Conducted(Protocol):
    """A conductor's inputs and queries."""

    def transport(self, deck: str) -> Transport | None:
        """The line that a deck follows."""
        ...

    def next_deadline(self, deck: str | None = None) -> HostNs | None:
        """When the next cue of a deck, or of any, falls due, as far as is known here."""
        ...

    def snapshot(self) -> Snapshot:
        """The state of everything, as it was last known."""
        ...

    def do(self, *actions: Action) -> None:
        """Do all of this at one instant; returns at once."""
        ...

    async def wait_applied(self) -> None:
        """Return when every action has been applied: what is asked then is how things stand."""
        ...

    async def wait_drained(self) -> None:
        """Return when every action has been applied and no packet waits for a slow receiver any more."""
        ...


class Retargetable(Conducted, Protocol):
    """A conductor that can be given other targets and schedules while it plays, without a halt."""

    async def pack(self, schedules: Iterable[Schedule]) -> None:
        """Make these ready for their way, so that loading them soon takes no time."""
        ...

    async def prepare(self, targets: Iterable[Target]) -> None:
        """Open these targets beside those that are open, so that a Retarget can name them."""
        ...
