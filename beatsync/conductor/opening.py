"""A conductor ready to play a schedule: in this process, or in one of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import trio

from beatsync.clock import Clock
from beatsync.conductor.conducted import Conducted
from beatsync.conductor.conductor import Conductor
from beatsync.conductor.link import Link
from beatsync.conductor.report import Report
from beatsync.conductor.spawning import Starter
from beatsync.core.schedule import Schedule
from beatsync.core.targets import Target
from beatsync.outputs.opening import open_outputs

FLUSH_SECONDS: Final = 1.0
"""How long the endings of looks may take to leave when a show is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a conductor is to play, on which clock, and whom it tells.

    `report` gets every verdict; `remark` what people should know of the conductor itself.
    """

    schedule: Schedule
    targets: tuple[Target, ...]
    clock: Clock
    report: Callable[[Report], None]
    remark: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Opened:
    """A conductor that is ready. `taken_over`: it was playing this very show already, and goes on doing so."""

    conductor: Conducted
    taken_over: bool = False


class ConductorOpener(Protocol):
    """Opens a conductor for as long as a context lasts; every look is ended on the way out."""

    def __call__(self, part: Part) -> AbstractAsyncContextManager[Opened]:
        """The context."""
        ...


@asynccontextmanager
async def conductor_here(part: Part) -> AsyncIterator[Opened]:
    """In this process, on whatever clock its loop has: for virtual time."""
    conductor = Conductor(part.targets, clock=part.clock, report=part.report)
    async with trio.open_nursery() as nursery:
        outputs = await open_outputs(
            part.targets,
            clock=part.clock,
            report=conductor.settle,
            on_connected=conductor.chase,
            nursery=nursery,
        )
        conductor.connect(outputs)
        conductor.load(part.schedule)
        nursery.start_soon(conductor.run)
        try:
            yield Opened(conductor)
        finally:
            await _end(conductor)
            nursery.cancel_scope.cancel()


@asynccontextmanager
async def conductor_apart(
    part: Part,
    *,
    directory: Path,
    starter: Starter | None,
) -> AsyncIterator[Opened]:
    """In a process of its own that serves in `directory`; `starter` starts one there, None where systemd does.

    Raises ControlError where none can be had.
    """
    link = Link(directory, part.targets, clock=part.clock, report=part.report, remark=part.remark, starter=starter)
    async with trio.open_nursery() as nursery:
        taken = await nursery.start(link.run, part.schedule)
        try:
            yield Opened(link, taken_over=taken.over)
        finally:
            await _end(link)
            with trio.CancelScope(shield=True), trio.move_on_after(FLUSH_SECONDS):
                await link.leave()
            nursery.cancel_scope.cancel()


async def _end(conductor: Conducted) -> None:
    """End every look and let the last packets go, also where the whole show is being cancelled."""
    with trio.CancelScope(shield=True), trio.move_on_after(FLUSH_SECONDS):
        conductor.stop()
        await conductor.wait_drained()
