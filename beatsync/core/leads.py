"""Leads: how much earlier than the music a receiver must be told.

A receiver's latency is in real time: it is as long when the music plays faster. A look that is to come a little before
the beat is so in track time. At the recorded rate the two are the same; at any other they are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from beatsync.core.transport import Transport
from beatsync.core.units import NO_TIME, DurationNs, HostNs, TrackNs


@dataclass(frozen=True, slots=True)
class Lead:
    """So much earlier, in `real` time and in `track` time; negative for later. Leads add up.

    Invariant, for every transport that moves: a cue at `p` is due from exactly `deadline(p)` on, that is
    `reach(deadline(p)) >= p` and `reach(deadline(p) - 1) < p`.
    """

    real: DurationNs = NO_TIME
    track: DurationNs = NO_TIME

    def __add__(self, other: Lead) -> Lead:
        """Both together."""
        return Lead(DurationNs(self.real + other.real), DurationNs(self.track + other.track))

    def reach(self, transport: Transport, now: HostNs) -> TrackNs:
        """The position up to which cues are due at `now`."""
        return TrackNs(transport.position_at(HostNs(now + self.real)) + self.track)

    def deadline(self, transport: Transport, position: TrackNs) -> HostNs:
        """When a cue at `position` falls due. Only for a transport that moves."""
        return HostNs(transport.host_at(TrackNs(position - self.track)) - self.real)


NO_LEAD: Final = Lead()
