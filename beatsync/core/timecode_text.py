"""Timecode as players write it into a message, and frame rates by the names that a configuration calls them."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from beatsync.core.timecode import (
    DROP_FRAME,
    EBU,
    FILM,
    NON_DROP,
    NTSC_FILM,
    SMPTE,
    FrameRate,
    Timecode,
    frame_number,
    frame_start,
)
from beatsync.core.units import NS_PER_SECOND, TrackNs

_DROP_FRAME_60: Final = FrameRate("59.94 drop-frame", 60, 60_000, 1001, drops=True)
_NON_DROP_60: Final = FrameRate("59.94", 60, 60_000, 1001)

FRAME_RATES: Final = MappingProxyType(
    {
        "23.976": NTSC_FILM,
        "24": FILM,
        "25": EBU,
        "29.97": NON_DROP,
        "29.97df": DROP_FRAME,
        "30": SMPTE,
        "50": FrameRate("50", 50, 50),
        "59.94": _NON_DROP_60,
        "59.94df": _DROP_FRAME_60,
        "60": FrameRate("60", 60, 60),
    },
)
"""Frame rates by what a configuration calls them."""

_DROPPING: Final = {NON_DROP: DROP_FRAME, _NON_DROP_60: _DROP_FRAME_60}
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
    if int(minutes) > 59 or int(seconds) > 59 or (frames and (hours is None or int(frames) >= rate.numbers)):
        return None
    if frames is not None:
        counted = _DROPPING.get(rate, rate) if separator == ";" else rate
        timecode = Timecode(int(hours), int(minutes), int(seconds), int(frames))
        return frame_start(frame_number(timecode, counted), counted)
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return TrackNs(whole * NS_PER_SECOND + int((decimals or "").ljust(9, "0")))
