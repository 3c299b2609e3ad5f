"""A conductor ready to play: in this process, or in one of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import trio

from beatsync.clock import Clock
from beatsync.conductor.actions import Action, Chase, Load, Stop
from beatsync.conductor.conducted import Conducted, Retargetable
from beatsync.conductor.conductor import Conductor
from beatsync.conductor.remote.link import Link
from beatsync.conductor.remote.spawning import Starter
from beatsync.conductor.report import Report, Snapshot
from beatsync.conductor.retargeting import do
from beatsync.core.schedule import Schedule
from beatsync.core.targets import Target
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs
from beatsync.outputs.opening import Outputs

FLUSH_SECONDS: Final = 1.0
"""How long the endings of looks may take to leave when a show is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a conductor is to play, on which clock, and whom it tells. `loads`: what its decks begin with.

    `show` tells this show from others: a conductor that plays it already is taken over, unless `fresh` says to begin
    anyway. `report` gets every verdict; `remark` what people should know of the conductor itself.
    """

    show: str
    loads: tuple[Load, ...]
    targets: tuple[Target, ...]
    clock: Clock
    report: Callable[[Report], None]
    remark: Callable[[str], None]
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A conductor that is ready. `taken_over`: the decks that were playing this show already, and go on doing so.

    `others`: of these the ones that play another track than was to be loaded, by what it was called.
    """

    conductor: Retargetable
    taken_over: frozenset[str] = frozenset()
    others: Mapping[str, str] = field(default_factory=dict)


class ConductorOpener(Protocol):
    """Opens a conductor for as long as a context lasts; every look is ended on the way out."""

    def __call__(self, part: Part) -> AbstractAsyncContextManager[Opened]:
        """The context."""
        ...


class _Here:
    """A conductor of this process with its outputs, as a daemon uses one."""

    def __init__(self, conductor: Conductor, outputs: Outputs) -> None:
        self._conductor = conductor
        self._outputs = outputs

    def transport(self, deck: str) -> Transport | None:
        return self._conductor.transport(deck)

    def next_deadline(self, deck: str | None = None) -> HostNs | None:
        return self._conductor.next_deadline(deck)

    def snapshot(self) -> Snapshot:
        return self._conductor.snapshot()

    def do(self, *actions: Action) -> None:
        do(self._conductor, self._outputs, actions, expect=_nobody_keeps_a_journal)

    async def pack(self, _schedules: Iterable[Schedule]) -> None:
        await trio.lowlevel.checkpoint()

    async def prepare(self, targets: Iterable[Target]) -> None:
        await self._outputs.open(targets)

    async def wait_applied(self) -> None:
        await trio.lowlevel.checkpoint()

    async def wait_drained(self) -> None:
        await self._conductor.wait_drained()


@asynccontextmanager
async def conductor_here(part: Part) -> AsyncIterator[Opened]:
    """In this process, on whatever clock its loop has: for virtual time."""
    conductor = Conductor(part.targets, clock=part.clock, report=part.report)
    async with trio.open_nursery() as nursery:
        outputs = Outputs(
            clock=part.clock,
            report=conductor.settle,
            on_connected=lambda name: conductor.do(Chase(name)),
            nursery=nursery,
        )
        await outputs.open(part.targets)
        outputs.keep(part.targets)
        conductor.connect(outputs.by_target)
        here = _Here(conductor, outputs)
        here.do(*part.loads)
        nursery.start_soon(conductor.run)
        try:
            yield Opened(here)
        finally:
            await _end(here, conductor.decks)
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
    link = Link(
        directory,
        part.targets,
        show=part.show,
        clock=part.clock,
        report=part.report,
        remark=part.remark,
        starter=starter,
        fresh=part.fresh,
    )
    async with trio.open_nursery() as nursery:
        taken = await nursery.start(link.run, part.loads)
        try:
            yield Opened(link, taken_over=taken.decks, others=taken.others)
        finally:
            await _end(link, link.decks)
            with trio.CancelScope(shield=True), trio.move_on_after(FLUSH_SECONDS):
                await link.leave()
            nursery.cancel_scope.cancel()


def _nobody_keeps_a_journal() -> None:
    """A conductor that lives in the daemon dies with it."""


async def _end(conductor: Conducted, decks: Iterable[str]) -> None:
    """End every look and let the last packets go, also where the whole show is being cancelled."""
    with trio.CancelScope(shield=True), trio.move_on_after(FLUSH_SECONDS):
        conductor.do(*(Stop(deck) for deck in decks))
        await conductor.wait_drained()
