"""Units of time: integer nanoseconds inside, seconds at the edges.

`HostNs` and `TrackNs` are different axes that only a transport relates; the types keep them apart.
"""

from __future__ import annotations

from typing import NewType

HostNs = NewType("HostNs", int)
"""An instant of the host's monotonic clock (CLOCK_MONOTONIC), in nanoseconds."""

TrackNs = NewType("TrackNs", int)
"""A position in a track, in nanoseconds from its first sample."""

WallNs = NewType("WallNs", int)
"""An instant of civil time, in nanoseconds since 1970-01-01 UTC; only the start feed and OSC time tags use it."""

DurationNs = NewType("DurationNs", int)
"""A length of time in nanoseconds; of either sign where a key says so."""

NO_TIME = DurationNs(0)
NS_PER_SECOND = 1_000_000_000
NS_PER_MS = 1_000_000


def ns_from_seconds(seconds: float) -> int:
    """Nanoseconds nearest to `seconds` (finite)."""
    return round(seconds * NS_PER_SECOND)


def seconds_from_ns(ns: int) -> float:
    """Seconds, for people and for libraries that want them."""
    return ns / NS_PER_SECOND


def ms(milliseconds: float) -> DurationNs:
    """A duration of so many milliseconds."""
    return DurationNs(round(milliseconds * NS_PER_MS))


def clock_face(position: int) -> str:
    """A position as people read it: `1:02.345`, `-0:04.000`, hours where there are any; rounded to the millisecond.

    >>> clock_face(62_345_000_000)
    '1:02.345'
    """
    sign = "-" if position < 0 else ""
    total_ms = (abs(position) + NS_PER_MS // 2) // NS_PER_MS
    minutes, milliseconds = divmod(total_ms, 60_000)
    face = f"{milliseconds // 1000:02d}.{milliseconds % 1000:03d}"
    if minutes < 60:
        return f"{sign}{minutes}:{face}"
    return f"{sign}{minutes // 60}:{minutes % 60:02d}:{face}"
