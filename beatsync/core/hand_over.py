"""When one deck takes over from another: at a beat of the new one, for each target right before it is told of it.

By then a target has had every cue of the old deck up to the beat, and it gets every one of the new deck from the beat
on: nothing twice, nothing left out, whatever its lead.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Final

from beatsync.core.leads import Lead
from beatsync.core.targets import Target
from beatsync.core.track import Track
from beatsync.core.transport import Transport
from beatsync.core.units import DurationNs, HostNs, TrackNs, ms

MARGIN: Final = ms(5)
"""So long before it is told of the beat a target changes hands: longer than word of that takes to the conductor."""

LOADING_MARGIN: Final = ms(60)
LOADING_A_CUE: Final = DurationNs(15_000)
"""The same where other schedules have to be read there first, between cues. An hour of music, 44,373 cues, takes a
quarter of a second where nothing is due meanwhile; this is more than twice that.
"""


def margin_for(cues: int) -> DurationNs:
    """So long before, where schedules of so many cues are exchanged; 0: where none is."""
    return DurationNs(LOADING_MARGIN + cues * LOADING_A_CUE) if cues else MARGIN


def hand_over_instants(
    targets: Iterable[Target], transport: Transport, position: TrackNs, *, lead: Lead, margin: DurationNs = MARGIN
) -> list[tuple[HostNs, str]]:
    """When each target changes hands, in order, for a hand-over at `position` of the new deck's `transport`.

    `lead`: of the new deck's track, beside the targets' own.
    """
    instants = (
        (HostNs((target.lead + lead).deadline(transport, position) - target.ahead - margin), target.name)
        for target in targets
    )
    return sorted(instants)


def next_boundary(track: Track, transport: Transport, now: HostNs, *, bars: bool, room: DurationNs) -> TrackNs | None:
    """The next beat of a track, or the next bar, that playback reaches more than `room` after `now`; None for none."""
    if track.grid is None or not transport.moving:
        return None
    marks: Sequence[TrackNs] = track.grid.bar_starts if bars and track.grid.bars else track.grid.beats
    index = bisect_left(marks, transport.position_at(HostNs(now + room)) + 1)
    return marks[index] if index < len(marks) else None


def longest_notice(targets: Iterable[Target], lead: Lead, *, margin: DurationNs = MARGIN) -> DurationNs:
    """How long before the beat the first target has to be told."""
    notices = ((target.lead + lead).real + (target.lead + lead).track + target.ahead for target in targets)
    return DurationNs(max(max(notices, default=0), 0) + 2 * margin)
