"""Schedules that come while another is being played: taken in piece by piece between cues, and let go of likewise.

Reading the schedule of an hour takes a quarter of a second, and forgetting one some ten milliseconds: too long to be
done at once by a process that has cues to send.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
import trio

from beatsync.clock import Clock
from beatsync.conductor.process.schedules import Schedules
from beatsync.conductor.wire.messages import Part
from beatsync.conductor.wire.tables import Assembly, Loaded
from beatsync.core.schedule import Cue
from beatsync.core.units import NS_PER_SECOND, DurationNs, HostNs, ms

ROOM: Final = ms(3)
"""Nothing is begun that close before a cue: reading a part takes some 1 ms, and 2 on a bad day (docs/timing.md)."""

LONGEST_COURTESY_SECONDS: Final = 0.05
"""Where cues follow each other that closely, a part is read all the same after this."""

_FREED_AT_ONCE: Final = 200
_FREEING: Final = ms(0.5)


class Loading:
    """The schedules under way to one conductor, and those that are on their way out."""

    def __init__(self, schedules: Schedules, *, clock: Clock, next_deadline: Callable[[], HostNs | None]) -> None:
        """`next_deadline`: of the conductor that is not to be disturbed."""
        self._schedules = schedules
        self._clock = clock
        self._next_deadline = next_deadline
        self._assembly: Assembly | None = None
        self._complete: dict[str, Loaded] = {}
        self._old: list[Cue] = []

    async def take(self, part: Part) -> None:
        """Read one part as soon as there is time for it; what makes no sense is let go, and not found later."""
        await self.give_way()
        if part.index == 0:
            self._assembly = Assembly(part.digest)
            self._schedules.begin(part.digest)
        assembly = self._assembly
        if assembly is None or assembly.digest != part.digest:
            return
        try:
            assembly.add(part.part)
            self._schedules.add(part.part)
            if part.index == part.count - 1:
                self._complete[part.digest] = assembly.finished()
                self._schedules.finish()
                self._assembly = None
        except (msgspec.MsgspecError, ValueError, LookupError):
            self._assembly = None

    async def give_way(self) -> None:
        """Return when no cue is due soon, or after a while where cues follow each other closely."""
        await trio.lowlevel.checkpoint()
        with trio.move_on_after(LONGEST_COURTESY_SECONDS):
            while (deadline := self._next_deadline()) is not None:
                room = deadline - self._clock.now()
                if room > ROOM:
                    return
                await trio.sleep(max(room, 0) / NS_PER_SECOND + 0.001)

    def loaded(self, digest: str) -> Loaded:
        """A schedule that has come as a whole. Raises LookupError where it has not."""
        return self._complete[digest]

    def hand_over(self) -> None:
        """All that has come is played from now on, or not needed."""
        self._complete.clear()

    # Letting go

    def retire(self, loaded: Loaded) -> None:
        """A schedule is played no more."""
        self._old += loaded.numbering.cues

    def rest(self, gap: DurationNs) -> None:
        """Nothing is due for so long: let go of as much as there is time for."""
        if self._old and gap > ROOM:
            slices = min(gap - ROOM, ms(100)) // _FREEING
            del self._old[-_FREED_AT_ONCE * max(slices, 1) :]
