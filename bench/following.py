"""How well playback is followed: the goals and what is measured, in simulation, over many seeds.

`python -m bench following` prints the tables and writes them into docs/following.md; `--json` only prints them, for
programs; `--seeds 10` is quicker, and only prints as well.

Steady: the error of the deck's line against the truth every 5 ms, from 5 s after the first reading to the end of a
minute. Events: the time until that error is below 10 ms for good. Truth is the simulated player's own position: a delay
that all readings of a feed share is not seen here and could not be seen by anybody. The prototype's figures are those
of the notes from which the goals come; the feeds were made again from their description there.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from time import thread_time
from typing import Final

from beatsync.core.estimator import Estimator
from beatsync.core.observation import Following
from beatsync.core.units import NS_PER_SECOND, HostNs, ms
from bench import following_table, simulation
from bench.following_table import Kind, Row
from bench.simulated_feeds import (
    CDJ,
    COARSE,
    HARSH,
    HEAVY_TAIL,
    INFERRED,
    MPD,
    MPV,
    ONE_A_SECOND,
    REPORTED,
    SLOW_NETWORK,
    START,
    TEN_A_SECOND,
    UNORDERED,
    VLC,
    WHOLE_SECONDS,
    SimulatedFeed,
    playing,
)
from bench.simulation import USUAL, Event, Pitch, Seek, pause, resume

SEEDS: Final = 50
HEADING: Final = (
    "`python -m bench following`, in ms. Steady playback: rms / 99 of 100 / largest error; events: time until the\n"
    "error is below 10 ms for good, median (longest); silence: the worst error on the way."
)
SETTLED_WITHIN: Final = 10.0
WARM_UP: Final = 5 * NS_PER_SECOND
FLAGS: Final = frozenset({"playing", "jump", "rate"})
SEEKS: Final = tuple(map(Seek, (30.0, -30.0, 0.5, -0.5)))
PITCHES: Final = tuple(map(Pitch, (0.04, -0.04)))


def inferred(feed: SimulatedFeed) -> SimulatedFeed:
    """The same where nobody says at what rate it plays."""
    return replace(feed, rate=INFERRED)


def stated(feed: SimulatedFeed) -> SimulatedFeed:
    """The same where the source says what happens."""
    return replace(feed, states=FLAGS, rate=REPORTED)


# One seed of each kind of case


def steady_errors(feed: SimulatedFeed, seed: int) -> Sequence[float]:
    """All errors of a minute, but for the beginning."""
    course = simulation.run(feed, seed)
    return course.since(HostNs(course.first + WARM_UP))


def settling(feed: SimulatedFeed, event: Event, seed: int) -> float:
    """How long it takes after something has happened, in milliseconds."""
    return simulation.run(feed, seed, seconds=28.0, event=event, sampled=(15.0, 27.0, 1.0)).settled(SETTLED_WITHIN)


def locking(feed: SimulatedFeed, within: float, seed: int) -> float:
    """How long it takes from the first reading on, in milliseconds."""
    course = simulation.run(feed, seed, seconds=15.0, sampled=(0.0, 14.0, 1.0))
    return replace(course, event=course.first).settled(within)


def drift(feed: SimulatedFeed, seed: int) -> float:
    """The worst error while the feed is silent for ten seconds, in milliseconds."""
    patient = Following(freewheel=ms(20_000))
    course = simulation.run(
        feed, seed, seconds=36.0, silence=(20.0, 30.0), following=patient, sampled=(20.0, 30.5, 5.0)
    )
    return max(map(abs, course.since(START)))


# Tables


@dataclass(frozen=True, slots=True)
class Bench:
    """Runs cases over all seeds, on all processors."""

    pool: ProcessPoolExecutor
    seeds: int

    def steady(self, case: str, feed: SimulatedFeed, goal: tuple[float, ...] = (), prototype: str = "") -> Row:
        """A steady case: rms, 99th percentile and largest error."""
        found = self.pool.map(partial(steady_errors, feed), range(self.seeds))
        measured = following_table.steady(error for course in found for error in course)
        return Row(case=case, kind=Kind.STEADY, measured=measured, goal=goal, prototype=prototype)

    def event(
        self,
        case: str,
        feed: SimulatedFeed,
        events: Iterable[Event],
        goal: tuple[float, ...] = (),
        prototype: str = "",
    ) -> Row:
        """Something happens: median and longest time."""
        return self._times(case, [partial(settling, feed, event) for event in events], goal, prototype)

    def locked(self, case: str, feed: SimulatedFeed, within: float, prototype: str = "") -> Row:
        """The beginning: median and longest time."""
        return self._times(case, [partial(locking, feed, within)], (), prototype)

    def silence(self, case: str, feed: SimulatedFeed, goal: tuple[float, ...] = (), prototype: str = "") -> Row:
        """Ten seconds without a reading: the worst error."""
        worst = max(self.pool.map(partial(drift, feed), range(self.seeds)))
        return Row(case=case, kind=Kind.WORST, measured=(worst,), goal=goal, prototype=prototype)

    def _times(self, case: str, runs: Iterable[Callable[[int], float]], goal: tuple[float, ...], prototype: str) -> Row:
        times = sorted(time for run_of in runs for time in self.pool.map(run_of, range(self.seeds)))
        measured = (statistics.median(times), times[-1])
        p95 = times[int(0.95 * len(times))]
        return Row(case=case, kind=Kind.TIME, measured=measured, goal=goal, prototype=prototype, p95=p95)


def goals(bench: Bench) -> Iterator[Row]:
    """Those of the issue."""
    ten, one, heavy = TEN_A_SECOND, ONE_A_SECOND, HEAVY_TAIL
    yield bench.steady("10 Hz, 0-20 ms", ten, (1.0, 2.5, 6), "1.05 / 2.9 / 6.9")
    yield bench.steady("10 Hz, 0-20 ms, rate inferred", inferred(ten), (1.0, 2.5, 6), "1.05 / 2.9 / 6.9")
    yield bench.steady("1 Hz, 0-5 ms", one, (1.2, 3, 5), "1.31 / 3.5 / 4.8")
    yield bench.steady("30 Hz, heavy tail to 200 ms", heavy, (0.25, 0.6, 10), "0.26 / 0.6 / 28")
    yield bench.steady("30 Hz, heavy tail, rate inferred", inferred(heavy), (0.4, 0.8, 15), "0.46 / 0.8 / 99")
    yield bench.steady("MPD-like: steps of 22.7 ms, polled", MPD, (1.3, 2.4, 4), "1.28 / 2.4 / 3.7")
    yield bench.event("seek of 30 s or a beat, 10 Hz", ten, SEEKS, (165, 360), "165 (360)")
    yield bench.event("seek of 30 s or a beat, 30 Hz", heavy, SEEKS, (55, 140), "55-90 (140; one 1285)")
    yield bench.event("pitch 4 % up or down, 10 Hz", inferred(ten), PITCHES, (500, 1500), "625-805 (4245)")
    yield bench.silence("silent for 10 s, 10 Hz", ten, (10,), "9.9")
    yield bench.silence("silent for 10 s, 10 Hz, rate inferred", inferred(ten), (10,), "9.9")
    yield bench.silence("silent for 10 s, 30 Hz heavy tail", heavy, (10,), "30")
    yield bench.silence("silent for 10 s, 30 Hz, rate inferred", inferred(heavy), (10,), "53")
    yield bench.silence("silent for 10 s, 1 Hz", one, (10,), "7.9")


def others_steady(bench: Bench) -> Iterator[Row]:
    """Steady cases that have no goal."""
    yield bench.steady("1 Hz, 0-5 ms, rate inferred", inferred(ONE_A_SECOND), (), "1.31 / 3.5 / 4.8")
    yield bench.steady("10 Hz, 0-50 ms", SLOW_NETWORK, (), "2.45 / 7.1 / 17")
    yield bench.steady("30 Hz, harsh tail", HARSH)
    yield bench.steady("30 Hz, harsh tail, out of order", UNORDERED)
    yield bench.steady("VLC: steps of 313 ms", VLC, (), "5.7 / 10 / 13")
    yield bench.steady("whole seconds, 7.3 Hz", WHOLE_SECONDS, (), "34 / 94 / 145")
    yield bench.steady("steps of 100 ms, 7.3 Hz", COARSE, (), "8.7 / 23 / 70")
    yield bench.steady("CDJ-3000: 33 Hz, 0-3 ms", CDJ, (), "0.32 / 0.66 / 1.0")
    yield bench.steady("mpv: 12 Hz, 0-0.6 ms", MPV, (), "0.04 / 0.11 / 0.22")


def others_moving(bench: Bench) -> Iterator[Row]:
    """Events that have no goal."""
    ten, one, heavy = TEN_A_SECOND, ONE_A_SECOND, HEAVY_TAIL
    yield bench.event("seek of 30 s or a beat, 1 Hz", one, SEEKS, (), "1485 (1965)")
    yield bench.event("seek, said, 10 Hz", stated(ten), SEEKS)
    yield bench.event("pitch 4 %, 30 Hz heavy tail", inferred(heavy), PITCHES, (), "355-405 (1715)")
    yield bench.event("pitch 4 %, 1 Hz", inferred(one), PITCHES, (), "1705-4465 (11185)")
    yield bench.event("pitch 4 %, CDJ-3000", inferred(CDJ), PITCHES, (), "0-365 (400)")
    yield bench.event("pitch 4 %, said, 10 Hz", stated(ten), PITCHES, (), "0")
    yield bench.event("pause, 10 Hz", ten, [pause], (), "360 (460)")
    yield bench.event("pause, 30 Hz heavy tail", heavy, [pause], (), "165 (555)")
    yield bench.event("pause, 1 Hz", one, [pause], (), "3490 (3965)")
    yield bench.event("pause, said, 10 Hz", stated(ten), [pause])
    yield bench.event("going on, 10 Hz", ten, [resume], (), "55 (115)")
    yield bench.event("going on, 30 Hz heavy tail", heavy, [resume], (), "25 (90)")
    yield bench.event("going on, 1 Hz", one, [resume], (), "490 (965)")
    yield bench.event("going on, said, 10 Hz", stated(ten), [resume])
    yield bench.locked("found, to 10 ms, 10 Hz", ten, 10.0, "70 (505)")
    yield bench.locked("found, to 3 ms, 10 Hz", ten, 3.0, "2200")
    yield bench.locked("found, to 10 ms, 30 Hz heavy tail", heavy, 10.0, "25 (60)")
    yield bench.locked("found, to 10 ms, 1 Hz", one, 10.0, "533 (970)")


def speed(feed: SimulatedFeed) -> tuple[float, float]:
    """What a reading costs, in microseconds of processor time: mean and 99th percentile."""
    playback = playing()
    playback.go(HostNs(START + 30 * NS_PER_SECOND), rate=1.04 if feed.rate is INFERRED else 1.0)
    costs = []
    estimator = Estimator(feed.character, USUAL)
    for observation in feed.readings(playback, 60.0, Random(1)):
        begin = thread_time()
        estimator.observe(observation, observation.host)
        costs.append(1e6 * (thread_time() - begin))
    costs.sort()
    return statistics.fmean(costs), costs[int(0.99 * len(costs))]


def costs() -> dict[str, tuple[float, float]]:
    """What a reading costs, feed by feed."""
    feeds = (TEN_A_SECOND, inferred(TEN_A_SECOND), HEAVY_TAIL, inferred(HEAVY_TAIL), MPD)
    return {f"{feed.name}, rate {feed.rate.value}": speed(feed) for feed in feeds}


def run(arguments: Sequence[str] = ()) -> None:
    """Measure, print, and put the tables on the page."""
    parser = argparse.ArgumentParser(prog="python -m bench following")
    parser.add_argument("--json", action="store_true", help="for programs; the page is left alone")
    parser.add_argument(
        "--seeds", type=int, default=SEEDS, help="runs of each case; others than 50 leave the page alone"
    )
    options = parser.parse_args(arguments)
    cost = costs()
    with ProcessPoolExecutor() as pool:
        bench = Bench(pool, options.seeds)
        tables = {
            "Goals": list(goals(bench)),
            "Steady playback, without goals": list(others_steady(bench)),
            "Events, without goals": list(others_moving(bench)),
        }
    if options.json:
        rows = {title: [row.record() for row in table] for title, table in tables.items()}
        print(json.dumps({"seeds": options.seeds, "tables": rows, "microseconds a reading": cost}, indent=1))
        return
    each = "; ".join(f"{name}: {mean:.0f} ({p99:.0f})" for name, (mean, p99) in cost.items())
    text = following_table.markdown(tables, f"{HEADING} {options.seeds} runs of each.")
    text += f"\n\nWhat a reading costs, microseconds of processor time, mean (p99): {each}."
    print(text)
    if options.seeds == SEEDS:
        following_table.write(text)
