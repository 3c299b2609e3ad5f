r"""ArtTimeCode as bytes (Art-Net 4, feeds.md 1.1). Pure.

    0  "Art-Net\0"           13  stream id
    8  0x9700, low first     14  frame, second, minute, hour
    10 protocol, high first  18  type: 24, 25, 29.97 drop-frame, 30
    12 filler

What follows is padding: receivers shall take packets that are longer than they expect.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from beatsync.core.timecode import RATES_BY_CODE, FrameRate, Timecode
from beatsync.feeds.readings import Ignored

NOT_ARTNET: Final = Ignored("a datagram that is not Art-Net")
NOT_TIMECODE: Final = Ignored("an Art-Net packet that is no timecode")
TOO_OLD: Final = Ignored("a timecode of an Art-Net protocol before 14")
TOO_SHORT: Final = Ignored("an Art-Net timecode that is cut short")
UNKNOWN_RATE: Final = Ignored("an Art-Net timecode of an unknown frame rate")
NO_SUCH_TIME: Final = Ignored("a timecode that does not exist at its frame rate")

_ID: Final = b"Art-Net\0"
_OP_TIMECODE: Final = b"\x00\x97"
_PROTOCOL: Final = 14
_BYTES: Final = 19


@dataclass(frozen=True, slots=True)
class ArtTimeCode:
    """What one packet says."""

    stream: int
    timecode: Timecode
    rate: FrameRate


def parse_packet(data: bytes) -> ArtTimeCode | Ignored:
    """A packet, or why it is none."""
    if not data.startswith(_ID):
        return NOT_ARTNET
    if data[8:10] != _OP_TIMECODE:
        return NOT_TIMECODE
    if len(data) < _BYTES:
        return TOO_SHORT
    if int.from_bytes(data[10:12], "big") < _PROTOCOL:
        return TOO_OLD
    stream, frame, second, minute, hour, code = data[13:_BYTES]
    if code >= len(RATES_BY_CODE):
        return UNKNOWN_RATE
    rate = RATES_BY_CODE[code]
    timecode = Timecode(hour, minute, second, frame)
    return ArtTimeCode(stream, timecode, rate) if timecode.exists(rate) else NO_SUCH_TIME
