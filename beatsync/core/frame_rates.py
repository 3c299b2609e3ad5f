"""Timecode as text, and the frame rates that it is counted in.

Sources: SMPTE ST 12-1. 23.976, 29.97 and 59.94 frames a second are 24, 30 and 60 times 1000/1001. Drop-frame counting
leaves out frame numbers, never frames: the first two (four at 59.94) of every minute but each tenth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from beatsync.core.units import NS_PER_SECOND, TrackNs


@dataclass(frozen=True, slots=True)
class FrameRate:
    """`base`: frames to a second of timecode; `slowed`: each lasts 1001/1000 of its share; `drop`: see above."""

    base: int
    slowed: bool = False
    drop: bool = False

    @property
    def frame(self) -> int:
        """A frame's length in nanoseconds, rounded."""
        return self._duration(1)

    def position(self, seconds: int, frames: int, *, drop: bool = False) -> TrackNs:
        """The position of a timecode of so many whole seconds, by its face, and frames. `drop`: counted in that way."""
        total = seconds * self.base + frames
        if (drop or self.drop) and self.slowed and self.base % 30 == 0:
            minutes = seconds // 60
            total -= (minutes - minutes // 10) * 2 * (self.base // 30)
        return TrackNs(self._duration(total))

    def _duration(self, frames: int) -> int:
        numerator = NS_PER_SECOND * (1001 if self.slowed else 1000)
        return (2 * frames * numerator + self.base * 1000) // (2 * self.base * 1000)


FRAME_RATES: Final = MappingProxyType(
    {
        "23.976": FrameRate(24, slowed=True),
        "24": FrameRate(24),
        "25": FrameRate(25),
        "29.97": FrameRate(30, slowed=True),
        "29.97df": FrameRate(30, slowed=True, drop=True),
        "30": FrameRate(30),
        "50": FrameRate(50),
        "59.94": FrameRate(60, slowed=True),
        "59.94df": FrameRate(60, slowed=True, drop=True),
        "60": FrameRate(60),
    },
)
"""Frame rates by what a configuration calls them."""

_TIMECODE: Final = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})(?:([:;])(\d{2})|\.(\d{1,9}))?", re.ASCII)
_LONGEST_TEXT: Final = 32


def timecode_position(text: str, rate: FrameRate) -> TrackNs | None:
    """The position that a timecode names: `01:02:03:12`, `01:02:03;12` (drop-frame), `1:02:03.5`, `2:03`; None for
    anything else. Frames need hours before them: `02:03:12` is two hours.
    """
    found = _TIMECODE.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
    if found is None:
        return None
    hours, minutes, seconds, separator, frames, decimals = found.groups()
    if int(minutes) > 59 or int(seconds) > 59 or (frames and (hours is None or int(frames) >= rate.base)):
        return None
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    if decimals:
        return TrackNs(whole * NS_PER_SECOND + int(decimals.ljust(9, "0")))
    if frames is None:
        return TrackNs(whole * NS_PER_SECOND)
    return rate.position(whole, int(frames), drop=separator == ";")
