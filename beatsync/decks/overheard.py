"""A conductor, of which its twin hears everything that it is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from beatsync.clock import Clock
from beatsync.conductor.actions import Action
from beatsync.conductor.conducted import Retargetable
from beatsync.conductor.report import Snapshot
from beatsync.core.schedule import Schedule
from beatsync.core.targets import Target
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs
from beatsync.decks.foresight import Foresight


@dataclass(frozen=True, slots=True)
class Overheard:
    """Stands in for the conductor."""

    conductor: Retargetable
    foresight: Foresight
    clock: Clock

    def do(self, *actions: Action) -> None:
        """Do all of this at one instant."""
        self.conductor.do(*actions)
        self.foresight.note(actions, self.clock.now())

    def transport(self, deck: str) -> Transport | None:
        """The line that a deck follows."""
        return self.conductor.transport(deck)

    def next_deadline(self, deck: str | None = None) -> HostNs | None:
        """When the next cue falls due."""
        return self.conductor.next_deadline(deck)

    def snapshot(self) -> Snapshot:
        """The state of everything."""
        return self.conductor.snapshot()

    async def pack(self, schedules: Iterable[Schedule]) -> None:
        """Make these ready for their way."""
        await self.conductor.pack(schedules)

    async def prepare(self, targets: Iterable[Target]) -> None:
        """Open these targets beside those that are open."""
        await self.conductor.prepare(targets)

    async def wait_applied(self) -> None:
        """Return when every action has been applied."""
        await self.conductor.wait_applied()

    async def wait_drained(self) -> None:
        """Return when no packet waits for a slow receiver any more."""
        await self.conductor.wait_drained()
