"""The first sender that is heard holds a feed, until it has been silent for a while: two at once are one too many.

Faults.md, F11. Whose word counts is otherwise the user's to say, as a list of senders; this is what remains.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

from beatsync.core.units import DurationNs, HostNs, ms

SILENT_UNTIL_FREE: Final = ms(2_000)


class SourceLock:
    """Who holds a feed."""

    def __init__(self, silent_until_free: DurationNs = SILENT_UNTIL_FREE) -> None:
        """`silent_until_free`: for how long its holder must be silent before another sender may have the feed."""
        self._silent_until_free = silent_until_free
        self._last: HostNs | None = None
        self.holder: Hashable = None
        self.conflicts = 0

    def admits(self, sender: Hashable, at: HostNs) -> bool:
        """Whether what `sender` sent at `at` counts; then it holds the feed."""
        free = self._last is None or at - self._last > self._silent_until_free
        if sender != self.holder and not free:
            self.conflicts += 1
            return False
        self.holder = sender
        self._last = at if self._last is None else max(at, self._last)
        return True
