"""Timecode as numbers: hours, minutes, seconds and frames at a frame rate, to frames and to nanoseconds and back.

All arithmetic is on integers. A frame starts at the first nanosecond that is not before its start, so that for every
position `p` and every frame `n` of a rate

    frame_at(frame_start(n)) == n   and   frame_start(frame_at(p)) <= p < frame_start(frame_at(p) + 1)

Drop-frame timecode leaves numbers out, never frames: 00 and 01 of every minute but each tenth (00 to 03 at 59.94), so
that 29.97 frames a second keep up with the clock on the wall (SMPTE 12M). Days have 24 hours; what lies beyond starts
again at 00:00:00:00.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from beatsync.core.units import NS_PER_SECOND, TrackNs

_TEXT: Final = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})[:;](\d{1,2})\Z")
_MINUTES_A_DAY: Final = 24 * 60


class TimecodeError(ValueError):
    """Text, or numbers, that are no timecode; the text says why."""


@dataclass(frozen=True, slots=True)
class FrameRate:
    """How fast frames go, and how they are numbered.

    `numbers`: how many a second has; `frames` of them take `seconds`; `drops`: whether numbers are left out.
    """

    name: str
    numbers: int
    frames: int
    seconds: int = 1
    drops: bool = False

    @property
    def dropped(self) -> int:
        """How many numbers are left out at the start of a minute, but of each tenth."""
        return self.numbers // 15 if self.drops else 0

    @property
    def frames_a_day(self) -> int:
        """How many frames have a number of their own."""
        return _frames_before(_MINUTES_A_DAY, 0, 0, self)


FILM: Final = FrameRate("24", 24, 24)
EBU: Final = FrameRate("25", 25, 25)
DROP_FRAME: Final = FrameRate("29.97 drop-frame", 30, 30_000, 1001, drops=True)
SMPTE: Final = FrameRate("30", 30, 30)
NON_DROP: Final = FrameRate("29.97", 30, 30_000, 1001)
"""Every number is used: an hour of timecode takes 3.6 s longer than an hour."""
NTSC_FILM: Final = FrameRate("23.976", 24, 24_000, 1001)

RATES_BY_CODE: Final = (FILM, EBU, DROP_FRAME, SMPTE)
"""The four that Art-Net and MIDI know, by the number that stands for each in both."""

_PULLED_DOWN: Final = {FILM: NTSC_FILM, SMPTE: NON_DROP}

MOST_FRAMES: Final = 30
LONGEST_FRAME: Final = NTSC_FILM


@dataclass(frozen=True, slots=True, order=True)
class Timecode:
    """A time of day as equipment counts it. Which instant that is, a frame rate says."""

    hours: int
    minutes: int
    seconds: int
    frame: int

    def __str__(self) -> str:
        """`01:02:03:04`"""
        return f"{self.hours:02d}:{self.minutes:02d}:{self.seconds:02d}:{self.frame:02d}"

    def exists(self, rate: FrameRate) -> bool:
        """Whether equipment that runs at `rate` ever says it."""
        plausible = (
            0 <= self.hours < 24
            and 0 <= self.minutes < 60
            and 0 <= self.seconds < 60
            and 0 <= self.frame < rate.numbers
        )
        left_out = rate.drops and self.minutes % 10 and not self.seconds and self.frame < rate.dropped
        return plausible and not left_out


MIDNIGHT: Final = Timecode(0, 0, 0, 0)


def parse_timecode(text: str) -> Timecode:
    """A timecode from `01:02:03:04`; a semicolon before the frames, as for drop-frame, means the same.

    Raises TimecodeError. Whether it exists at a frame rate is another question.
    """
    found = _TEXT.match(text.strip())
    if not found:
        raise TimecodeError(f"expected hours:minutes:seconds:frames, such as 01:00:00:00, got {text[:40]!r}")
    timecode = Timecode(*map(int, found.groups()))
    for name, value, most in (
        ("hours", timecode.hours, 23),
        ("minutes", timecode.minutes, 59),
        ("seconds", timecode.seconds, 59),
        ("frames", timecode.frame, MOST_FRAMES - 1),
    ):
        if value > most:
            raise TimecodeError(f"{text.strip()!r} has {value} {name}; expected at most {most}")
    return timecode


def pulled_down(rate: FrameRate) -> FrameRate:
    """What Art-Net and MIDI cannot say: that the 24 or 30 numbers of a second take 1001/1000 of one."""
    return _PULLED_DOWN.get(rate, rate)


def frame_number(timecode: Timecode, rate: FrameRate) -> int:
    """Which frame of the day it is, from 0. A number that the rate leaves out stands for the next one that it has."""
    minutes = timecode.hours * 60 + timecode.minutes
    frame = timecode.frame
    if rate.drops and timecode.minutes % 10 and not timecode.seconds:
        frame = max(frame, rate.dropped)
    return _frames_before(minutes, timecode.seconds, frame, rate)


def timecode_of(frame: int, rate: FrameRate) -> Timecode:
    """What equipment calls the frame; the inverse of `frame_number`. Days repeat."""
    number = frame % rate.frames_a_day
    if rate.drops:
        tens, rest = divmod(number, _frames_before(10, 0, 0, rate))
        # The first minute of ten is whole; the others are some numbers short.
        minutes = max(0, (rest - rate.dropped) // (60 * rate.numbers - rate.dropped))
        number += rate.dropped * (9 * tens + minutes)
    seconds, number = divmod(number, rate.numbers)
    return Timecode(seconds // 3600, seconds // 60 % 60, seconds % 60, number)


def frame_start(frame: int, rate: FrameRate) -> TrackNs:
    """How long after frame 0 the frame starts, rounded up to the nanosecond; of either sign."""
    return TrackNs(-(-frame * NS_PER_SECOND * rate.seconds // rate.frames))


def frame_at(position: TrackNs, rate: FrameRate) -> int:
    """The frame that lasts at `position`, from frame 0's start."""
    return position * rate.frames // (rate.seconds * NS_PER_SECOND)


def frames_between(start: Timecode, end: Timecode, rate: FrameRate) -> int:
    """How many frames `end` is after `start`, the short way round the day: less than half a day either way."""
    day = rate.frames_a_day
    return (frame_number(end, rate) - frame_number(start, rate) + day // 2) % day - day // 2


def _frames_before(minutes: int, seconds: int, frame: int, rate: FrameRate) -> int:
    number = (minutes * 60 + seconds) * rate.numbers + frame
    return number - rate.dropped * (minutes - minutes // 10)
