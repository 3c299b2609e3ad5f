"""How late cues leave, beside other programs in the same run.

Each situation is measured in rounds; in each round every program plays the same plan, one after another, so that all
of them meet the same machine. At musical spacing all play at once, each out of step with the others.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from math import exp, log
from statistics import median

import trio

from beatsync.clock import SystemClock
from beatsync.core.units import ms
from beatsync.measuring.burdens import busy_daemon, hogs
from beatsync.measuring.figures import Figures, together
from beatsync.measuring.receiver import Receivers
from beatsync.measuring.rehearsal import Plan, rehearsing
from bench.others import others
from bench.results import keep, load_now
from bench.rivals import Beatsync, Rival, naive_python, sleeping_c, spinning_c

ROUNDS = 4
CUES = 5_000
"""Of each program in each situation, over all rounds."""

SIXTEENTH = 60e9 / 174 / 4
CHORD = 8
BURST_TARGETS = 20
BURST_EACH = 25
BURST_INSTANTS = 12
DECKS = 8
YARDSTICK = "C, spinning"
ALL_STARTED = ms(4000)
"""So long it takes until ten programs that start at once have done so."""


@dataclass
class Row:
    """One program in one situation, over all rounds; how much of a core its conductor took, where it has one."""

    name: str
    rounds: list[Figures] = field(default_factory=list)
    core: list[float] = field(default_factory=list)

    @property
    def figures(self) -> Figures:
        """Everything as one."""
        return together(self.rounds)

    def record(self) -> dict[str, float]:
        """For the results' file, in milliseconds; `last`: of the messages of one instant, when the last one left."""
        its = self.figures
        medians = {
            "p50 of the median round": median(one.percentile(50) for one in self.rounds),
            "p99 of the median round": median(one.percentile(99) for one in self.rounds),
        }
        record = {**its.record(), **{name: round(value, 4) for name, value in medians.items()}}
        return record | ({"share of a core": round(median(self.core), 4)} if self.core else {})


@dataclass(frozen=True)
class Situation:
    """What is measured together. `plan`: of a round, by its number. `against`: `c`, or `all`: everything there is."""

    name: str
    plan: Callable[[int], Plan]
    targets: int = 1
    bursts: int = 1
    overload: bool = False
    busy: bool = False
    against: str = "c"
    at_once: bool = False


def close_together(number: int) -> Plan:
    """Deadlines 1 to 10 ms apart: short distances are as frequent as long ones, on a logarithmic scale."""
    chance = random.Random(number)
    position, positions = 0, []
    for _ in range(CUES // ROUNDS):
        position += ms(exp(chance.uniform(log(1), log(10))))
        positions.append(position)
    return Plan({"main": positions})


def musical(number: int) -> Plan:
    """Sixteenth notes at 174 bpm, a chord of eight messages each."""
    count = -(-CUES // ROUNDS // CHORD)
    return Plan({"main": [round(SIXTEENTH * (note + 1 + number / 10)) for note in range(count)]})


def bursts(number: int) -> Plan:
    """Instants with 500 messages each."""
    return Plan({"main": [round(1e8 * (index + 1)) + number for index in range(BURST_INSTANTS)]})


def eight_decks(number: int) -> Plan:
    """Eight decks with sixteenth notes at 174 bpm, out of step with each other."""
    return Plan(
        {
            f"deck{deck}": [round(SIXTEENTH * (note + 1 + deck / 8.3)) + number * 10**5 for note in range(24)]
            for deck in range(DECKS)
        }
    )


IDLE = Situation("idle, 1 to 10 ms apart", close_together, against="all")
MUSICAL = Situation("idle, sixteenths at 174 bpm, chords of 8", musical, bursts=CHORD, against="all", at_once=True)
BUSY = Situation("daemon busy", close_together, busy=True)
OVERLOAD = Situation("overload, 3 hogs a core", close_together, overload=True)
BURST = Situation("500 messages to 20 targets at once", bursts, targets=BURST_TARGETS, bursts=BURST_EACH)
EIGHT_DECKS = Situation("8 decks, sixteenths at 174 bpm, 8 targets", eight_decks, targets=8)
SITUATIONS = (IDLE, MUSICAL, BUSY, OVERLOAD, BURST, EIGHT_DECKS)


def measured(situation: Situation, rounds: int = ROUNDS) -> list[Row]:
    """Measure one situation, and print what was found."""
    rows = trio.run(_measured, situation, rounds)
    _print(situation, rows)
    return rows


async def _measured(situation: Situation, rounds: int) -> list[Row]:
    clock = SystemClock()
    with ExitStack() as stack:
        async with rehearsing(situation.targets) as rehearsal:
            ours = Beatsync(rehearsal)
            rivals = [ours, *_rivals(situation, stack, clock)]
            rows = [Row(rival.name) for rival in rivals]
            process = rehearsal.snapshot().process
            for number in range(rounds):
                with _burden(situation):
                    before, begun = _seconds_of(process), clock.now()
                    if situation.at_once:
                        await _play_at_once(situation, rivals, rows, number)
                        continue
                    for rival, row in zip(rivals, rows, strict=True):
                        row.rounds.append(await _played(situation, rival, situation.plan(number)))
                        if rival is ours:
                            row.core.append((_seconds_of(process) - before) / ((clock.now() - begun) / 1e9))
            return rows


async def _play_at_once(situation: Situation, rivals: Sequence[Rival], rows: Sequence[Row], number: int) -> None:
    """Everybody, each a part of a step behind the one before."""

    async def play(index: int) -> None:
        late = ALL_STARTED + round(index * SIXTEENTH / len(rivals))
        plan = Plan({"main": [position + late for position in situation.plan(number).decks["main"]]})
        rows[index].rounds.append(await rivals[index].play(plan, situation.bursts))

    async with trio.open_nursery() as nursery:
        for index in range(len(rivals)):
            nursery.start_soon(play, index)


async def _played(situation: Situation, rival: Rival, plan: Plan) -> Figures:
    """The busy daemon is this process: it is the daemon of the rehearsal's conductor."""
    async with trio.open_nursery() as nursery:
        if situation.busy:
            nursery.start_soon(busy_daemon, SystemClock())
        figures = await rival.play(plan, situation.bursts)
        nursery.cancel_scope.cancel()
    return figures


def _rivals(situation: Situation, stack: ExitStack, clock: SystemClock) -> Iterator[Rival]:
    """All of them have receivers of their own."""

    def receivers() -> Iterator[Receivers]:
        while True:
            yield stack.enter_context(Receivers(situation.targets, clock=clock))

    fresh = receivers()
    yield spinning_c(next(fresh), clock)
    if situation.against == "all":
        yield sleeping_c(next(fresh), clock)
        for called, mode in (("trio.sleep_until", "trio"), ("time.sleep", "sleep"), ("asyncio.sleep", "asyncio")):
            yield naive_python(mode, called, next(fresh), clock)
        yield from others(fresh)


def _seconds_of(process: int) -> float:
    """The processor's time that a process has had."""
    fields = open(f"/proc/{process}/stat").read().rpartition(")")[2].split()  # noqa: SIM115, PTH123
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _burden(situation: Situation) -> Iterator[None]:
    with hogs() if situation.overload else nullcontext():
        yield


def _print(situation: Situation, rows: Sequence[Row]) -> None:
    yardstick = next(row.figures for row in rows if row.name == YARDSTICK)
    print(f"\n{situation.name}: {rows[0].figures.due} messages a program")
    print(f"{'':28} {'p50':>8} {'p99':>8} {'p99.9':>8} {'max':>8}  to C, spinning: p50, p99, max; ms")
    for row in rows:
        its = row.figures
        figures = [its.percentile(percent) for percent in (50, 99, 99.9)] + [its.worst]
        pairs = ((its.percentile(percent), yardstick.percentile(percent)) for percent in (50, 99))
        ratios = [value / max(other, 1e-6) for value, other in (*pairs, (its.worst, yardstick.worst))]
        missing = f"  {its.missing} never came" if its.missing else ""
        print(
            f"{row.name:28} {' '.join(f'{figure:8.3f}' for figure in figures)}  "
            f"{' '.join(f'{ratio:6.2f}' for ratio in ratios)}{missing}",
            flush=True,
        )


def run() -> None:
    """All situations, into the page."""
    load = load_now()
    found = {situation.name: measured(situation) for situation in SITUATIONS}
    keep("timing", {name: {row.name: row.record() for row in rows} for name, rows in found.items()}, load)
