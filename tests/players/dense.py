"""A player's own position, read some 200 times a second on a connection of its own: the truth that cues are judged by.

Nothing of beatsync's is in it but the clock. A reading is dated by the middle of its round trip, and not taken where
that was longer than a millisecond or so.
"""

from __future__ import annotations

import random  # noqa: TID251  draws when to read
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby, pairwise
from math import inf
from statistics import linear_regression, median
from threading import Event, Thread
from typing import Final

from beatsync.clock import SystemClock
from beatsync.core.units import NS_PER_MS, NS_PER_SECOND, HostNs, ms

EVERY_SECONDS: Final = 0.005
LONGEST_ROUND_TRIP: Final = ms(1)
_CLOCK: Final = SystemClock()
_FEW: Final = 3
_ENOUGH: Final = 20
_BESIDE: Final = ms(150)


@dataclass(frozen=True, slots=True)
class Point:
    """At `at` the player said that it stands at `position`, in nanoseconds."""

    at: HostNs
    position: int


@dataclass
class Dense:
    """What was read. A player that has no position leaves a gap: `gaps` are instants at which it had none."""

    points: list[Point] = field(default_factory=list)
    gaps: list[HostNs] = field(default_factory=list)
    slow: int = 0

    def read(self, position: Callable[[], float | None], done: Event, *, every: float, longest: int) -> None:
        """Read until told that it is done."""
        chance = random.Random(1)
        while not done.wait(chance.uniform(0.4 * every, 1.6 * every)):
            asked = _CLOCK.now()
            said = position()
            answered = _CLOCK.now()
            at = HostNs((asked + answered) // 2)
            if said is None:
                self.gaps.append(at)
            elif answered - asked > longest:
                self.slow += 1
            else:
                self.points.append(Point(at, round(said * NS_PER_SECOND)))


@contextmanager
def read_densely(
    position: Callable[[], float | None], *, every: float = EVERY_SECONDS, longest: int = LONGEST_ROUND_TRIP
) -> Iterator[Dense]:
    """The player's positions, read by a thread for as long as the context lasts.

    `every`: so many seconds, more or less; `longest`: what takes longer than this cannot be dated.
    """
    dense, done = Dense(), Event()
    reader = partial(dense.read, position, done, every=every, longest=longest)
    thread = Thread(target=reader, daemon=True)
    thread.start()
    try:
        yield dense
    finally:
        done.set()
        thread.join()


@dataclass(frozen=True, slots=True)
class Stretch:
    """Playback without a break. `rate`: how many times as fast as time; it may go on from `begin` to `end` at most."""

    points: Sequence[Point]
    rate: float
    begin: float
    end: float

    def nearness(self, at: int) -> float:
        """How far an instant is from being between two readings of it; infinite where something lies in between."""
        if not self.begin <= at < self.end:
            return inf
        return max(self.points[0].at - at, at - self.points[-1].at, 0)


@dataclass(frozen=True, slots=True)
class Course:
    """Where the player stood, by its own readings.

    `window`: readings so far before and after an instant tell where it stood; `top`: of those the highest does, since
    the player's positions stand and leap, else their middle.
    """

    stretches: Sequence[Stretch]
    window: int
    top: bool

    def stretch_at(self, at: int) -> Stretch | None:
        """The stretch that an instant lies in, or right beside."""
        index = bisect_right(self.stretches, at, key=lambda stretch: stretch.points[0].at) - 1
        around = self.stretches[max(index, 0) : index + 2]
        nearest = min(around, key=lambda stretch: stretch.nearness(at), default=None)
        return None if nearest is None or nearest.nearness(at) > _BESIDE else nearest

    def position_at(self, at: int) -> float | None:
        """The position, in nanoseconds; None where the readings do not tell."""
        stretch = self.stretch_at(at)
        if stretch is None:
            return None
        points = stretch.points
        low = bisect_left(points, at - self.window, key=lambda point: point.at)
        high = bisect_right(points, at + self.window, key=lambda point: point.at)
        near = [point.position + (at - point.at) * stretch.rate for point in points[low:high]]
        if len(near) < (1 if self.top else _FEW):
            return None
        return max(near) if self.top else median(near)

    def slips(self, least: int = ms(2)) -> list[tuple[HostNs, float]]:
        """Where the player itself left its line by so much within a tenth of a second, and by how much, in ms."""
        return [] if self.top else [slip for stretch in self.stretches for slip in _slips_of(stretch, least)]


def _slips_of(stretch: Stretch, least: int) -> Iterator[tuple[HostNs, float]]:
    tenths: dict[int, list[float]] = {}
    for point in stretch.points:
        tenths.setdefault(point.at // ms(100), []).append(point.position - point.at * stretch.rate)
    heights = [(HostNs(tenth * ms(100)), median(group)) for tenth, group in tenths.items() if len(group) >= _FEW]
    for (_, before), (at, after) in pairwise(heights):
        if abs(after - before) >= least:
            yield at, (after - before) / NS_PER_MS


def course_of(
    dense: Dense, *, window: int, top: bool, apart: int, breaks: Sequence[tuple[int, float]] = ((0, 1.0),)
) -> Course:
    """The stretches of what was read.

    `apart`: readings that differ by more than so much from undisturbed playback are not of one stretch; neither are
    those before and after one of `breaks`: when something was done to the player, and its speed from then on.
    """
    gaps = sorted([*dense.gaps, *(at for at, _ in breaks)])
    runs: list[list[Point]] = []
    for point in dense.points:
        before = runs[-1][-1] if runs else None
        if before is None or _broken(before, point, gaps, apart):
            runs.append([])
        runs[-1].append(point)
    return Course([_stretch(run, gaps, breaks, top=top) for run in runs if len(run) >= _FEW], window, top)


def _broken(before: Point, point: Point, gaps: Sequence[int], apart: int) -> bool:
    has_gap = bisect_left(gaps, before.at) != bisect_left(gaps, point.at)
    return has_gap or abs(point.position - before.position - (point.at - before.at)) > apart


def _stretch(run: Sequence[Point], gaps: Sequence[int], breaks: Sequence[tuple[int, float]], *, top: bool) -> Stretch:
    before, after = bisect_right(gaps, run[0].at), bisect_left(gaps, run[-1].at)
    begin = gaps[before - 1] if before else -inf
    end = gaps[after] if after < len(gaps) else inf
    told = [speed for at, speed in breaks if at <= run[0].at]
    return Stretch(run, _rate_of(run, told[-1] if told else 1.0, top=top), begin, end)


def _rate_of(run: Sequence[Point], told: float, *, top: bool) -> float:
    """The slope through the readings; where they leap, through the highest of each second, if there are enough."""
    chosen = list(_tops(run, told)) if top else run
    if len(chosen) < _ENOUGH:
        return told
    first = run[0]
    instants = [point.at - first.at for point in chosen]
    return linear_regression(instants, [point.position - first.position for point in chosen]).slope


def _tops(run: Sequence[Point], rate: float) -> Iterator[Point]:
    for _, second in groupby(run, key=lambda point: point.at // NS_PER_SECOND):
        yield max(second, key=lambda point: point.position - rate * point.at)
