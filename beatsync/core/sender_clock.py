"""A sender's own clock, seen through a network: when on the host's clock it was that something was sent.

A message takes time, never less than none: of (received - sent) the smallest values are the true distance of the two
clocks, plus what the network takes at best, which nobody can know and which belongs into an offset. So a minimum is
kept, and not a mean. Clocks drift against each other: the minimum is let rise by as much as a bad clock drifts, and
whatever comes through faster pulls it down again. An instant is never later than the arrival.

A clock that is set forward is followed at once; one that is set back when for two seconds nothing has come through as
fast as the fastest of two seconds used to.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final, NewType

from beatsync.core.units import DurationNs, HostNs, ms

SenderNs = NewType("SenderNs", int)
"""An instant of a sender's own clock, in nanoseconds from wherever that clock counts."""

DRIFT: Final = 200
"""Parts per million by which two clocks may part; those of cheap machines do by 50 or so."""

_SLOT: Final = ms(100)
_SET_BACK_AFTER: Final = ms(2_000)
_SET_BACK_MESSAGES: Final = 8
_USUAL_FLOOR: Final = ms(8)
_LARGEST_FLOOR: Final = ms(50)
_MARGIN: Final = ms(5)
_SUSPICIOUS: Final = 4
"""Times the usual: the fastest of two seconds is not that slow by chance."""
_SLOWLY: Final = 256
_UNSEEN: Final = ms(20)
"""How late a message may be before any has shown how late messages are."""
_MOST_MESSAGES: Final = 512


@dataclass(frozen=True, slots=True)
class SentAt:
    """When something was sent, give or take `slack` and what the network takes at best."""

    host: HostNs
    slack: DurationNs


@dataclass(slots=True)
class _Slot:
    """Messages that arrived within a tenth of a second: how late the fastest of them was, and how many there were."""

    start: HostNs
    floor: int
    messages: int = 1


class SenderClock:
    """One sender's clock. It must hear every message, in the order of arrival."""

    def __init__(self) -> None:
        self._distance: int | None = None
        self._last: HostNs | None = None
        self._recent: deque[_Slot] = deque()
        self._usual_floor: int = _USUAL_FLOOR
        self._lateness: int = 0
        self._messages = 0

    def hear(self, sent: SenderNs, received: HostNs) -> None:
        """Take note of a message that was `sent` and has just been `received`."""
        measured = received - sent
        if self._distance is None or self._last is None:
            self._distance, self._last = measured, received
        passed = max(0, received - self._last)
        self._last = HostNs(self._last + passed)
        self._distance = min(measured, self._distance + passed * DRIFT // 1_000_000)
        self._messages = min(self._messages + 1, _MOST_MESSAGES)
        self._remember(measured - self._distance, self._last)
        self._distance += self._set_back()

    def at(self, instant: SenderNs) -> SentAt:
        """What an instant of the sender's clock is on the host's. Only when a message has been heard."""
        assert self._distance is not None
        slack = DurationNs(max(2 * self._lateness, _UNSEEN) // (self._messages + 1))
        return SentAt(HostNs(instant + self._distance), slack)

    def _remember(self, excess: int, now: HostNs) -> None:
        """By how much the message is later than the fastest; slots that are not needed any more are forgotten."""
        self._lateness += (excess - self._lateness) // self._messages
        if self._recent and now - self._recent[-1].start < _SLOT:
            newest = self._recent[-1]
            newest.floor = min(newest.floor, excess)
            newest.messages += 1
        else:
            self._recent.append(_Slot(now, excess))
        while len(self._recent) > 1 and self._suffices(now, self._recent[1].start, self._recent[0].messages):
            self._recent.popleft()

    def _suffices(self, now: HostNs, start: HostNs, without: int = 0) -> bool:
        """Whether what arrived since `start` is long and much enough to judge a clock by."""
        messages = sum(slot.messages for slot in self._recent) - without
        return now - start >= _SET_BACK_AFTER and messages >= _SET_BACK_MESSAGES

    def _set_back(self) -> int:
        """By how much the clock was set back: nothing comes through as it used to, and what comes is the measure."""
        assert self._last is not None
        if not self._suffices(self._last, self._recent[0].start):
            return 0
        floor = min(slot.floor for slot in self._recent)
        suspicious = floor > _SUSPICIOUS * self._usual_floor + _MARGIN
        self._usual_floor += (min(floor, _LARGEST_FLOOR) - self._usual_floor) // _SLOWLY
        if not suspicious:
            return 0
        for slot in self._recent:
            slot.floor -= floor
        self._lateness = max(0, self._lateness - floor)
        return floor
