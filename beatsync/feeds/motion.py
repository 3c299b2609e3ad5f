"""Whether a player's position moves as time does: the witness to what the player states of itself.

Players state that they play while their position stands (a stream that ran dry), or never tell a position at all, and
one states for ever that it is stopped while it plays (mpv-mpris 0.7.1). faults.md, F13. Pure.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from beatsync.core.transport import NORMAL_RATE, Rate
from beatsync.core.units import DurationNs, HostNs, TrackNs, ms

REMEMBERED: Final = 16
"""So many steps back goes what is usual for a player."""

SHORTEST_STAND: Final = ms(500)
LONGEST_STAND: Final = ms(3_000)
"""Where positions are whole seconds they stand for one; a player that is slower than this is of no use."""

_USUAL_STEPS: Final = 2.5
_LEAST: Final = 5
"""A fifth of what time says is no movement: those are milliseconds where microseconds were meant."""
_MOST: Final = 4
_COARSE: Final = ms(1_500)
"""A step of whole seconds may come at once after the first reading."""


class Motion:
    """The positions of one player, in the order in which it was asked."""

    __slots__ = ("_at", "_position", "_since", "_steps", "in_a_row", "proven", "standing")

    def __init__(self) -> None:
        self._position: TrackNs | None = None
        self._at = HostNs(0)
        self._since = HostNs(0)
        self._steps: deque[int] = deque(maxlen=REMEMBERED)
        self.proven = False
        """Whether it has ever moved as time does."""
        self.standing = False
        """Whether it has stood for longer than is usual for this player."""
        self.in_a_row = 0
        """How many steps it has made since it last stood, jumped or was told to begin afresh."""

    def begin_afresh(self) -> None:
        """What was seen up to now says nothing of what follows: it was paused, or has jumped."""
        self._position = None
        self.standing = False
        self.in_a_row = 0

    def see(self, position: TrackNs, at: HostNs, rate: Rate) -> None:
        """One reading; `rate`: the one that is stated, above zero."""
        if self._position is None:
            self._anchor(position, at)
            self._since = at
            return
        waited = at - self._at
        due = waited * rate // NORMAL_RATE
        moved = position - self._position
        if moved < 0 or moved > _MOST * due + _COARSE:
            self.in_a_row = 0
            self._anchor(position, at)
        elif moved > 0 and moved * _LEAST >= due:
            self._step(waited)
            self._anchor(position, at)
        elif self.standing or waited > self._patience():
            self.standing = True
            self.in_a_row = 0
            self._anchor(position, at)  # its next step starts from here, not from where it stopped long ago

    def unmoved_for(self, at: HostNs) -> DurationNs:
        """How long it has been watched without ever having been seen to move as time does."""
        return DurationNs(0 if self.proven or self._position is None else at - self._since)

    def _anchor(self, position: TrackNs, at: HostNs) -> None:
        self._position, self._at = position, at

    def _step(self, waited: int) -> None:
        if not self.standing:
            self._steps.append(waited)
        self.proven = True
        self.standing = False
        self.in_a_row += 1

    def _patience(self) -> int:
        if not self._steps:
            return LONGEST_STAND
        return round(min(max(_USUAL_STEPS * max(self._steps), SHORTEST_STAND), LONGEST_STAND))
