"""Whether a position stands still: a pause that nobody announces, or a source that has got stuck (faults.md, F13)."""

from __future__ import annotations

from collections import deque
from typing import Final

from beatsync.core.observation import Character
from beatsync.core.units import HostNs, TrackNs, ms

STUCK: Final = ms(300)
"""A source that says that it plays is given this long before it is not believed any more."""

_SHORTEST: Final = float(ms(120))
_CREEPING: Final = 0.02
"""A position that moves fifty times more slowly than time stands still; or somebody has mistaken the unit (F7)."""

_LONGEST: Final = 4
_REPEATS: Final = 2
_REMEMBERED: Final = 8
_PATIENCE: Final = 1.5
_STEPS: Final = 2.2


class Stillness:
    """Watches for positions that repeat.

    `position`: the last one read; `since`: when it was first read; `heard`: when any was read last.
    """

    __slots__ = ("_changes", "_last", "_quantum", "_repeats", "heard", "position", "since")

    def __init__(self, character: Character) -> None:
        """`character`: of the feed."""
        self._quantum = float(character.quantum)
        self._changes: deque[float] = deque(maxlen=_REMEMBERED)
        self._repeats = 0
        self.position: TrackNs | None = None
        self.since = self.heard = self._last = HostNs(0)

    def forget(self) -> None:
        """Whatever comes next is news."""
        self.position = None

    def repeats(self, host: HostNs, position: TrackNs, interval: float) -> bool:
        """Take a reading; returns whether it says the same as the one before."""
        before, self.position = self.position, position
        passed, self.heard = min(host - self.heard, _LONGEST * interval), host
        if before is None or abs(position - before) > _CREEPING * passed:
            if before is not None:
                self._changes.append(float(host - self.since))
            self.since = self._last = host
            self._repeats = 0
            return False
        if host - self._last > interval / 3:  # sooner it is the same message, twice
            self._last = host
            self._repeats += 1
        return True

    def lasts(self, host: HostNs, *, says_playing: bool) -> bool:
        """Whether the position has stood still for so long, by so many readings, that playback has."""
        usual = max(self._changes, default=0.0)
        limit = max(_SHORTEST, _PATIENCE * usual, _STEPS * self._quantum)
        if says_playing:
            limit = max(limit, float(STUCK), 2 * usual)
        return self._repeats >= _REPEATS and host - self.since >= limit
