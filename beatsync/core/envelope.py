"""The upper envelope of readings: the line that playback follows while its readings come late, stale and rounded down.

Theory of operation
  Delay, staleness and rounding make a reading low, never high. Against time, readings are a cloud below a sharp upper
  edge, and the edge is the truth: a mean, or least squares, has the mean delay as its error.
  Near the edge the cloud is as good as a Poisson process. Where one reading in `spread` lies within a nanosecond of the
  edge, the likelihood of a line `h` above the middle of `n` readings is exp(-n h / spread) if no reading lies above it,
  and nothing otherwise. Outliers have no weight at all: what readings say is their upper convex hull, a few points.
  The estimate is the mean over all lines above the hull (Pitman's estimator): exponential in height, summed up over the
  rates. It lies above the hull by some spread / n, which is by how much even the topmost readings are late.
  The rate has a prior: a crystal is within some hundred millionths of its nominal rate, a deck's pitch anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import exp, log1p, sqrt
from typing import Final, NamedTuple, TypeAlias

from beatsync.core.units import DurationNs, HostNs, ms

WINDOW: Final = ms(20_000)
"""Readings older than this are forgotten: clocks wander, and the system's own is steered by NTP meanwhile."""

Point: TypeAlias = tuple[float, float]

_BUCKETS: Final = 40
_CORNERS: Final = 24
"""A hull of so many points is as good as any: only a curve without a grain of delay on it has more."""

_NATS: Final = 9.0
_PARTS: Final = 8
_STEPS: Final = tuple(((part / _PARTS) ** 2, 2 * part / _PARTS**2) for part in range(1, _PARTS + 1))
_NOTHING: Final = 1e-3
_OUTSIDE: Final = (7.0, 40.0, 14.0)
_ANYWHERE: Final = 10.0
"""Times the room at a hinge: a line of which nothing else is known goes through the middle of it."""


class Reading(NamedTuple):
    """Playback stood at `position`, in nanoseconds, or further on, at `host`."""

    host: HostNs
    position: float


@dataclass(frozen=True, slots=True)
class Line:
    """Positions as a straight line, with what is not known of it: at `middle` it stands at `height`.

    In nanoseconds. The two variances are those of `height` and `rate`.
    """

    middle: HostNs
    height: float
    rate: float
    height_variance: float
    rate_variance: float
    covariance: float

    def at(self, host: int) -> float:
        """The position at `host`."""
        return self.height + self.rate * (host - self.middle)

    def doubt(self, host: int) -> float:
        """Standard deviation of the position at `host`."""
        away = float(host - self.middle)
        return sqrt(max(self.height_variance + away * (2 * self.covariance + away * self.rate_variance), 0.0))


@dataclass(frozen=True, slots=True)
class Hinge:
    """Where a line begins: at `host` within `tolerance` of `position`."""

    host: HostNs
    position: float
    tolerance: float


@dataclass(slots=True)
class _Bucket:
    begins: float
    hull: list[Point]
    count: int = 0
    total: float = 0.0


class Envelope:
    """The readings of one stretch of playback in which nothing happened, and the line above them."""

    __slots__ = ("_base", "_buckets", "_cap", "_hull", "_origin", "_prior", "_rate", "_total", "_window", "count")

    def __init__(
        self,
        first: Reading,
        *,
        rate: float,
        prior: float,
        window: DurationNs = WINDOW,
        hinge: Hinge | None = None,
    ) -> None:
        """`rate`: the likeliest one; `prior`: how far from it the true one usually is. `first` is not added."""
        self._origin = first.host
        self._base = first.position
        self._rate = rate
        self._prior = prior
        self._window = float(window)
        self._buckets: list[_Bucket] = []
        self._hull: list[Point] = []
        self._cap: Point | None = None
        self._total = 0.0
        self.count = 0
        if hinge is not None:
            x, y = self._placed(hinge.host, hinge.position)
            self._cap = (x, y + hinge.tolerance)
            self._hull = [(x, y - hinge.tolerance)]
            self._buckets = [_Bucket(x, [(x, y - hinge.tolerance)])]

    def add(self, reading: Reading, *, counts: bool = True) -> None:
        """One more reading, no earlier than the others; one that does not count only replaces the one before it."""
        x, y = self._placed(*reading)
        if not self._buckets or x >= self._buckets[-1].begins + self._window / _BUCKETS:
            self._buckets.append(_Bucket(x, []))
            self._forget(x - self._window)
        bucket = self._buckets[-1]
        _push(bucket.hull, x, y)
        _push(self._hull, x, y)
        if counts:
            bucket.count += 1
            bucket.total += x
            self.count += 1
            self._total += x

    def _placed(self, host: HostNs, position: float) -> Point:
        """The reading against the likeliest rate: what is left are small numbers."""
        x = float(host - self._origin)
        return x, position - self._base - self._rate * x

    def _forget(self, before: float) -> None:
        old = [bucket for bucket in self._buckets if bucket.begins < before]
        if not old:
            return
        self._buckets = self._buckets[len(old) :]
        self._cap = None
        self.count -= sum(bucket.count for bucket in old)
        self._total -= sum(bucket.total for bucket in old)
        self._hull = []
        for bucket in self._buckets:
            for x, y in bucket.hull:
                _push(self._hull, x, y)

    @property
    def hinged(self) -> bool:
        """Whether it is still known where the line begins."""
        return self._cap is not None

    def line(self, spread: float, gap: float | None = None) -> Line:
        """The mean of all lines that the readings allow. There must be a reading that counts, or a hinge.

        `gap`: how far above the topmost reading the line runs; worked out from `spread` where it is not given.
        """
        middle = self._total / self.count if self.count else 0.0
        if not self.count and self._cap is not None:
            gap = _ANYWHERE * (self._cap[1] - self._hull[0][1])
        gap = spread / (self.count + 1) if gap is None else gap
        force = max(self.count, _NOTHING) / spread
        lines = _Lines(self._hull, self._cap, middle, force=force, prior=1.0 / self._prior, gap=gap)
        sums = lines.summed()
        height = self._base + self._rate * middle + sums.height
        return Line(
            HostNs(self._origin + round(middle)),
            height,
            self._rate + sums.rate,
            sums.height_variance,
            sums.rate_variance,
            sums.covariance,
        )


class _Sums(NamedTuple):
    height: float
    rate: float
    height_variance: float
    rate_variance: float
    covariance: float


class _Lines:
    """All lines above a hull, each with how likely it is. Rates are against the likeliest one."""

    __slots__ = ("_cap", "_force", "_gap", "_points", "_prior")

    def __init__(
        self, hull: list[Point], cap: Point | None, middle: float, *, force: float, prior: float, gap: float
    ) -> None:
        self._points = [(x - middle, y) for x, y in hull]
        self._cap = None if cap is None else (cap[0] - middle, cap[1])
        self._force = force
        self._prior = prior
        self._gap = gap

    def _weighed(self, rate: float) -> tuple[float, float, float]:
        """Of the lines of a rate: (how unlikely they are, in nats; the lowest's height; the mean's height above it)."""
        height = max([y - rate * x for x, y in self._points])
        nats = self._force * height + self._prior * abs(rate)
        if self._cap is None:
            return nats, height, self._gap
        room = (self._cap[1] - rate * self._cap[0] - height) / self._gap
        if room > 30.0:
            return nats, height, self._gap
        if room < 1e-3:
            near, slope, most = _OUTSIDE
            return nats + min(near - slope * room, most), height, 0.0
        rest = exp(-room)
        return nats - log1p(-rest), height, self._gap * (1.0 - room * rest / (1.0 - rest))

    def _best(self) -> float:
        """The likeliest rate: where a side of the hull, or the prior, has its kink."""
        kinks = [(y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in pairwise(self._points) if x2 > x1]
        return min([0.0, *kinks], key=lambda rate: self._weighed(rate)[0])

    def summed(self) -> _Sums:
        """Mean, variances and covariance over all lines, by quadrature on both sides of the likeliest rate."""
        best = self._best()
        least = self._weighed(best)[0]
        lever = max(-self._points[0][0], self._points[-1][0], 1.0)
        unit = 1.0 / (self._force * lever + self._prior)
        mass = h = r = hh = rr = hr = 0.0
        for side in (unit, -unit):
            reach = self._reach(best, side, least + _NATS)
            for step, width in _STEPS:
                away = reach * step
                nats, height, above = self._weighed(best + away)
                weight = exp(least - nats) * width * abs(reach)
                level = height + above
                mass += weight
                h += weight * level
                r += weight * away
                hh += weight * (level * level + above * above)
                rr += weight * away * away
                hr += weight * level * away
        h, r = h / mass, r / mass
        return _Sums(h, best + r, max(hh / mass - h * h, 0.0), max(rr / mass - r * r, 0.0), hr / mass - h * r)

    def _reach(self, best: float, step: float, limit: float) -> float:
        """How far from the likeliest rate others still matter, to one side."""
        while self._weighed(best + step)[0] < limit:
            step *= 2.0
        return step


def _push(hull: list[Point], x: float, y: float) -> None:
    """Add a point to an upper hull, to the right of it; of too many the one that matters least goes."""
    while len(hull) >= 2:
        (x1, y1), (x2, y2) = hull[-2], hull[-1]
        if (x2 - x1) * (y - y1) < (y2 - y1) * (x - x1):
            break
        hull.pop()
    hull.append((x, y))
    if len(hull) > _CORNERS:
        del hull[min(range(1, len(hull) - 1), key=lambda index: _juts_out(*hull[index - 1 : index + 2]))]


def _juts_out(before: Point, point: Point, after: Point) -> float:
    """By how much a point lies above the line through its neighbours."""
    share = (point[0] - before[0]) / (after[0] - before[0])
    return point[1] - before[1] - share * (after[1] - before[1])
