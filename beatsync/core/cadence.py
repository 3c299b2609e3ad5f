"""How often a feed is heard: the usual time between two readings, and readings a second."""

from __future__ import annotations

from collections import deque
from typing import Final

from beatsync.core.units import NS_PER_SECOND, DurationNs, HostNs

_REMEMBERED: Final = 32
_CALM: Final = 16
_LONGEST: Final = 4


class Cadence:
    """What a feed's readings have taught of its pace. `interval`: the usual time between two, in nanoseconds."""

    __slots__ = ("_heard", "interval")

    def __init__(self, interval: DurationNs) -> None:
        """`interval`: what it is supposed to be."""
        self.interval = float(interval)
        self._heard: deque[HostNs] = deque(maxlen=_REMEMBERED)

    @property
    def last(self) -> HostNs | None:
        """When a reading came last."""
        return self._heard[-1] if self._heard else None

    def add(self, host: HostNs) -> None:
        """A reading came. A silence counts for a few intervals at most: it is a loss, not a habit."""
        if self._heard:
            gap = min(float(host - self._heard[-1]), _LONGEST * self.interval)
            self.interval += (gap - self.interval) / _CALM
        self._heard.append(host)

    def rate(self, now: HostNs) -> float:
        """Readings a second, of late."""
        if len(self._heard) < 2:
            return 0.0
        silence = max(now - self._heard[-1] - round(2 * self.interval), 0)
        return (len(self._heard) - 1) * NS_PER_SECOND / max(self._heard[-1] - self._heard[0] + silence, 1)
