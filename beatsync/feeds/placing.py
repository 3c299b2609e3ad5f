"""Readings of a timecode to observations of the track that it stands for. Pure; remembers which track that was."""

from __future__ import annotations

from beatsync.core.observation import Observation
from beatsync.core.timecode import FrameRate, Timecode
from beatsync.core.timecode_map import TimecodeMap
from beatsync.core.transport import Rate
from beatsync.core.units import HostNs


class Placing:
    """One tape's table of tracks, and what was said of it last."""

    def __init__(self, tracks: TimecodeMap) -> None:
        self._tracks = tracks
        self._entry: int | None = None
        self._in_a_gap = False

    def observation(
        self,
        timecode: Timecode,
        rate: FrameRate,
        *,
        host: HostNs,
        jump: bool = False,
        playing: bool | None = None,
        speed: Rate | None = None,
    ) -> Observation:
        """What is true at `host`, where the tape stands at the start of `timecode`'s frame.

        In a gap nothing plays. Another track than before is a jump, and is named.
        """
        place = self._tracks.place(timecode, rate)
        if place is None:
            self._in_a_gap = True
            return Observation(host=host, playing=False, jump=jump, rate=speed)
        another = place.entry != self._entry
        observation = Observation(
            host=host,
            position=place.position,
            playing=True if self._in_a_gap and playing is None else playing,
            rate=speed,
            jump=jump or self._in_a_gap or (another and self._entry is not None),
            track=self._tracks.entries[place.entry].track if another else None,
        )
        self._entry, self._in_a_gap = place.entry, False
        return observation
