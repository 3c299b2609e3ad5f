"""Frames of linear timecode to readings of a track. Pure.

A frame has no check sum: noise makes times that were never recorded. So a frame counts only when it follows the one
before it, in number and at the distance of a frame, and a jump is told by as many in a row as `confirm` says.

A reading is taken at a frame's end, which is where the next one starts. libltc knows the end to a few samples, always;
of the start of the first frame after a drop-out it has only a guess (measured: up to 1,700 samples off).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from beatsync.config.feeds.ltc import FollowLtc
from beatsync.core.timecode import FrameRate, Timecode, frame_number, frames_between, timecode_of
from beatsync.core.transport import NORMAL_RATE, Rate
from beatsync.core.units import HostNs
from beatsync.feeds.ltc.frames import LtcFrame, time_of
from beatsync.feeds.ltc.varispeed import Varispeed
from beatsync.feeds.placing import Placing
from beatsync.feeds.readings import Ignored, Reading

ALONE: Final = Ignored("a frame that does not follow the one before it; is fps right?")

_SLOWEST, _FASTEST = 0.25, 4.0
"""A tape that winds is heard in this range, of the recorded speed."""

_ALIKE: Final = 0.01
"""How much longer or shorter than expected a frame can be: a drop-out or noise in its last bit makes it end elsewhere.
A tape at another speed has two frames of the same length."""

_DRIFT: Final = 0.005
"""How far from the speed that was told a tape may run unheard, in a drop-out."""


@dataclass(frozen=True, slots=True)
class _Heard:
    frame: LtcFrame
    timecode: Timecode
    rate: FrameRate


class LtcReader:
    """The frames of one tape."""

    def __init__(self, settings: FollowLtc, samples_a_second: int) -> None:
        self._fps = settings.fps
        self._nominal = samples_a_second * settings.fps.seconds / settings.fps.frames
        self._placing = Placing(settings.tracks)
        self._varispeed = Varispeed(settings.fps, samples_a_second)
        self._last: _Heard | None = None
        self._told: _Heard | None = None
        self._length = 0
        """samples from the end before the last one to the last"""
        self._run = 0
        """frames in a row, up to the last one"""
        self._speed: Rate | None = None
        """news that no reading has told yet"""
        self._confirm = settings.following.confirm

    def forget(self) -> None:
        """Some sound was lost: the next frame follows none."""
        self._last = None

    def read(self, frame: LtcFrame, host: HostNs) -> Sequence[Reading]:
        """What a frame says whose end was captured at `host`."""
        time = time_of(frame, self._fps)
        if isinstance(time, Ignored):
            return (time,)
        last, self._last = self._last, _Heard(frame, *time)
        if last is None:
            self._begin(frame)
            return ()
        length, self._length = self._length, frame.end - last.frame.end
        if not (self._follows(last, self._last) and self._is_a_frame(self._length, before=length)):
            self._begin(frame)
            return (ALONE,)
        self._run += 1
        return self._readings(self._last, host)

    def _begin(self, frame: LtcFrame) -> None:
        self._run = 1
        self._varispeed.restart(frame.end)

    def _follows(self, last: _Heard, heard: _Heard) -> bool:
        """Whether the number is the next one, in the direction in which both were played."""
        step = -1 if heard.frame.reverse else 1
        same = heard.rate == last.rate and heard.frame.reverse == last.frame.reverse
        return same and frames_between(last.timecode, heard.timecode, heard.rate) == step

    def _is_a_frame(self, length: int, *, before: int) -> bool:
        """Whether the tape runs at the speed that was told, or has run at this one for two frames."""
        usual = self._nominal * NORMAL_RATE / abs(self._varispeed.told)
        alike = any(abs(length / other - 1) < _ALIKE for other in (usual, before) if other)
        return alike and self._nominal / _FASTEST < length < self._nominal / _SLOWEST

    def _readings(self, heard: _Heard, host: HostNs) -> Sequence[Reading]:
        jump = self._told is not None and self._jumped(self._told, heard)
        self._speed = self._varispeed.follow(heard.frame.end, reverse=heard.frame.reverse) or self._speed
        if jump and self._run < self._confirm:
            return ()
        self._told = heard
        speed, self._speed = self._speed, None
        return (self._placing.observation(_at_end(heard), heard.rate, host=host, jump=jump, speed=speed),)

    def _jumped(self, told: _Heard, heard: _Heard) -> bool:
        """Whether the tape is somewhere else than it would be had it run on since the last reading."""
        if heard.rate != told.rate or heard.frame.reverse != told.frame.reverse:
            return True
        passed = (heard.frame.end - told.frame.end) / self._nominal
        expected = passed * self._varispeed.told / NORMAL_RATE
        return abs(frames_between(told.timecode, heard.timecode, heard.rate) - expected) > 1 + passed * _DRIFT


def _at_end(heard: _Heard) -> Timecode:
    """Where the tape stands when the frame is over. Played backwards it is then at the frame's start."""
    if heard.frame.reverse:
        return heard.timecode
    return timecode_of(frame_number(heard.timecode, heard.rate) + 1, heard.rate)
