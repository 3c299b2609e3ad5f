"""How late readings usually are: what is learned of a feed's delay, and how odd a reading is in the light of that.

A lag is how far below the line a reading lies, in nanoseconds of playback at its usual rate. Lags are learned against
a line that did not know them, and what is learned goes back into it by the sharp edge alone (see `envelope`), or where
there are few readings yet: so a line and the lags that it was learned from cannot run away with each other.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Sequence
from math import exp, log
from typing import Final

from beatsync.core.units import DurationNs, ms

REMEMBERED: Final = 128
"""A feed's habits are those of its last so many readings."""

GRAIN: Final = float(ms(0.25))
"""What lies closer together than this is the same; clocks are read with such an error."""

FEW: Final = 6
"""Up to so many readings the whole distribution of lags is worth asking; with more, its edge says all."""

_SUPPOSED: Final = 8
_NEAR: Final = (0.1, 0.35)
_MANY: Final = 64
_FAR: Final = 0.8
_THIRD: Final = 3.0
_SHARES: Final = (0.5, 0.8, 0.92, 0.98, 1.0)
# A hundred readings tell a density to some 20 %: differences below e^0.4 are chance, and would add up over readings.
_CHANCE: Final = 0.4
# Of the next reading one in n + 1 is later than all n before it, and then mostly by little.
_TAIL: Final = 16.0
_MOST_AHEAD: Final = 12.0
_MOST_BEHIND: Final = 16.0
_PARTS: Final = 12


class Lags:
    """The lags of the last readings."""

    __slots__ = ("_beyond", "_floor", "_grain", "_knots", "_order", "_sorted", "learned", "longest", "spread")

    def __init__(self, supposed: DurationNs, *, floor: DurationNs) -> None:
        """`supposed`: how late readings may be before anything is known; `floor`: the least spread believed."""
        self._floor = float(floor)
        self.learned = 0
        self.suppose(float(supposed))

    def suppose(self, longest: float) -> None:
        """Before anything is learned: readings are late by up to `longest`."""
        self._order = deque(longest * (part + 0.5) / _SUPPOSED for part in range(_SUPPOSED))
        self._sorted = list(self._order)
        self._learn()

    def add(self, lag: float) -> None:
        """A reading was so late."""
        self.learned += 1
        if len(self._order) == REMEMBERED or self.learned <= _SUPPOSED:
            del self._sorted[bisect_left(self._sorted, self._order.popleft())]
        self._order.append(max(lag, 0.0))
        insort(self._sorted, max(lag, 0.0))
        self._learn()

    def _learn(self) -> None:
        """`spread`: that of evenly spread lags as dense as these are near the edge; `longest`: the longest one.

        Where two delays add up, the edge is soft, and the nearer one looks the less dense it is. Where the line is too
        low, many lags are none: then only the far ones tell.
        """
        count = len(self._sorted)
        near = _NEAR if count >= _MANY else _NEAR[1:]
        self.spread = max(self._floor, self._at(_FAR) / _THIRD, *(self._at(share) / share for share in near))
        self._knots: list[tuple[float, float]] = []
        share, reach = 0.0, 0.0
        for part in _SHARES:
            lag = max(self._at(part), reach + self._floor / 8)
            density = (part - share) / (lag - reach)
            self._knots.append((lag, max(0.0, -log(density * self.spread) - _CHANCE)))
            share, reach = part, lag
        self.longest = reach
        self._grain = reach / _TAIL
        self._beyond = log((count + 1) * self._grain / self.spread)

    def _at(self, share: float) -> float:
        return self._sorted[min(int(share * len(self._sorted)), len(self._sorted) - 1)]

    def oddity(self, lag: float, doubt: float) -> float:
        """How much less likely such a reading is than one right at the edge, in nats; `doubt`: of the edge.

        A reading ahead of the line has no excuse; one later than all others before it a little one.
        """
        if lag < 0.0:
            return min(-lag / doubt, _MOST_AHEAD)
        lag -= doubt
        near, before = self._floor, 0.0
        for reach, nats in self._knots:
            if lag <= reach:
                return before if lag <= near else before + (nats - before) * log(lag / near) / log(reach / near)
            near, before = reach, nats
        beyond = self._beyond + 2.0 * log(1.0 + (lag - self.longest) / self._grain)
        return min(max(beyond, self._knots[-1][1]), _MOST_BEHIND)

    def gap(self, below: Sequence[float]) -> float:
        """How late the least late of a few readings is likely to be, where the others lie so far `below` it."""
        if len(below) > FEW:
            return self.spread / (len(below) + 1)
        mass = total = 0.0
        for part in range(_PARTS):
            late = self._knots[-2][0] * (part + 0.5) / _PARTS
            weight = exp(-sum(self.oddity(late + lag, 0.0) for lag in below))
            mass += weight
            total += weight * late
        return total / mass if mass > 0.0 else self.spread / (len(below) + 1)
