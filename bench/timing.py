"""How late cues leave, beside other programs in the same run: the tables of docs/timing.md, and its chart.

Each situation is measured in rounds; in each round every program plays the same plan, one after another, so that all
of them meet the same machine. `python -m bench timing [--rounds N]`.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import trio

from beatsync.clock import SystemClock
from beatsync.measuring.burdens import busy_daemon, hogs
from beatsync.measuring.figures import Figures, figures_of
from beatsync.measuring.rehearsal import Plan, Rehearsal, rehearsing, spaced
from bench.chart import chart
from bench.rivals import Beatsync, Rival, c_programs, naive_programs

ROUNDS = 10
CUES_A_ROUND = 500
RESULTS = Path("docs/timing-results.json")
CHART = Path("docs/timing.svg")


@dataclass
class Row:
    """One program in one situation, over all rounds."""

    name: str
    rounds: list[Figures] = field(default_factory=list)

    @property
    def figures(self) -> Figures:
        """Everything as one."""
        return figures_of(sum(one.due for one in self.rounds), [late for one in self.rounds for late in one.latenesses])

    def of_rounds(self, read: Callable[[Figures], float]) -> float:
        """The median of a figure over the rounds: what one bad second of the machine does not move."""
        return median(read(one) for one in self.rounds)

    def record(self) -> dict[str, float]:
        """For the results' file."""
        return {
            **self.figures.record(),
            "p99 of the median round": round(self.of_rounds(lambda one: one.percentile(99)), 4),
            "max of the median round": round(self.of_rounds(lambda one: one.worst), 4),
        }


@dataclass(frozen=True)
class Situation:
    """What is measured together."""

    name: str
    plan: Callable[[int], Plan]
    targets: int = 1
    bursts: int = 1
    overload: bool = False
    busy: bool = False
    naive: bool = False


def close_together(number: int) -> Plan:
    """Deadlines 1 to 10 ms apart."""
    return Plan({"main": spaced(CUES_A_ROUND, shortest=1, longest=10, seed=number)})


def musical(number: int) -> Plan:
    """Sixteenth notes at 174 bpm."""
    step = 60e9 / 174 / 4
    return Plan({"main": [round(step * (beat + 1 + number % 7 / 10)) for beat in range(CUES_A_ROUND // 5)]})


def bursts(number: int) -> Plan:
    """Ten instants with 500 messages each."""
    return Plan({"main": [round(1e8 * (index + 1)) + number for index in range(10)]})


def eight_decks(number: int) -> Plan:
    """Eight decks with sixteenth notes at 174 bpm, out of step with each other."""
    step = 60e9 / 174 / 4
    return Plan(
        {
            f"deck{deck}": [round(step * (beat + 1) + deck * step / 8.3 + number * 1e5) for beat in range(60)]
            for deck in range(8)
        }
    )


SITUATIONS = (
    Situation("idle, 1 to 10 ms apart", close_together, naive=True),
    Situation("idle, sixteenths at 174 bpm", musical),
    Situation("daemon busy", close_together, busy=True),
    Situation("overload, 3 hogs a core", close_together, overload=True),
    Situation("500 messages to 20 targets at once", bursts, targets=20, bursts=25),
    Situation("8 decks, sixteenths at 174 bpm, 8 targets", eight_decks, targets=8),
)


def run(rounds: int = ROUNDS) -> None:
    """Measure everything, print the tables, write the results and the chart."""
    results: dict[str, list[Row]] = {}
    for situation in SITUATIONS:
        results[situation.name] = trio.run(_measured, situation, rounds)
        _print(situation, results[situation.name])
    record = {
        "machine": {"python": platform.python_version(), "kernel": platform.release(), "cpu": _processor()},
        "rounds": rounds,
        "milliseconds": {name: {row.name: row.record() for row in rows} for name, rows in results.items()},
    }
    RESULTS.write_text(json.dumps(record, indent=2) + "\n")
    CHART.write_text(chart({name: [(row.name, row.figures) for row in rows] for name, rows in results.items()}))


async def _measured(situation: Situation, rounds: int) -> list[Row]:
    clock = SystemClock()
    async with rehearsing(situation.targets) as rehearsal:
        rivals = _rivals(situation, rehearsal, clock)
        rows = [Row(rival.name) for rival in rivals]
        for number in range(rounds):
            for rival, row in zip(rivals, rows, strict=True):
                with _burden(situation):
                    row.rounds.append(await _played(situation, rival, situation.plan(number)))
        return rows


async def _played(situation: Situation, rival: Rival, plan: Plan) -> Figures:
    """The busy daemon is this process: it is the daemon of the rehearsal's conductor."""
    async with trio.open_nursery() as nursery:
        if situation.busy:
            nursery.start_soon(busy_daemon, SystemClock())
        figures = await rival.play(plan, situation.bursts)
        nursery.cancel_scope.cancel()
    return figures


def _rivals(situation: Situation, rehearsal: Rehearsal, clock: SystemClock) -> Sequence[Rival]:
    receivers = rehearsal.receivers
    naive = naive_programs(receivers, clock) if situation.naive else []
    return [Beatsync(rehearsal), *c_programs(receivers, clock), *naive]


@contextmanager
def _burden(situation: Situation) -> Iterator[None]:
    with hogs() if situation.overload else nullcontext():
        yield


def _print(situation: Situation, rows: Sequence[Row]) -> None:
    yardstick = rows[1].figures
    print(f"\n{situation.name}: {rows[0].figures.due} messages a program")
    print(f"{'':24} {'p50':>8} {'p90':>8} {'p99':>8} {'p99.9':>8} {'max':>8}  to C, spinning: p50, p99, max")
    for row in rows:
        its = row.figures
        figures = [its.percentile(percent) for percent in (50, 90, 99, 99.9)] + [its.worst]
        pairs = ((50.0, its.percentile(50)), (99.0, its.percentile(99)))
        ratios = [value / max(yardstick.percentile(percent), 1e-6) for percent, value in pairs]
        ratios.append(its.worst / max(yardstick.worst, 1e-6))
        missing = f"  {its.missing} never came" if its.missing else ""
        print(
            f"{row.name:24} {' '.join(f'{figure:8.3f}' for figure in figures)}  "
            f"{' '.join(f'{ratio:6.2f}' for ratio in ratios)}{missing}"
        )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
