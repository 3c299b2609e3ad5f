"""Pro DJ Link packets as bytes (feeds.md 1.1). Pure. Experimental: the layouts are those that others found out.

    0     51 73 70 74 31 57 6d 4a 4f 4c     0x0a  type     0x0b  20 bytes of name     0x21  device

    type 0x0b, absolute position: 0x24 track length in s, 0x28 position in ms, 0x2c pitch in hundredths of a percent,
              signed, 0x38 tempo times 10; all of 32 bits, high byte first
    type 0x28, beat: 0x54 pitch, 0x100000 being 0 %, of 32 bits; 0x5a tempo times 100, of 16; 0x5c beat in bar

What is not known is all ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from beatsync.core.transport import NORMAL_RATE, Rate
from beatsync.core.units import NS_PER_MS, DurationNs, TrackNs
from beatsync.feeds.readings import Ignored

NOT_PRO_DJ_LINK: Final = Ignored("a datagram that is not Pro DJ Link")
NOT_POSITION: Final = Ignored("a Pro DJ Link packet that is neither position nor beat")
TOO_SHORT: Final = Ignored("a Pro DJ Link packet that is cut short")
NO_POSITION: Final = Ignored("a player that does not know its position; is a track loaded?")
BEYOND_THE_TRACK: Final = Ignored("a player's position beyond the end of its track")
NO_SUCH_PITCH: Final = Ignored("a player's pitch that no player has")
NO_SUCH_BEAT: Final = Ignored("a beat that is none of a bar's")

_MAGIC: Final = bytes.fromhex("5173707431576d4a4f4c")
_POSITION, _BEAT = 0x0B, 0x28
_POSITION_BYTES, _BEAT_BYTES = 0x3C, 0x60
_UNKNOWN: Final = 0xFFFFFFFF
_PITCH_OF_A_BEAT: Final = 0x100000
_MS_BEYOND: Final = 2_000
"""The length is in whole seconds, and a player's display may run on for a moment."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a player's track stands. `rate`: as its pitch slider says; the jog wheel moves the position alone."""

    device: int
    length: DurationNs
    position: TrackNs
    rate: Rate


@dataclass(frozen=True, slots=True)
class Beat:
    """A player has come to a beat. Which one of the track it does not say; `of_bar` is 1 to 4."""

    device: int
    of_bar: int
    rate: Rate


Packet: TypeAlias = Position | Beat


def parse_packet(data: bytes) -> Packet | Ignored:
    """A packet, or why it is of no use."""
    if not data.startswith(_MAGIC):
        return NOT_PRO_DJ_LINK
    kind = data[0x0A] if len(data) > 0x0A else None
    if kind == _POSITION:
        return _position(data) if len(data) >= _POSITION_BYTES else TOO_SHORT
    if kind == _BEAT:
        return _beat(data) if len(data) >= _BEAT_BYTES else TOO_SHORT
    return NOT_POSITION


def _position(data: bytes) -> Position | Ignored:
    seconds, milliseconds = _number(data, 0x24), _number(data, 0x28)
    if _UNKNOWN in {seconds, milliseconds}:
        return NO_POSITION
    if milliseconds > seconds * 1000 + _MS_BEYOND:
        return BEYOND_THE_TRACK
    hundredths = int.from_bytes(data[0x2C:0x30], "big", signed=True)
    rate = Rate(NORMAL_RATE + hundredths * NORMAL_RATE // 10_000)
    if not _plausible(rate):
        return NO_SUCH_PITCH
    return Position(
        device=data[0x21],
        length=DurationNs(seconds * 1000 * NS_PER_MS),
        position=TrackNs(milliseconds * NS_PER_MS),
        rate=rate,
    )


def _beat(data: bytes) -> Beat | Ignored:
    rate = Rate(_number(data, 0x54) * NORMAL_RATE // _PITCH_OF_A_BEAT)
    if not _plausible(rate):
        return NO_SUCH_PITCH
    of_bar = data[0x5C]
    return Beat(data[0x21], of_bar, rate) if 1 <= of_bar <= 4 else NO_SUCH_BEAT


def _number(data: bytes, offset: int) -> int:
    return int.from_bytes(data[offset : offset + 4], "big")


def _plausible(rate: Rate) -> bool:
    """The widest range that a pitch slider has is 100 % either way."""
    return 0 <= rate <= 2 * NORMAL_RATE
