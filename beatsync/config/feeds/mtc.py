"""`{feed: {mtc: {port: "USB MIDI"}}}`: MIDI time code."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from beatsync.config.feeds.midi import MidiModel, MidiPort
from beatsync.config.feeds.timecode import USUAL_FOR_TIMECODE, CodedTimecodeModel
from beatsync.core.observation import Following
from beatsync.core.timecode_map import FROM_MIDNIGHT, TimecodeMap


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowMtc:
    """Follow MIDI time code. `pull_down`: its 24 and 30 are 23.976 and 29.97; `varispeed`: it may run at any speed."""

    port: MidiPort
    tracks: TimecodeMap = FROM_MIDNIGHT
    pull_down: bool = False
    varispeed: bool = False
    following: Following = USUAL_FOR_TIMECODE


class MtcModel(CodedTimecodeModel, MidiModel):
    """MIDI time code."""

    def choice(self, _folder: Path) -> FollowMtc:
        """What the file says."""
        return FollowMtc(
            port=self.midi_port(),
            tracks=self.tracks(),
            pull_down=self.pull_down,
            varispeed=self.varispeed,
            following=self.following(),
        )
