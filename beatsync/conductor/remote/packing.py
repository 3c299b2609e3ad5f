"""Schedules made ready for their way to a conductor, ahead of time: for an hour of music that takes half a second."""

from __future__ import annotations

from collections import deque
from typing import Final

import trio

from beatsync.conductor.wire.tables import Loaded, as_loaded
from beatsync.core.schedule import Schedule

MOST_PACKED: Final = 16
"""One for each deck."""


class Packing:
    """The schedules that were packed last."""

    def __init__(self) -> None:
        self._packed: deque[tuple[Schedule, Loaded]] = deque(maxlen=MOST_PACKED)

    async def pack(self, schedule: Schedule) -> None:
        """Pack a schedule in a thread."""
        self._packed.append((schedule, await trio.to_thread.run_sync(as_loaded, schedule)))

    def packed(self, schedule: Schedule) -> Loaded:
        """The schedule, packed before or now."""
        ready = next((packed for known, packed in self._packed if known is schedule), None)
        return as_loaded(schedule) if ready is None else ready
