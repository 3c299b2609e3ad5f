"""MIDI time code to readings of a track. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from beatsync.config.feeds.mtc import FollowMtc
from beatsync.core.observation import Accuracy, Character, Observation, RateKnowledge
from beatsync.core.timecode import pulled_down
from beatsync.core.transport import NORMAL_RATE, Rate
from beatsync.core.units import HostNs, ms
from beatsync.feeds.midi.quarter_frames import QUARTER_FRAME, Code, QuarterFrames, parse_full_time
from beatsync.feeds.placing import Placing
from beatsync.feeds.readings import Ignored, Reading

NOT_TIME_CODE: Final = Ignored("a MIDI message that is no time code")


class TimeCodeReader:
    """Messages to readings. The sender that stops says nothing; one that goes somewhere else may say so."""

    def __init__(self, settings: FollowMtc) -> None:
        self._pull_down = settings.pull_down
        self._varispeed = settings.varispeed
        self._quarter_frames = QuarterFrames()
        self._placing = Placing(settings.tracks)
        self._reverse = False

    @property
    def character(self) -> Character:
        """A time every two frames, and exact: it was true when its piece 0 arrived."""
        return Character(
            accuracy=Accuracy.B,
            interval=ms(80),
            rate=RateKnowledge.INFERRED if self._varispeed else RateKnowledge.FIXED,
        )

    def read(self, message: bytes, at: HostNs) -> Sequence[Reading]:
        """What a message that arrived at `at` says."""
        if len(message) == 2 and message[0] == QUARTER_FRAME:
            code = self._quarter_frames.add(message[1], at)
            return () if code is None else (self._running(code),)
        located = parse_full_time(message, at)
        if located is None:
            return (NOT_TIME_CODE,)
        return (self._located(located),)

    def _running(self, code: Code | Ignored) -> Reading:
        if isinstance(code, Ignored):
            return code
        turned = code.reverse != self._reverse
        self._reverse = code.reverse
        speed = Rate(-NORMAL_RATE if code.reverse else NORMAL_RATE)
        return self._observation(code, playing=True, speed=speed if turned else None)

    def _located(self, code: Code | Ignored) -> Reading:
        """The sender stands; it runs again with the next quarter frame."""
        if isinstance(code, Ignored):
            return code
        self._quarter_frames.clear()
        return self._observation(code, playing=False, jump=True)

    def _observation(self, code: Code, *, playing: bool, jump: bool = False, speed: Rate | None = None) -> Observation:
        return self._placing.observation(
            code.timecode,
            pulled_down(code.rate) if self._pull_down else code.rate,
            host=code.at,
            jump=jump,
            playing=playing,
            speed=speed,
        )
