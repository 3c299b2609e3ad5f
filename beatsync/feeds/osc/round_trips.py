"""Questions and answers: when to ask, and how far in the past an answer was true.

A player that is asked says where playback stood at some instant between the two: the middle, give or take half. One
question is under way at a time, since answers do not say which question they are to. The period is never regular:
against a player whose own clock ticks, a regular one would meet the same phase for ever (feeds.md 0.4).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from beatsync.config.feeds.osc_dialect import Request
from beatsync.core.units import DurationNs, HostNs, ms

LOST_AFTER: Final = ms(1_000)
"""An answer that has not come by then does not come."""

_REMEMBERED: Final = 64
_TOLERANCE: Final = 3
_ALWAYS_GOOD: Final = ms(5)
_JITTER: Final = 0.6
"""0.7 to 1.3 of the period."""


@dataclass(frozen=True, slots=True)
class Between:
    """An instant, known to `slack` either way."""

    host: HostNs
    slack: DurationNs


class RoundTrips:
    """The timed questions of one feed."""

    def __init__(self) -> None:
        self._asked: HostNs | None = None
        self._lost = False
        self._durations: deque[int] = deque(maxlen=_REMEMBERED)

    def waits(self, now: HostNs) -> bool:
        """Whether an answer may still come."""
        return self._asked is not None and now - self._asked < LOST_AFTER

    def ask(self, now: HostNs) -> None:
        """A question goes out. An answer to an earlier one that was given up may still be under way."""
        self._lost = self._asked is not None
        self._asked = now

    def answer(self, at: HostNs) -> Between | None:
        """When the answer that came at `at` was true; None where nobody can say, or not well."""
        asked, lost = self._asked, self._lost
        self._asked, self._lost = None, False
        if asked is None or lost or at < asked:
            return None
        duration = at - asked
        self._durations.append(duration)
        if duration > max(_ALWAYS_GOOD, _TOLERANCE * min(self._durations)):
            return None
        return Between(HostNs(asked + duration // 2), DurationNs(duration // 2))


class Calendar:
    """When each of a player's requests is due."""

    def __init__(self, requests: tuple[Request, ...], *, share: Callable[[], float], now: HostNs) -> None:
        """`share`: draws 0 to 1 for the jitter. Everything is due at once, in order."""
        self._share = share
        self._due = dict.fromkeys(requests, now)

    def next(self) -> HostNs | None:
        """When the next one is due; None where there are none."""
        return min(self._due.values(), default=None)

    def take_due(self, now: HostNs) -> list[Request]:
        """Those that are due, in order; each is due again in about its period."""
        due = [request for request, at in self._due.items() if at <= now]
        for request in due:
            period = round(request.every * (1 - _JITTER / 2 + _JITTER * self._share()))
            self._due[request] = HostNs(now + period)
        return due
