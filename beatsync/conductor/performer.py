"""The conductor process's own part of the wire: a daemon's inputs, applied one after another to a conductor."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, assert_never

import trio

from beatsync import __version__
from beatsync.clock import SystemClock
from beatsync.conductor.alarm import best_alarm
from beatsync.conductor.conductor import Conductor
from beatsync.conductor.keeper import NOTHING_LOADED, Keeper, Left, Told, loaded_of
from beatsync.conductor.report import Precision, Snapshot
from beatsync.conductor.wire.messages import (
    Adjust,
    FromConductor,
    Input,
    Load,
    Look,
    Perform,
    Seek,
    SetLead,
    State,
    Stepped,
    Stop,
    Welcome,
)
from beatsync.core.targets import Target
from beatsync.outputs.opening import OPEN_SECONDS, open_outputs

FLUSH_SECONDS: Final = 0.5
"""How long the endings of looks may take to leave through slow connections."""

REOPEN_SECONDS: Final = 0.1
"""How long a successor waits for slow receivers to be opened before it goes on with those that are."""


@dataclass(frozen=True, slots=True)
class _Seat:
    conductor: Conductor
    scope: trio.CancelScope


class Performer:
    """Plays for whichever targets a daemon names, and goes on from what a predecessor left."""

    def __init__(
        self,
        keeper: Keeper,
        *,
        clock: SystemClock,
        precision: Precision,
        post: Callable[[FromConductor], None],
        nursery: trio.Nursery,
    ) -> None:
        """`post`: what a daemon is told, if one listens; `nursery`: where the conductor's tasks live."""
        self._keeper = keeper
        self._clock = clock
        self._precision = precision
        self._post = post
        self._nursery = nursery
        self._seat: _Seat | None = None

    async def resume(self) -> None:
        """Go on where a predecessor died, if one did."""
        left = self._keeper.find()
        if left is not None:
            await self._take_seat(left.targets, left)

    def welcome(self) -> Welcome:
        """What a daemon is greeted with."""
        conductor = self._seat and self._seat.conductor
        transport = conductor.transport if conductor else None
        return Welcome(
            version=__version__,
            process=os.getpid(),
            applied=self._keeper.last_applied,
            targets=self._keeper.targets if conductor else (),
            digest=self._keeper.loaded.digest,
            transport=transport,
            underway=self.busy or (transport is not None and not transport.moving),
        )

    def tell(self, told: Told) -> None:
        """A step is safe in the journal: the daemon may know."""
        deadline = self._seat.conductor.next_deadline() if self._seat else None
        self._post(Stepped(told.step, told.applied, deadline, told.digest, told.reports))

    def snapshot(self) -> Snapshot:
        """The state of everything."""
        if self._seat is None:
            now = self._clock.now()
            return Snapshot(at=now, woke=now, deadline=None, precision=self._precision, process=os.getpid())
        return replace(self._seat.conductor.snapshot(), precision=self._precision, process=os.getpid())

    @property
    def busy(self) -> bool:
        """Whether something is going to be sent."""
        return self._seat is not None and self._seat.conductor.next_deadline() is not None

    async def apply(self, message: Input) -> None:
        """Apply one input, once; what has been applied before is only acknowledged."""
        if message.number <= self._keeper.last_applied:
            return
        match message:
            case Perform(number, targets):
                self._keeper.expect(number, NOTHING_LOADED)
                await self._take_seat(targets, None)
            case Look(number):
                await self._drain()
                self._post(State(self.snapshot()))
                self._keeper.expect(number)
                self._keeper.applied()
            case _:
                self._apply_now(message)

    def _apply_now(self, message: Load | Seek | Adjust | SetLead | Stop) -> None:
        assert self._seat is not None, "the daemon says Perform first"
        conductor = self._seat.conductor
        loaded = loaded_of(message.digest, message.table) if isinstance(message, Load) else None
        self._keeper.expect(message.number, loaded)
        match message:
            case Load():
                assert loaded is not None
                conductor.load(loaded.numbering.schedule)
            case Seek(_, transport):
                conductor.seek(transport)
            case Adjust(_, transport):
                conductor.adjust(transport)
            case SetLead(_, target, lead):
                conductor.set_lead(target, lead)
            case Stop():
                conductor.stop()
            case _:
                assert_never(message)

    async def leave(self) -> None:
        """End every look, and let the last packets go."""
        if self._seat is None:
            return
        self._seat.conductor.stop()
        await self._drain()
        self._seat.scope.cancel()
        self._seat = None

    async def _drain(self) -> None:
        if self._seat is not None:
            with trio.move_on_after(FLUSH_SECONDS):
                await self._seat.conductor.wait_drained()

    async def _take_seat(self, targets: tuple[Target, ...], left: Left | None) -> None:
        await self.leave()
        await self._nursery.start(self._sit, targets, left)

    async def _sit(self, targets: tuple[Target, ...], left: Left | None, task_status: trio.TaskStatus[None]) -> None:
        keeper = self._keeper
        conductor = Conductor(
            targets, clock=self._clock, report=keeper.note, journal=keeper, alarm=best_alarm(self._clock)
        )
        keeper.follow(targets, conductor.memory)
        connected: set[str] = set()
        async with trio.open_nursery() as nursery:
            outputs = await open_outputs(
                targets,
                clock=self._clock,
                report=conductor.settle,
                on_connected=lambda name: conductor.chase(name) if self._sits(conductor) else connected.add(name),
                nursery=nursery,
                patience=REOPEN_SECONDS if left else OPEN_SECONDS,
            )
            conductor.connect(outputs)
            if left is not None:
                self.tell(Told(left.step, left.applied, left.loaded.digest, left.reports))
                conductor.recall(left.memory, left.loaded.numbering.schedule, left.unfinished)
                for name in connected:
                    conductor.chase(name)
            else:
                keeper.applied()
            self._seat = _Seat(conductor, nursery.cancel_scope)
            task_status.started()
            await conductor.run()

    def _sits(self, conductor: Conductor) -> bool:
        return self._seat is not None and self._seat.conductor is conductor
