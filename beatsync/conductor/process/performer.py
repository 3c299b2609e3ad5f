"""The conductor process's own part of the wire: a daemon's inputs, applied one after another to a conductor."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import trio

from beatsync import __version__
from beatsync.clock import Clock, boot_id
from beatsync.conductor.actions import Action, Chase, Fire, Load, Retarget, Stop
from beatsync.conductor.alarm import best_alarm
from beatsync.conductor.conductor import Conductor
from beatsync.conductor.process.keeper import Coming, Keeper, Left, Told
from beatsync.conductor.process.loading import Loading
from beatsync.conductor.process.precision import Collector
from beatsync.conductor.report import Precision, Snapshot
from beatsync.conductor.retargeting import do
from beatsync.conductor.wire.cues import cues_in
from beatsync.conductor.wire.messages import (
    Armed,
    DeckState,
    Do,
    FireTable,
    FromConductor,
    Input,
    LoadDigest,
    Look,
    Part,
    Perform,
    Prepare,
    State,
    Stepped,
    Welcome,
    WireAction,
)
from beatsync.conductor.wire.tables import Loaded
from beatsync.core.schedule import Schedule
from beatsync.core.targets import Target
from beatsync.core.units import DurationNs, HostNs
from beatsync.outputs.opening import OPEN_SECONDS, Outputs
from beatsync.outputs.priming import Primer

FLUSH_SECONDS: Final = 0.5
"""How long the endings of looks may take to leave through slow connections."""

REOPEN_SECONDS: Final = 0.1
"""How long a successor waits for slow receivers to be opened before it goes on with those that are."""


@dataclass(frozen=True, slots=True)
class _Seat:
    conductor: Conductor
    outputs: Outputs
    show: str
    scope: trio.CancelScope


class Performer:
    """Plays for whichever targets a daemon names, and goes on from what a predecessor left."""

    def __init__(
        self,
        keeper: Keeper,
        *,
        clock: Clock,
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
        self._boot = boot_id()
        self._collector = Collector()
        self._loading = Loading(keeper.schedules, clock=clock, next_deadline=self._next_deadline)
        self._seat: _Seat | None = None
        self._armed = 0

    async def resume(self, *, fresh: bool = False) -> None:
        """Go on where a predecessor died, if one did; `fresh`: only to end what that one played, with its looks."""
        left = self._keeper.find(self._boot, self._clock.now())
        self.stamp()
        if left is not None:
            await self._take_seat(left.targets, left.show, left, end=fresh)

    def welcome(self) -> Welcome:
        """What a daemon is greeted with."""
        seat = self._seat
        return Welcome(
            version=__version__,
            process=os.getpid(),
            applied=self._keeper.last_applied,
            show=seat.show if seat else "",
            targets=seat.conductor.targets if seat else (),
            decks={deck: self._deck_state(seat.conductor, deck) for deck in seat.conductor.decks} if seat else {},
        )

    def _deck_state(self, conductor: Conductor, deck: str) -> DeckState:
        transport, deadline = conductor.transport(deck), conductor.next_deadline(deck)
        underway = deadline is not None or (transport is not None and not transport.moving)
        return DeckState(self._keeper.loaded(deck).digest, conductor.track(deck), transport, deadline, underway)

    def stamp(self) -> None:
        """Note that the conductor is alive."""
        self._keeper.stamp(self._boot, self._clock.now())

    def tell(self, told: Told) -> None:
        """A step is safe in the journal: the daemon may know."""
        seat = self._seat
        deadlines = {deck: seat.conductor.next_deadline(deck) if seat else None for deck in told.decks}
        self._post(Stepped(told.step, told.applied, deadlines, told.reports))

    def tell_state(self) -> None:
        """The daemon may know how things stand."""
        self._post(State(self._snapshot(), tuple(self._seat.outputs.opening) if self._seat else ()))

    def _snapshot(self) -> Snapshot:
        """The state of everything."""
        if self._seat is None:
            now = self._clock.now()
            return Snapshot(at=now, woke=now, deadline=None, precision=self._precision, process=os.getpid())
        return replace(self._seat.conductor.snapshot(), precision=self._precision, process=os.getpid())

    @property
    def busy(self) -> bool:
        """Whether something is going to be sent."""
        return self._next_deadline() is not None

    # Inputs

    async def give_way(self) -> None:
        """Return when there is time for something other than cues."""
        await self._loading.give_way()

    async def take(self, part: Part) -> None:
        """A part of a schedule that will be loaded."""
        await self._loading.take(part)

    def _next_deadline(self) -> HostNs | None:
        return self._seat.conductor.next_deadline() if self._seat else None

    def _rest(self, gap: DurationNs) -> None:
        """The alarm is set; nothing is due for so long."""
        if self._armed != self._keeper.last_applied:
            self._armed = self._keeper.last_applied
            self._post(Armed(self._armed, self._clock.now()))
        self._loading.rest(gap)
        self._collector.rest(gap)

    async def apply(self, message: Input) -> None:
        """Apply one input, once; what has been applied before is only acknowledged.

        Raises LookupError where it speaks of a schedule that has not come.
        """
        if message.number <= self._keeper.last_applied:
            return
        match message:
            case Perform(number, show, targets):
                await self._take_seat(targets, show, number)
            case Prepare(number, targets):
                self._sitting.outputs.begin(targets)
                self.tell_state()
                self._acknowledge(number)
            case Look(number):
                await self._drain()
                self.tell_state()
                self._acknowledge(number)
            case Do(number, actions):
                self._do(number, actions)

    def _acknowledge(self, number: int) -> None:
        self._keeper.expect(Coming(number=number))
        self._keeper.applied(())

    @property
    def _sitting(self) -> _Seat:
        assert self._seat is not None, "the daemon says Perform first"
        return self._seat

    def _do(self, number: int, wire_actions: tuple[WireAction, ...]) -> None:
        seat = self._sitting
        loaded = {
            action.deck: self._loading.loaded(action.digest)
            for action in wire_actions
            if isinstance(action, LoadDigest)
        }
        old = [self._keeper.loaded(deck) for deck in loaded]
        actions = [_action_of(action, loaded) for action in wire_actions]
        targets = next((action.targets for action in actions if isinstance(action, Retarget)), None)
        coming = Coming(number=number, loaded=loaded, targets=targets)
        do(seat.conductor, seat.outputs, actions, expect=lambda: self._keeper.expect(coming))
        self._loading.hand_over()
        for one in old:
            self._loading.retire(one)
        if loaded:
            self._collector.settle()

    async def leave(self) -> None:
        """End every look, and let the last packets go."""
        if self._seat is None:
            return
        conductor = self._seat.conductor
        conductor.do(*(Stop(deck) for deck in conductor.decks))
        await self._drain()
        self._seat.scope.cancel()
        self._seat = None

    async def _drain(self) -> None:
        if self._seat is not None:
            with trio.move_on_after(FLUSH_SECONDS):
                await self._seat.conductor.wait_drained()

    # Conductors

    async def _take_seat(self, targets: tuple[Target, ...], show: str, begin: Left | int, *, end: bool = False) -> None:
        await self.leave()
        await self._nursery.start(partial(self._sit, targets, show, begin, end=end))

    async def _sit(
        self,
        targets: tuple[Target, ...],
        show: str,
        begin: Left | int,
        *,
        end: bool,
        task_status: trio.TaskStatus[None],
    ) -> None:
        """`begin`: what a predecessor left, or the number of the input that begins anew; `end`: it is not played on."""
        keeper = self._keeper
        conductor = Conductor(
            targets,
            clock=self._clock,
            report=keeper.note,
            journal=keeper,
            alarm=best_alarm(self._clock),
            rest=self._rest,
        )
        connected: set[str] = set()
        async with Primer() as primer, trio.open_nursery() as nursery:
            conductor.keep_warm_with(primer.output)
            outputs = Outputs(
                clock=self._clock,
                report=conductor.settle,
                on_connected=lambda name: conductor.do(Chase(name)) if self._sits(conductor) else connected.add(name),
                nursery=nursery,
            )
            await outputs.open(targets, patience=OPEN_SECONDS if isinstance(begin, int) else REOPEN_SECONDS)
            outputs.keep(targets)
            conductor.connect(outputs.by_target)
            keeper.follow(targets, show, conductor.memory)
            if isinstance(begin, int):
                keeper.forget()
                keeper.expect(Coming(number=begin))
                keeper.applied(())
            else:
                self.tell(Told(begin.step, begin.applied, (), begin.reports))
                conductor.recall(begin.memory, _schedules(begin.loaded), begin.unfinished, end=end)
                conductor.do(*(Chase(name) for name in connected))
            self._seat = _Seat(conductor, outputs, show, nursery.cancel_scope)
            task_status.started()
            await conductor.run()

    def _sits(self, conductor: Conductor) -> bool:
        return self._seat is not None and self._seat.conductor is conductor


def _schedules(loaded: Mapping[str, Loaded]) -> dict[str, Schedule]:
    return {deck: its.numbering.schedule for deck, its in loaded.items()}


def _action_of(action: WireAction, loaded: Mapping[str, Loaded]) -> Action:
    match action:
        case LoadDigest(deck, _, track):
            return Load(deck, loaded[deck].numbering.schedule, track)
        case FireTable(deck, table):
            return Fire(deck, cues_in(table))
        case _:
            return action
