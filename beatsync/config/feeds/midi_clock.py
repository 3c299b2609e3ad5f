"""`{feed: {midi_clock: {port: "USB MIDI"}}}`: MIDI clock with song position."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from beatsync.config.feeds.midi import MidiModel, MidiPort
from beatsync.core.observation import Following, WhenLost
from beatsync.core.units import ms

USUAL_FOR_MIDI_CLOCK: Final = Following(freewheel=ms(2000), when_lost=WhenLost.HOLD)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowMidiClock:
    """Follow MIDI clock: beats along the track's grid, from its first one."""

    port: MidiPort
    following: Following = USUAL_FOR_MIDI_CLOCK


class MidiClockModel(MidiModel):
    """MIDI clock with song position."""

    def choice(self, _folder: Path) -> FollowMidiClock:
        """What the file says."""
        return FollowMidiClock(port=self.midi_port(), following=self.following(USUAL_FOR_MIDI_CLOCK))
