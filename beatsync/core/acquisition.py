"""Finding playback: readings that agree with each other, as many as are asked for, before anything is followed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from beatsync.core.envelope import Reading

ABSURD: Final = 10.0
"""Positions that move so many times faster than time are no playback: somebody has mistaken the unit."""

_LIKELY: Final = 0.02
_PITCHED: Final = 0.6


class Acquisition:
    """Collects readings. `pace`: how many times as fast as time positions move of late, None if that is not known."""

    __slots__ = ("_infers", "_readings", "pace")

    def __init__(self, *, infers: bool) -> None:
        """`infers`: whether the rate may be any."""
        self._infers = infers
        self._readings: list[Reading] = []
        self.pace: float | None = None

    def forget(self) -> None:
        """Begin again."""
        self._readings.clear()
        self.pace = None

    def agree(self, reading: Reading, *, rate: float, tolerance: float) -> Sequence[Reading]:
        """All readings up to this one that agree with it. `tolerance`: by how much a reading may be late."""
        if self._readings and not self._agrees(reading, rate, tolerance):
            self._readings.clear()
        self._readings.append(reading)
        return tuple(self._readings)

    def _agrees(self, reading: Reading, rate: float, tolerance: float) -> bool:
        before = self._readings[-1]
        passed, moved = reading.host - before.host, reading.position - before.position
        self.pace = moved / passed if passed > 0 else self.pace
        slack = passed * (_PITCHED if self._infers else _LIKELY) * rate
        return abs(moved - passed * rate) <= tolerance + slack

    @property
    def is_absurd(self) -> bool:
        """Whether positions move too fast for any playback."""
        return self.pace is not None and abs(self.pace) > ABSURD
