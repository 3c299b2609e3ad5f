"""Changes of rate that nobody announces: what the last readings say about when one came, and how large it was.

All bends of the line are weighed against each other and against none at all: each way to bend it so that it still
passes above the readings, by how odd the readings are then, by how rare changes of rate are, and by how large they
usually are. The estimate is the mean over all of them: it moves with the evidence, and goes back where that fades.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, inf, log
from typing import Final, TypeAlias

from beatsync.core.envelope import Line
from beatsync.core.evidence import Evidence
from beatsync.core.lags import GRAIN
from beatsync.core.units import NS_PER_SECOND, HostNs

PITCH: Final = 0.05
"""How large a change of rate usually is, and how far from nominal an unknown one: pitch faders go to 6, 8 or 16 %."""

_PER_NS: Final = 1.0 / (60 * NS_PER_SECOND)
"""How often the rate changes: once a minute."""

# Readings are late together where a network stalls, and then look like slower playback: so few of them show nothing,
# or not more than a usual change.
_LATE_TOGETHER: Final = 2
_USUAL: Final = 0.08

# The grid: readings ago, where nothing is known yet and where much is; parts of the time between two readings, which
# matter where a usual change makes a difference in it; parts of the range of changes, which is at least so wide.
_LENGTHS: Final = (2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 28)
_SHORT: Final = (2, 4, 7)
_APART: Final = 1.5
_MOST_PARTS: Final = 5
_PARTS: Final = 7
_LEAST_SPAN: Final = 0.25

# Nats: readings less odd than this are not worth a look; bends so much worse than the best one neither.
_ODD: Final = 5.0
_HOPELESS: Final = 12.0

_Tail: TypeAlias = Sequence[tuple[float, float]]
"""Readings, the last one first: (how far above the old line, nanoseconds since the last one, so zero or less)."""


@dataclass(frozen=True, slots=True)
class Bend:
    """The rate changed, with these `odds` (in nats) against that it did not, around `at`, `length` readings ago.

    `line`: the mean over all bends and none. The doubts are standard deviations.
    """

    odds: float
    line: Line
    at: HostNs
    at_doubt: float
    length: float
    length_doubt: float


def find_bend(evidence: Evidence, before: Bend | None, *, confirm: int) -> Bend | None:
    """What bends the readings speak for, None where they speak for none. `before`: what was known one reading ago."""
    now = evidence.readings[-1].host
    search = _Search(evidence, confirm=confirm)
    whens = [float(reading.host - now) for reading in evidence.readings]
    tail = list(zip(evidence.above, whens, strict=True))[::-1]
    for length in _lengths(before):
        if max(confirm, 2) <= length < len(tail) and evidence.chances[length] > _ODD:
            search.weigh(tail[:length], since=tail[length][1])
    return search.mean()


def _lengths(before: Bend | None) -> Iterable[int]:
    """How many readings ago to look for bends: anywhere, or where they were before, likeliest first, and new ones."""
    if before is None:
        return _LENGTHS
    apart = 2 * before.length_doubt + _APART
    first, last = round(before.length + 1 - apart), round(before.length + 1 + apart)
    return sorted({*_SHORT, *range(first, last + 1)}, key=lambda length: abs(length - before.length))


class _Search:
    """Cells of the space of all bends: (nats by which it beats none, change of rate, when, how many readings ago)."""

    __slots__ = ("_best", "_cells", "_confirm", "_evidence")

    def __init__(self, evidence: Evidence, *, confirm: int) -> None:
        self._confirm = max(confirm, 2)
        self._evidence = evidence
        self._cells: list[tuple[float, float, float, int]] = []
        self._best = 0.0

    def weigh(self, tail: _Tail, *, since: float) -> None:
        """Bends between the reading at `since` and the later ones, `tail`."""
        if self._evidence.chances[len(tail)] < self._best - _HOPELESS:
            return
        apart = tail[-1][1] - since
        parts = min(max(round(apart * PITCH / self._evidence.lags.spread), 1), _MOST_PARTS)
        for part in range(parts):
            self._weigh_at(since + apart * (part + 0.5) / parts, tail, log(apart / parts * _PER_NS))

    def _weigh_at(self, at: float, tail: _Tail, rarity: float) -> None:
        arms = [(above, when - at) for above, when in tail]
        longest, reach = arms[0][1], self._evidence.lags.longest * self._evidence.pace
        top = max([above / arm for above, arm in arms])
        span = max(min([(reach + above) / arm for above, arm in arms]) - top, _LEAST_SPAN * reach / longest)
        start = self._evidence.chances[len(tail)] + rarity + log(span / _PARTS / (2 * PITCH))
        for part in range(_PARTS):
            change = top - GRAIN / longest + span * (part + 0.5) / _PARTS
            if change < -self._steepest(len(tail)):
                continue
            nats = self._likelihood(arms, change, start - abs(change) / PITCH)
            if nats is not None:
                self._cells.append((nats, change, at, len(tail)))
                self._best = max(self._best, nats)

    def _steepest(self, length: int) -> float:
        """How much slower playback may have become: readings are late together, but never early together."""
        if length > self._confirm + _LATE_TOGETHER:
            return inf
        return _USUAL if length > self._confirm else 0.0

    def _likelihood(self, arms: _Tail, change: float, nats: float) -> float | None:
        """None as soon as it is clear that it is hopeless."""
        oddity, pace, doubt = self._evidence.lags.oddity, self._evidence.pace, self._evidence.doubt
        least = self._best - _HOPELESS
        for above, arm in arms:
            nats -= oddity((change * arm - above) / pace, doubt)
            if nats < least:
                return None
        return nats

    def mean(self) -> Bend | None:
        """The mean over all cells, and over no bend at all."""
        line, now = self._evidence.line, self._evidence.readings[-1].host
        weights = [exp(nats - self._best) for nats, *_ in self._cells]
        bent = sum(weights)
        if bent < exp(-_HOPELESS):
            return None
        mass = bent + exp(-self._best)
        moments = [0.0] * 5
        when = when_squared = length = length_squared = 0.0
        for weight, (_, change, at, count) in zip(weights, self._cells, strict=True):
            level = -change * at
            for index, value in enumerate((level, change, level * level, change * change, level * change)):
                moments[index] += weight * value
            when += weight * at
            when_squared += weight * at * at
            length += weight * count
            length_squared += weight * count * count
        level, change, levels, changes, both = (moment / mass for moment in moments)
        blended = Line(
            now,
            line.at(now) + level,
            line.rate + change,
            levels - level * level + line.doubt(now) ** 2,
            changes - change * change + line.rate_variance,
            both - level * change,
        )
        when, length = when / bent, length / bent
        return Bend(
            odds=log(bent) + self._best,
            line=blended,
            at=HostNs(now + round(when)),
            at_doubt=max(when_squared / bent - when * when, 0.0) ** 0.5,
            length=length,
            length_doubt=max(length_squared / bent - length * length, 0.0) ** 0.5,
        )
