"""Which track a timecode stands for, and where in it: a table of tracks with the timecode at each one's first sample.

Timecode says what time it is on a tape that holds the whole show. Between the tracks that the table names nothing
plays. The day goes round: after 23:59:59 comes 00:00:00, in the middle of a track if need be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from beatsync.core.observation import TrackHint
from beatsync.core.timecode import MIDNIGHT, FrameRate, Timecode, frame_at, frame_number, frame_start
from beatsync.core.units import DurationNs, TrackNs, ms

HALF_A_DAY: Final = DurationNs(12 * 60 * 60 * 10**9)
USUAL_RUN_UP: Final = ms(10_000)
"""Longer than any lead: a target that is told 40 ms early is told of a track's first beat before the track starts."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One track of the table.

    `starts_at`: the timecode at its first sample; `duration`: how long it plays, None for until the next one starts,
    half a day at most; `track`: what to call it.
    """

    starts_at: Timecode
    duration: DurationNs | None = None
    track: TrackHint | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere in a track: `entry` is the table's, counted from 0. A negative position is the run-up to its start."""

    entry: int
    position: TrackNs


@dataclass(frozen=True, slots=True)
class TimecodeMap:
    """The table, in any order. `run_up`: how much of the gap before a track already belongs to it."""

    entries: tuple[Entry, ...]
    run_up: DurationNs = USUAL_RUN_UP

    def place(self, timecode: Timecode, rate: FrameRate) -> Place | None:
        """The track that plays at `timecode`, and where in it; None in a gap.

        Of tracks that overlap the one that started last plays. A run-up is taken from gaps, never from a track.
        """
        day = rate.frames_a_day
        since = [(frame_number(timecode, rate) - frame_number(entry.starts_at, rate)) % day for entry in self.entries]
        playing = [frames for frames, entry in zip(since, self.entries, strict=True) if _lasts(frames, entry, rate)]
        if playing:
            return Place(since.index(min(playing)), frame_start(min(playing), rate))
        longest = max(since, default=0)
        ahead = day - longest
        if not since or frame_start(ahead, rate) > self.run_up:
            return None
        return Place(since.index(longest), frame_start(-ahead, rate))


def one_track(starts_at: Timecode) -> TimecodeMap:
    """The table for a track that always plays: the half of the day before its start is its run-up."""
    return TimecodeMap((Entry(starts_at),), run_up=DurationNs(2 * HALF_A_DAY))


FROM_MIDNIGHT: Final = one_track(MIDNIGHT)
"""For a tape that holds one track, and starts at 00:00:00:00 with it."""


def _lasts(frames: int, entry: Entry, rate: FrameRate) -> bool:
    """Whether a track still plays so many frames after its start."""
    return frames <= frame_at(TrackNs((HALF_A_DAY if entry.duration is None else entry.duration) - 1), rate)
