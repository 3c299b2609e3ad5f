"""The alarm: wakes the conductor at the next deadline, or as soon as an input has changed it."""

from __future__ import annotations

import trio

from beatsync.clock import Clock
from beatsync.core.units import NS_PER_SECOND, HostNs


class Alarm:
    """One deadline at a time on one clock. `rearm` is called by whoever changed the deadline, from the same loop."""

    def __init__(self, clock: Clock) -> None:
        """`clock`: the one that deadlines are on."""
        self._clock = clock
        self._changed = trio.Event()

    def rearm(self) -> None:
        """The deadline may have changed: let the waiter look again."""
        self._changed.set()

    async def wait(self, deadline: HostNs | None) -> None:
        """Return at `deadline`, or earlier when rearmed; without a deadline only then. May return a little early."""
        if self._changed.is_set():
            self._changed = trio.Event()
            await trio.lowlevel.checkpoint()
            return
        if deadline is None:
            await self._changed.wait()
        else:
            with trio.move_on_after(max(0, deadline - self._clock.now()) / NS_PER_SECOND):
                await self._changed.wait()
        self._changed = trio.Event()
