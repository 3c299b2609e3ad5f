"""The line that is given out, led towards the line that is believed without a wobble.

A small difference is run off by a line that is at most 2 % faster or slower, for as long as that takes; a large one is
a step. What is too small to matter is left alone.
"""

from __future__ import annotations

from typing import Final

from beatsync.core.envelope import Line
from beatsync.core.transport import NORMAL_RATE, Rate, Transport
from beatsync.core.units import NO_TIME, DurationNs, HostNs, TrackNs, ms

STEP: Final = ms(20)
"""From this on a difference is a step: to run it off would take longer than a second."""

FASTEST: Final = 0.02
"""By so much a slew changes the rate at most: a third of a semitone, if it were heard."""

_PERIOD: Final = float(ms(300))
_GRAIN: Final = float(ms(0.02))
_SHARE: Final = 0.25
_AHEAD: Final = float(ms(1000))


class Slewing:
    """`transport`: the line given out; `until`: when it ends, where it is being led somewhere."""

    __slots__ = ("_rate", "transport", "until")

    def __init__(self, transport: Transport) -> None:
        """Start on `transport`."""
        self.put(transport)

    def put(self, transport: Transport) -> None:
        """From now on follow `transport`, whatever was before."""
        self.transport = transport
        self._rate = transport.rate
        self.until: HostNs | None = None

    def shift(self, now: HostNs, by: DurationNs) -> None:
        """At `now` playback jumps by so much, and goes on as it went."""
        self.transport = Transport(now, TrackNs(self.transport.position_at(now) + by), self.transport.rate)

    def aim(self, line: Line, now: HostNs, *, step: DurationNs = STEP) -> DurationNs | None:
        """Lead towards `line`; None if nothing changes, else the step that was made, zero if it is a slew."""
        error = line.at(now) - self.transport.position_at(now)
        rate = Rate(round(line.rate * NORMAL_RATE))
        if abs(error) >= step:
            self.put(Transport(now, TrackNs(round(line.at(now))), rate))
            return DurationNs(round(error))
        if self._is_good(line, now):
            return None
        self._slew(error, rate, now)
        return NO_TIME

    def _is_good(self, line: Line, now: HostNs) -> bool:
        """Whether it leads where `line` is soon enough: there, or a little later, it is as good as on it."""
        good = _GRAIN + _SHARE * line.doubt(now)
        end = max(now, self.until or now)
        there = line.at(end) - self.transport.position_at(end)
        drift = (line.rate - self._rate / NORMAL_RATE) * _AHEAD
        return abs(there) <= good and abs(there + drift) <= 2 * good

    def _slew(self, error: float, rate: Rate, now: HostNs) -> None:
        most = FASTEST * abs(rate) / NORMAL_RATE
        pace = max(-most, min(error / _PERIOD, most))
        self._rate = rate
        position = self.transport.position_at(now)
        lean = round(pace * NORMAL_RATE)
        self.until = HostNs(now + round(error * NORMAL_RATE / lean)) if lean else None
        self.transport = Transport(now, position, Rate(rate + lean))

    def advance(self, now: HostNs) -> bool:
        """End a slew whose time has come; returns whether one has ended."""
        if self.until is None or now < self.until:
            return False
        position = self.transport.position_at(self.until)
        self.put(Transport(self.until, position, self._rate))
        return True
