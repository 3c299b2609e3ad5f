"""The start clock: playback as a start instant states it.

Civil time is used once, here, and becomes a monotonic anchor: whatever the wall clock does later changes nothing.
"""

from __future__ import annotations

from typing import assert_never

from beatsync.config.starts import Start, StartArmed, StartAt, StartNow
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs, TrackNs, WallNs


def transport_of_start(start: Start, *, now: HostNs, wall: WallNs) -> Transport | None:
    """The line through the start; None where somebody has to say play. `now` and `wall` are one instant on both clocks.

    A start in the past gives a position inside the track (or after it), one in the future a negative one: a countdown.
    """
    match start:
        case StartNow():
            return Transport(now, TrackNs(0))
        case StartAt(at):
            return Transport(HostNs(now + at - wall), TrackNs(0))
        case StartArmed():
            return None
        case _:
            assert_never(start)
