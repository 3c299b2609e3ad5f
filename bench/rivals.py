"""Programs that send messages at given instants, each started for one plan, with a receiver of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile, gettempdir
from typing import Protocol

import trio

from beatsync.clock import SystemClock
from beatsync.conductor.process.priority import PRIORITY
from beatsync.core.units import HostNs, ms
from beatsync.measuring.figures import Figures, figures_of
from beatsync.measuring.receiver import Receivers
from beatsync.measuring.rehearsal import Plan, Rehearsal

HERE = Path(__file__).parent / "reference"
START_UP = ms(1000)
"""So long after it was started a program's first message is due; Python on a busy machine needs most of it."""

PATIENCE_SECONDS = 30
"""How much longer than its plan a program may take."""


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
        due = {number: HostNs(start + position) for number, position in numbered(plan, bursts)}
        lines = "".join(f"{at} {port} {number}\n" for number, at in due.items() for port in self.receivers.ports)
        await trio.run_process(list(self.command), stdin=lines.encode())
        await trio.sleep(0.1)
        return figures_of(due, all_left(self.receivers), receivers=len(self.receivers.ports))


def numbered(plan: Plan, bursts: int) -> Iterator[tuple[int, int]]:
    """(number, position) of every message, in order."""
    positions = sorted(position for its in plan.decks.values() for position in its)
    return enumerate(position for position in positions for _ in range(bursts))


def all_left(receivers: Receivers) -> Iterator[tuple[int, HostNs]]:
    """(number, when it left) of all that came."""
    return ((number, at) for of_port in receivers.left for number, at in of_port)


@dataclass(frozen=True)
class OwnGrid:
    """A program that has no common clock with us: it is given the distances between messages, and starts when it does.

    Its lateness is counted against its own grid: the message that was least late is on time. What it is always late by
    is not seen. It plays to one receiver.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    written: str
    """`written` is a line of its plan: `{gap}` milliseconds after the last message comes `{number}`."""
    last: str
    receivers: Receivers

    async def play(self, plan: Plan, bursts: int) -> Figures:
        """Started for this plan alone."""
        self.receivers.left[0].clear()
        positions = dict(numbered(plan, bursts))
        with NamedTemporaryFile("w", prefix="beatsync-plan-") as file:
            file.write(self._text(positions))
            file.flush()
            command = [part.format(plan=file.name, port=self.receivers.ports[0]) for part in self.command]
            with trio.fail_after(max(positions.values()) / 1e9 + PATIENCE_SECONDS):
                await trio.run_process(command, env=dict(self.environment), capture_stdout=True, capture_stderr=True)
        await trio.sleep(0.1)
        left = self.receivers.left[0]
        start = min((at - positions[number] for number, at in left if number in positions), default=0)
        return figures_of({number: HostNs(start + position) for number, position in positions.items()}, left)

    def _text(self, positions: Mapping[int, int]) -> str:
        lines, before = [], 0
        for number, position in positions.items():
            lines.append(self.written.format(gap=(position - before) / 1e6, number=number) + "\n")
            before = position
        return "".join([*lines, self.last])


def built_sender() -> str:
    """The C program, compiled."""
    path = Path(gettempdir()) / "beatsync-reference-sender"
    subprocess.run(["gcc", "-O2", "-Wall", "-o", str(path), str(HERE / "sender.c")], check=True)
    return str(path)


def spinning_c(receivers: Receivers, clock: SystemClock) -> Program:
    """The yardstick, at the conductor's own priority."""
    return Program("C, spinning", (built_sender(), "spin", str(PRIORITY)), receivers, clock)


def sleeping_c(receivers: Receivers, clock: SystemClock) -> Program:
    """What the C library offers, at the conductor's own priority."""
    return Program("C, clock_nanosleep", (built_sender(), "sleep", str(PRIORITY)), receivers, clock)


def naive_python(mode: str, called: str, receivers: Receivers, clock: SystemClock) -> Program:
    """Python with python-osc's client."""
    return Program(f"Python, {called}", (sys.executable, str(HERE / "naive.py"), mode), receivers, clock)
