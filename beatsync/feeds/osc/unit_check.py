"""Whether positions run at a speed that their unit can explain: milliseconds taken for seconds run 1000 times too fast.

Faults.md, F7. A seek is one impossible step and no matter; a wrong unit makes every step impossible.
"""

from __future__ import annotations

from typing import Final

from beatsync.core.units import HostNs, TrackNs, ms
from beatsync.feeds.osc.unread import Unread

# Packets that waited arrive together: over less than this the time between two says nothing.
_SHORTEST_STEP: Final = ms(5)
_FAST_STEPS: Final = 3
_SLOW_WINDOW: Final = ms(3_000)
_SLOW_STEPS: Final = 10
_RATIO: Final = 1000
_LATITUDE: Final = 3
"""The rate of playback is not 1 on a deck."""
_POSSIBLE: Final = 100
"""A step at less than this many times the recorded speed is one that playback can make, if only in a fast wind."""


class UnitCheck:
    """Judges positions as they come."""

    def __init__(self) -> None:
        self._step: tuple[HostNs, TrackNs] | None = None
        self._fast_steps = 0
        self._window: tuple[HostNs, TrackNs] | None = None
        self._moves = 0
        self._last: TrackNs | None = None
        self._slow = False

    def fault(self, host: HostNs, position: TrackNs) -> Unread | None:
        """Why `position`, read at `host`, is to be ignored; None if it is not."""
        self._judge_fast(host, position)
        self._judge_slow(host, position)
        if self._fast_steps >= _FAST_STEPS:
            return Unread.TOO_FAST
        return Unread.TOO_SLOW if self._slow else None

    def _judge_fast(self, host: HostNs, position: TrackNs) -> None:
        if self._step is None:
            self._step = (host, position)
            return
        passed, moved = host - self._step[0], position - self._step[1]
        if passed < _SHORTEST_STEP:
            return
        self._step = (host, position)
        if passed * _RATIO <= moved * _LATITUDE <= passed * _RATIO * _LATITUDE**2:
            self._fast_steps += 1
        elif 0 < abs(moved) < passed * _POSSIBLE:
            self._fast_steps = 0

    def _judge_slow(self, host: HostNs, position: TrackNs) -> None:
        if self._window is None:
            self._window = (host, position)
        self._moves += position != self._last
        self._last = position
        passed, moved = host - self._window[0], position - self._window[1]
        if passed < _SLOW_WINDOW:
            return
        slow = passed <= moved * _RATIO * _LATITUDE and moved * _RATIO <= passed * _LATITUDE
        self._slow = slow and self._moves > _SLOW_STEPS
        self._window = (host, position)
        self._moves = 0
