"""How much may be taken in a second, and in one go."""

from __future__ import annotations

from typing import Final

from beatsync.core.units import NS_PER_SECOND, HostNs

PER_SECOND: Final = 200
AT_ONCE: Final = 100


class Allowance:
    """A bucket that fills with time."""

    def __init__(self, *, per_second: int = PER_SECOND, at_once: int = AT_ONCE) -> None:
        self._per_second = per_second
        self._full = at_once * NS_PER_SECOND
        self._left = self._full
        self._last: HostNs | None = None

    def take(self, count: int, now: HostNs) -> bool:
        """Whether so many may be taken now; then they are."""
        passed = 0 if self._last is None else max(0, now - self._last)
        self._last = now if self._last is None else HostNs(self._last + passed)
        self._left = min(self._full, self._left + passed * self._per_second)
        if count * NS_PER_SECOND > self._left:
            return False
        self._left -= count * NS_PER_SECOND
        return True
