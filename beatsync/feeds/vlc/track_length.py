"""How long a track really is, where VLC says it in whole seconds: found out from its positions. Pure.

Theory of operation
  VLC states a position p as a fraction of the length L, finely, and the time t and L itself as whole seconds, rounded
  down. p times the rounded length is short by up to a second at the end of a track, whatever the track's length.
  But t <= p L < t + 1 in every statement, so that each one bounds L, and n + 1 of them with their seconds at different
  fractions leave about 1 / (n + 1) of a second for p L. Whatever lies in between satisfies all that VLC has said.
  Where p is no fraction of the time (MP3: a share of the bytes, or of a coarse table) no length satisfies them all.
  Then as many as possible of the last ones are believed; if that is too few, t is all that is known.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from beatsync.core.units import NO_TIME, NS_PER_SECOND, DurationNs, TrackNs

REMEMBERED: Final = 512
"""So many statements: two minutes and a half, at three steps of the position a second."""

ENOUGH: Final = 24
"""Statements that agree: eight seconds. Over less, a share of the bytes agrees with time by chance."""

_ROUNDING: Final = 1e-6
"""p is a float of 24 bits, printed with 14 digits."""

_LEAST_FRACTION: Final = 1e-6
"""Nearer to the start p bounds nothing."""


@dataclass(frozen=True, slots=True)
class Place:
    """A position, by how much it may be wrong either way, and whether it is finer than whole seconds."""

    position: TrackNs
    doubt: DurationNs
    fine: bool


class TrackLength:
    """What one track's positions have told of its length, in the order in which they came."""

    def __init__(self, seconds: int, *, trusted: bool = True) -> None:
        """`seconds`: as VLC states it, rounded down; 0: it does not know. `trusted`: it has not changed its mind."""
        self._known = seconds > 0
        self._agreed = self._known and trusted
        self._bounds: deque[tuple[float, float]] = deque(maxlen=REMEMBERED)
        if self._agreed:
            self._bounds.append((float(seconds), float(seconds + 1)))
        self._last: tuple[float, int] | None = None
        self._taken: tuple[float, int] | None = None

    def place(self, fraction: float, time: int) -> Place:
        """Where playback stands by VLC's position (0 to 1) and time (whole seconds, not negative)."""
        if self._known:
            self._learn(fraction, time)
        if not self._agreed and len(self._bounds) < ENOUGH:
            return Place(TrackNs(time * NS_PER_SECOND), NO_TIME, fine=False)
        shortest, longest = self._between()
        position = fraction * (shortest + longest) / 2
        doubt = fraction * (longest - shortest) / 2
        return Place(TrackNs(round(position * NS_PER_SECOND)), DurationNs(round(doubt * NS_PER_SECOND)), fine=True)

    def _learn(self, fraction: float, time: int) -> None:
        """Take a statement that has come twice: VLC reads position and time one after the other, and one may be old."""
        said = (fraction, time)
        seen_before, self._last = said == self._last, said
        if fraction < _LEAST_FRACTION or not seen_before or said == self._taken:
            return
        self._taken = said
        self._bounds.append((time / fraction * (1 - _ROUNDING), (time + 1) / fraction * (1 + _ROUNDING)))
        while not self._possible():
            self._bounds.popleft()
            self._agreed = False

    def _between(self) -> tuple[float, float]:
        return max(low for low, _ in self._bounds), min(high for _, high in self._bounds)

    def _possible(self) -> bool:
        shortest, longest = self._between()
        return shortest < longest
