"""Playback as a value: the straight line between host time and track time.

Invariants, tested beside the type, for every rate above zero:

    position_at(host_at(p)) >= p  and  position_at(host_at(p) - 1) < p
    position_at(anchor.host) == anchor.track

so that a cue at `p` is due from exactly `host_at(p)` on. All arithmetic is on integers: the same beat reached by two
computations is the same instant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NewType

from beatsync.core.units import HostNs, TrackNs

Rate = NewType("Rate", int)
"""Track time per host time, in billionths: `NORMAL_RATE` is as recorded, zero is a pause."""

NORMAL_RATE: Final = Rate(1_000_000_000)
PAUSED: Final = Rate(0)


def rate_of(ratio: float) -> Rate:
    """The rate of a player that runs `ratio` times as fast as recorded."""
    return Rate(round(ratio * NORMAL_RATE))


@dataclass(frozen=True, slots=True)
class Transport:
    """The line through (`host`, `track`) with a slope of `rate`."""

    host: HostNs
    track: TrackNs
    rate: Rate = NORMAL_RATE

    @property
    def moving(self) -> bool:
        """Whether playback goes forward. Cues fall due only then: a pause, a scratch and reverse play fire nothing."""
        return self.rate > 0

    def position_at(self, host: HostNs) -> TrackNs:
        """Where playback stands at `host`, rounded down."""
        return TrackNs(self.track + (host - self.host) * self.rate // NORMAL_RATE)

    def host_at(self, track: TrackNs) -> HostNs:
        """The first instant at which playback has reached `track`. Only for a transport that moves."""
        return HostNs(self.host - (self.track - track) * NORMAL_RATE // self.rate)
