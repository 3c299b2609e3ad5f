"""Loops: a jump back that comes again and again, and is then known before it comes.

Where a loop goes round is usually a beat, and what lies beyond it is where something else would begin. Whoever learns
of each turn by its readings alone is late each time: plays into what lies beyond, and misses what lies at the start.
After two equal jumps the third is foreseen. It is made a little early rather than late, at the furthest place that the
loop is known to reach, and by exactly the length of the loop: so every cue in it comes once a turn.
"""

from __future__ import annotations

from typing import Final

from beatsync.core.cursor import HYSTERESIS
from beatsync.core.units import TrackNs, ms

SHORTEST: Final = 2 * HYSTERESIS
"""A shorter loop is not one to the engine either."""

ALIKE: Final = HYSTERESIS
"""Jumps and places that differ by no more than this are the same."""

VAGUE: Final = ms(250)
"""Where it is known no better than this whither a loop reaches, it is not foreseen: seeks back are alike, too."""

_GUARD: Final = float(ms(5))
_LEAST_GAIN: Final = 1 / 16


class Looping:
    """What is known of a loop, in nanoseconds of track.

    `length`: None while there is none; `end`: the furthest place that it is known to reach; `beyond`: a place that it
    does not reach; `doubt`: how far off the length may be.
    """

    __slots__ = ("_last", "_turns", "beyond", "doubt", "end", "length")

    def __init__(self) -> None:
        """No loop."""
        self.forget()

    def forget(self) -> None:
        """Playback has gone elsewhere."""
        self._last: float | None = None
        self._turns = 0
        self.length: float | None = None
        self.end = self.beyond = self.doubt = 0.0

    def jumped(self, size: float, *, after: float, before: float, doubt: float) -> None:
        """Playback has jumped by `size`, give or take `doubt`, from a place after `after` and before `before`."""
        length = -size
        if self._last is None or not self._is_another_turn(length, after, before):
            self.forget()
            self._last, self.end, self.beyond, self.doubt = length, after, max(after, before), doubt
            return
        self.end = max(self.end, after)
        self.beyond = max(min(self.beyond, before), self.end)
        self.doubt = (self.doubt + doubt) / 2
        self._turns += 1
        if length >= SHORTEST and self.beyond - self.end <= VAGUE:
            self.length = (self._last + length) / 2

    def _is_another_turn(self, length: float, after: float, before: float) -> bool:
        assert self._last is not None
        is_as_long = abs(length - self._last) <= ALIKE
        return is_as_long and after <= self.beyond + ALIKE and before >= self.end - ALIKE

    @property
    def turn(self) -> TrackNs | None:
        """Where to go round: surely before the end, so that no cue is met both there and at the start."""
        if self.length is None:
            return None
        return TrackNs(round(self.end - max(_GUARD, 3 * self.doubt)))

    def is_left(self, position: float) -> bool:
        """Whether playback at `position` is beyond the loop."""
        return position > self.beyond + ALIKE

    def is_over(self, size: float) -> bool:
        """Whether a jump by `size`, after it was foreseen to go round once more, shows that it did not."""
        return self.length is not None and abs(size - self.length) <= ALIKE

    def saw(self, position: float) -> None:
        """Playback was at `position` before it went round: the loop reaches that far."""
        self.end = min(max(self.end, position), self.beyond)

    def went_round(self, longer: float) -> None:
        """Another turn, so much longer than `length` as it turned out."""
        assert self.length is not None
        self._turns += 1
        gain = max(1 / (self._turns + 1), _LEAST_GAIN)
        self.length += gain * longer
        self.doubt *= 1 - gain / 2
