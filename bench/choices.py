"""What the conductor does between two cues, each beside the same without it: how its constants were chosen."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass

import trio

from beatsync.clock import SystemClock
from beatsync.measuring.figures import Figures, together
from beatsync.measuring.receiver import Receivers
from beatsync.measuring.rehearsal import Plan, spaced
from bench.results import keep, load_now
from bench.rivals import HERE, Program
from bench.timing import BURST_EACH, BURST_TARGETS

ROUNDS = 4


@dataclass(frozen=True)
class Choice:
    """Ways to do one thing, the first of which is ours."""

    name: str
    ways: dict[str, str]
    plan: Plan
    targets: int = 1
    bursts: int = 1


def _sparse(seed: int) -> Plan:
    """Far enough apart for the processor's caches to forget."""
    return Plan({"main": spaced(60, shortest=30, longest=60, seed=seed)})


STRETCH = Choice(
    "how long before its deadline the process stays awake",
    {
        "1 ms (as it is)": "as-it-is",
        "2 ms": "stretch=2000",
        "0.5 ms": "stretch=500",
        "0.2 ms": "stretch=200",
        "0.1 ms": "stretch=100",
        "not at all: the kernel's timer alone": "stretch=0",
        "not at all: trio's own timers": "loop",
    },
    _sparse(1),
)
PRIMING = Choice("a packet to nobody 0.2 ms before", {"with (as it is)": "as-it-is", "without": "cold"}, _sparse(2))
VOLLEYS = Choice(
    "500 messages to 20 targets at one instant",
    {"volleys of 5 by sendmmsg (as it is)": "as-it-is", "one by one": "one-by-one"},
    Plan({"main": [round(1e8 * (index + 1)) for index in range(10)]}),
    targets=BURST_TARGETS,
    bursts=BURST_EACH,
)
CHOICES = (STRETCH, PRIMING, VOLLEYS)


def measured(choice: Choice) -> dict[str, dict[str, float]]:
    """Each way's figures, over alternating rounds, printed."""
    found: dict[str, list[Figures]] = {way: [] for way in choice.ways}
    with ExitStack() as stack:
        clock = SystemClock()
        receivers = stack.enter_context(Receivers(choice.targets, clock=clock))
        for _ in range(ROUNDS):
            for way, change in choice.ways.items():
                program = Program(way, (sys.executable, str(HERE / "conducting.py"), change), receivers, clock)
                found[way].append(trio.run(program.play, choice.plan, choice.bursts))
    print(f"\n{choice.name}")
    records = {way: together(rounds).record() for way, rounds in found.items()}
    for way, record in records.items():
        figures = ", ".join(f"{name} {value:.3f}" for name, value in record.items() if name not in {"due", "missing"})
        print(f"{way:40} {figures}", flush=True)
    return records


def run() -> None:
    """Into the page."""
    load = load_now()
    keep("choices", {choice.name: measured(choice) for choice in CHOICES}, load)
