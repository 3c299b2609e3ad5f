"""The 80 bits of a frame of linear timecode as a time (SMPTE 12M). Pure; user bits are left alone.

    byte 0  frame units     byte 4  minute units
         1  frame tens (2 bits), drop-frame (1 bit)      5  minute tens (3 bits)
         2  second units         6  hour units
         3  second tens (3 bits)                         7  hour tens (2 bits)

Digits are the low bits of their byte; the high ones are user bits. Bytes 8 and 9 are the sync word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from beatsync.core.timecode import DROP_FRAME, NON_DROP, FrameRate, Timecode
from beatsync.feeds.readings import Ignored

NO_SUCH_TIME: Final = Ignored("a timecode that does not exist at its frame rate")
DROP_FLAG: Final = Ignored("a drop-frame timecode where fps says that no numbers are left out; set fps: 29.97")

_DROP_FRAME_BIT: Final = 0x4


@dataclass(frozen=True, slots=True)
class LtcFrame:
    """A frame as it was decoded. `end`: the sample after its last one; `reverse`: it was played backwards."""

    bits: bytes
    end: int
    reverse: bool = False


def time_of(frame: LtcFrame, fps: FrameRate) -> tuple[Timecode, FrameRate] | Ignored:
    """The time of a frame, and at which rate: of 29.97 the frame itself says whether it leaves numbers out."""
    bits = frame.bits
    units = [bits[index] & 0xF for index in (6, 4, 2, 0)]
    tens = [bits[7] & 0x3, bits[5] & 0x7, bits[3] & 0x7, bits[1] & 0x3]
    rate = fps
    if bits[1] & _DROP_FRAME_BIT:
        if fps != NON_DROP:
            return DROP_FLAG
        rate = DROP_FRAME
    timecode = Timecode(*(10 * ten + unit for ten, unit in zip(tens, units, strict=True)))
    return (timecode, rate) if max(units) <= 9 and timecode.exists(rate) else NO_SUCH_TIME
