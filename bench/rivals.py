"""Programs that send messages at given instants, each started for one plan and measured by the same receivers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import Protocol

import trio

from beatsync.clock import SystemClock
from beatsync.conductor.process.precision import PRIORITY
from beatsync.core.units import HostNs, ms
from beatsync.measuring.figures import Figures, figures_of
from beatsync.measuring.receiver import Receivers
from beatsync.measuring.rehearsal import Plan, Rehearsal

HERE = Path(__file__).parent / "reference"
START_UP = ms(1200)
"""So long after it was started a program's first message is due; Python on a busy machine needs most of it."""


class Rival(Protocol):
    """One of those that are compared."""

    @property
    def name(self) -> str:
        """What it is called in the table."""
        ...

    async def play(self, plan: Plan, bursts: int) -> Figures:
        """How late it sends what the plan says."""
        ...


@dataclass(frozen=True)
class Beatsync:
    """The conductor, in its own process."""

    rehearsal: Rehearsal
    name: str = "beatsync"

    async def play(self, plan: Plan, bursts: int) -> Figures:
        """As the daemon has it play."""
        return await self.rehearsal.play(plan, bursts=bursts)


@dataclass(frozen=True)
class Program:
    """A program that reads a plan of instants, ports and numbers from its standard input."""

    name: str
    command: Sequence[str]
    receivers: Receivers
    clock: SystemClock

    async def play(self, plan: Plan, bursts: int) -> Figures:
        """Started for this plan alone."""
        for left in self.receivers.left:
            left.clear()
        start = HostNs(self.clock.now() + START_UP)
        instants = [start + position for positions in plan.decks.values() for position in positions]
        due: Mapping[int, int] = dict(enumerate(at for at in sorted(instants) for _ in range(bursts)))
        lines = "".join(f"{at} {port} {number}\n" for number, at in due.items() for port in self.receivers.ports)
        await trio.run_process(list(self.command), stdin=lines.encode())
        await trio.sleep(0.1)
        left = [(number, at) for of_port in self.receivers.left for number, at in of_port]
        return figures_of(len(due) * len(self.receivers.ports), [at - due[number] for number, at in left])


def built_sender() -> str:
    """The C program, compiled."""
    path = Path(gettempdir()) / "beatsync-reference-sender"
    subprocess.run(["gcc", "-O2", "-Wall", "-o", str(path), str(HERE / "sender.c")], check=True)
    return str(path)


def c_programs(receivers: Receivers, clock: SystemClock) -> list[Program]:
    """Sleeping and spinning, at the conductor's own priority."""
    sender, priority = built_sender(), str(PRIORITY)
    return [
        Program("C, spinning", (sender, "spin", priority), receivers, clock),
        Program("C, clock_nanosleep", (sender, "sleep", priority), receivers, clock),
    ]


def naive_programs(receivers: Receivers, clock: SystemClock) -> list[Program]:
    """Python with python-osc's client."""
    script = str(HERE / "naive.py")
    return [
        Program(f"Python, {name}", (sys.executable, script, mode), receivers, clock)
        for name, mode in (("trio.sleep_until", "trio"), ("time.sleep", "sleep"), ("asyncio.sleep", "asyncio"))
    ]
