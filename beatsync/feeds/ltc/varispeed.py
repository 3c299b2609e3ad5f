"""How fast a tape runs, read off the samples at which its frames end. Pure.

Two frames tell the speed to a quarter of a percent, since their ends are known to a few samples; a second of them to a
fiftieth of that. A speed is told when it differs from the one that was told by more than can be measured: a tape that
runs steadily is told once.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from beatsync.core.timecode import FrameRate
from beatsync.core.transport import NORMAL_RATE, Rate

WINDOW_FRAMES: Final = 32
SAMPLES_OF_DOUBT: Final = 8
"""Ends are up to three samples off, either way, in noise and at other speeds (measured with libltc's own encoder)."""

_CHANGE: Final = 200
"""A frame that is longer or shorter than those before it by one part in so many is at another speed."""

_FEWEST_ENDS: Final = 3
"""One frame that ends early makes the next one long: only two of the same length are a speed. A direction is one."""

_LEAST: Final = NORMAL_RATE // 10_000
"""What is less than this is a matter of two clocks and no speed of a tape."""


class Varispeed:
    """The speed of one tape."""

    def __init__(self, fps: FrameRate, samples_a_second: int) -> None:
        self._nominal = samples_a_second * fps.seconds * NORMAL_RATE
        self._frames = fps.frames
        self._ends: deque[int] = deque(maxlen=WINDOW_FRAMES + 1)
        self._reverse = False
        self._told = NORMAL_RATE

    @property
    def told(self) -> Rate:
        """The speed that was told last; as recorded until then, negative in reverse."""
        return self._told

    def restart(self, end: int) -> None:
        """A frame that does not follow the one before it ends here: nothing is known of the way in between."""
        self._ends.clear()
        self._ends.append(end)

    def follow(self, end: int, *, reverse: bool) -> Rate | None:
        """The next frame in a row ends here; returns the speed, where it is news."""
        length = end - self._ends[-1]
        if len(self._ends) > 1:
            steady = (self._ends[-1] - self._ends[0]) / (len(self._ends) - 1)
            if reverse != self._reverse or abs(length - steady) > max(SAMPLES_OF_DOUBT, steady / _CHANGE):
                self.restart(self._ends[-1])
        self._reverse = reverse
        self._ends.append(end)
        samples = end - self._ends[0]
        if len(self._ends) < _FEWEST_ENDS and reverse == (self._told < 0):
            return None
        speed = self._nominal * (len(self._ends) - 1) // (samples * self._frames)
        doubt = max(_LEAST, speed * SAMPLES_OF_DOUBT // samples)
        if abs((-speed if reverse else speed) - self._told) <= doubt:
            return None
        self._told = Rate(-speed if reverse else speed)
        return self._told
