"""A change of speed as a player with a buffer tells it: too early. Pure.

mpv states the new speed at once, and a position that has leapt by its buffer's length times the difference (0.2 s from
1.0 to 1.5: 0.1 s back), while what is in the buffer is still heard at the old speed. By the time that it has been
played the two lines have met: the old one is right until then, the new one from there on (see mpv/sound.py, where this
is known exactly). A player that does not leap is on both lines at once.
"""

from __future__ import annotations

from typing import Final

from beatsync.core.transport import Rate, Transport
from beatsync.core.units import HostNs, TrackNs, ms

LONGEST: Final = ms(600)
"""A buffer longer than this is not waited for."""

NEAR: Final = ms(35)
"""Positions that are polled are old by this and more; so small a leap does no harm."""


class Turn:
    """From `line` to another speed; `is_over` once what is stated may be what is heard."""

    __slots__ = ("_is_faster", "_line", "_until")

    def __init__(self, line: Transport, speed: Rate, at: HostNs) -> None:
        """`line`: playback before; `speed`: the one that is stated from `at` on."""
        self._line = line
        self._is_faster = speed > line.rate
        self._until = HostNs(at + LONGEST)

    def is_over(self, position: TrackNs, at: HostNs) -> bool:
        """Whether the two lines have met by now."""
        gap = position - self._line.position_at(at)
        return at >= self._until or (gap >= -NEAR if self._is_faster else gap <= NEAR)
