"""MIDI time code as messages (MMA RP-004). Pure.

Running timecode comes in eight quarter frames `F1 pd`, piece p with four bits d of the time: frame, second, minute,
hour, low half first; the last piece has the frame rate too. Piece 0 arrives when the frame that the eight of them name
starts, pieces 1 to 7 a quarter of a frame later each. In reverse they come as 7 to 0, and piece 0 still falls on the
frame's start. So a time is known when the eighth piece arrives, and was true when piece 0 did.

A whole time in one message, `F0 7F dd 01 01 hh mm ss ff F7`, says where the sender has gone to while it does not run.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from beatsync.core.timecode import RATES_BY_CODE, FrameRate, Timecode
from beatsync.core.units import HostNs, ms
from beatsync.feeds.readings import Ignored

OUT_OF_ORDER: Final = Ignored("a MIDI quarter frame out of order")
NO_SUCH_TIME: Final = Ignored("a timecode that does not exist at its frame rate")

QUARTER_FRAME: Final = 0xF1
PIECES: Final = 8

_FULL_HEAD: Final = (0xF0, 0x7F)
_FULL_TIME: Final = (0x01, 0x01)
_FULL_BYTES: Final = 10
_LONGEST_QUARTER: Final = ms(100)
"""Ten times what it is at 24 frames a second: beyond that the sender had stopped, and an old piece 0 says nothing."""


@dataclass(frozen=True, slots=True)
class Code:
    """A time. `at`: the instant at which its frame started; `reverse`: the tape runs backwards."""

    timecode: Timecode
    rate: FrameRate
    at: HostNs
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class _Piece:
    index: int
    bits: int
    at: HostNs


class QuarterFrames:
    """Puts quarter frames together: only eight in a row, from the first to the last of one time, make one."""

    def __init__(self) -> None:
        self._pieces: deque[_Piece] = deque(maxlen=PIECES)
        self._step = 0

    def add(self, data: int, at: HostNs) -> Code | Ignored | None:
        """The data byte of a message that arrived at `at`: a time, where it completes one."""
        piece = _Piece(data >> 4 & 0x7, data & 0xF, at)
        in_order = self._follow(piece)
        self._pieces.append(piece)
        if not in_order:
            return OUT_OF_ORDER
        if len(self._pieces) < PIECES or piece.index != (PIECES - 1 if self._step == 1 else 0):
            return None
        return _code(self._pieces, reverse=self._step != 1)

    def clear(self) -> None:
        """The sender has gone somewhere else: what has come so far belongs to no time."""
        self._pieces.clear()

    def _follow(self, piece: _Piece) -> bool:
        """Forget the pieces that `piece` does not go on from; returns whether it goes on, or is a fresh start."""
        if not self._pieces:
            return True
        last = self._pieces[-1]
        if piece.at - last.at > _LONGEST_QUARTER:
            self._pieces.clear()
            return True
        step = (piece.index - last.index) % PIECES
        if step not in {1, PIECES - 1}:
            self._pieces.clear()
            return False
        if step != self._step:
            self._pieces.clear()
            self._pieces.append(last)
            self._step = step
        return True


def _code(pieces: deque[_Piece], *, reverse: bool) -> Code | Ignored:
    ordered = sorted(pieces, key=lambda piece: piece.index)
    halves = [piece.bits for piece in ordered]
    frame, second, minute, hour = (low | high << 4 for low, high in zip(halves[::2], halves[1::2], strict=True))
    return _checked(hour, minute, second, frame, at=ordered[0].at, reverse=reverse)


def parse_full_time(message: bytes, at: HostNs) -> Code | Ignored | None:
    """The time of a full message; None where it is another message."""
    if len(message) != _FULL_BYTES or tuple(message[:2]) != _FULL_HEAD or tuple(message[3:5]) != _FULL_TIME:
        return None
    hour, minute, second, frame = message[5:9]
    return _checked(hour, minute, second, frame, at=at, reverse=False)


def _checked(hour: int, minute: int, second: int, frame: int, *, at: HostNs, reverse: bool) -> Code | Ignored:
    """The bits that are reserved are left away, as the specification says."""
    rate = RATES_BY_CODE[hour >> 5 & 0x3]
    timecode = Timecode(hour & 0x1F, minute & 0x3F, second & 0x3F, frame & 0x1F)
    return Code(timecode, rate, at, reverse) if timecode.exists(rate) else NO_SUCH_TIME
