"""`{feed: {mtc: {port: "USB MIDI"}}}`: MIDI time code."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from beatsync.config.feeds.midi import MidiModel, MidiPort
from beatsync.config.feeds.timecode import USUAL_FOR_TIMECODE, TimecodeModel
from beatsync.core.observation import Following
from beatsync.core.timecode_map import FROM_MIDNIGHT, TimecodeMap


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowMtc:
    """Follow MIDI time code. `varispeed`: it may run at another speed than recorded."""

    port: MidiPort
    tracks: TimecodeMap = FROM_MIDNIGHT
    varispeed: bool = False
    following: Following = USUAL_FOR_TIMECODE


class MtcModel(TimecodeModel, MidiModel):
    """MIDI time code."""

    varispeed: bool = Field(default=False, description="the timecode may run slower or faster than recorded")

    def value(self) -> FollowMtc:
        """What the file says."""
        return FollowMtc(
            port=self.midi_port(),
            tracks=self.tracks(),
            varispeed=self.varispeed,
            following=self.following(),
        )
