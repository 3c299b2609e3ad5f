"""The situations that are measured, each with what is expected of a machine that is fit for a show."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Final

import trio

from beatsync.clock import Clock, SystemClock
from beatsync.measuring.burdens import busy_daemon, hogs
from beatsync.measuring.figures import Figures, written
from beatsync.measuring.rehearsal import Plan, Rehearsal, rehearsing, spaced

BURST_TARGETS: Final = 20
BURST_CUES: Final = 25
"""500 messages to 20 targets at one instant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One situation. `p99` and `worst`: what is still good for a show, in milliseconds.

    20 ms is when a cue counts as late, and half a frame of a slow receiver.
    """

    name: str
    what: str
    p99: float
    worst: float

    def faults(self, figures: Figures) -> tuple[str, ...]:
        """What is not good enough, each in a few words; nothing where all is."""
        p99, worst = figures.percentile(99), figures.worst
        found = (
            (figures.missing > 0, f"{figures.missing} of {figures.due} never came"),
            (p99 > self.p99, f"1 of 100 left more than {written(p99)} late; {written(self.p99)} would be good"),
            (worst > self.worst, f"the worst left {written(worst)} late; {written(self.worst)} would be good"),
        )
        return tuple(text for is_so, text in found if is_so)


IDLE: Final = Scenario(name="idle", what="cues 1 to 10 ms apart, nothing else to do", p99=3, worst=20)
BUSY: Final = Scenario(
    name="busy", what="the daemon reads a 5 MB structure, compiles, and is busy 8 of 20 ms", p99=3, worst=20
)
OVERLOAD: Final = Scenario(name="overload", what="three programs on each core that never rest", p99=5, worst=20)
BURST: Final = Scenario(
    name="burst", what=f"{BURST_TARGETS * BURST_CUES} messages to {BURST_TARGETS} targets at once", p99=10, worst=20
)
SCENARIOS: Final = (IDLE, BUSY, OVERLOAD, BURST)


async def measured(scenario: Scenario, rehearsal: Rehearsal, *, seconds: float) -> Figures:
    """Play made-up cues for about so long in this situation; returns how late they left."""
    if scenario is BURST:
        positions = [round(number * 5e7) for number in range(1, max(2, round(seconds * 20)))]
        return await rehearsal.play(Plan({"main": positions}), bursts=BURST_CUES)
    plan = Plan({"main": spaced(max(50, round(seconds / 0.0055)), shortest=1, longest=10)})
    async with _burdened(scenario, SystemClock()):
        return await rehearsal.play(plan)


@asynccontextmanager
async def _burdened(scenario: Scenario, clock: Clock) -> AsyncIterator[None]:
    with hogs() if scenario is OVERLOAD else nullcontext():
        async with trio.open_nursery() as nursery:
            if scenario is BUSY:
                nursery.start_soon(busy_daemon, clock)
            yield
            nursery.cancel_scope.cancel()


async def measure_all(
    *, seconds: float, told: Callable[[Scenario, Figures], Any]
) -> tuple[dict[str, Figures], Rehearsal]:
    """Every situation, `seconds` for all of them together; `told` as each is done."""
    share = seconds / (len(SCENARIOS) + 0.5)
    figures: dict[str, Figures] = {}
    async with rehearsing(1) as rehearsal:
        for scenario in (IDLE, BUSY, OVERLOAD):
            figures[scenario.name] = await measured(scenario, rehearsal, seconds=share)
            told(scenario, figures[scenario.name])
        last = rehearsal
    async with rehearsing(BURST_TARGETS) as rehearsal:
        figures[BURST.name] = await measured(BURST, rehearsal, seconds=share / 2)
        told(BURST, figures[BURST.name])
    return figures, last
