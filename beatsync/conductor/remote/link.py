"""The daemon's end of the wire: a conductor in a process of its own, used as if it were here.

Inputs are sent at once and kept until the conductor says that it has applied them; should it die, another is started,
which goes on from its predecessor's journal and is told what that one had not applied any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
import trio

from beatsync.clock import Clock
from beatsync.conductor.actions import Action, Fire, Load, Remove, Retarget
from beatsync.conductor.remote.inputs import Inputs
from beatsync.conductor.remote.numberings import Numberings
from beatsync.conductor.remote.packing import Packing
from beatsync.conductor.remote.reaching import Reaching
from beatsync.conductor.remote.reactions import Reactions
from beatsync.conductor.remote.spawning import Starter
from beatsync.conductor.remote.standing import Standing
from beatsync.conductor.report import GRANTED, Precision, Report, Snapshot
from beatsync.conductor.wire.channel import Channel
from beatsync.conductor.wire.cues import table_of
from beatsync.conductor.wire.messages import (
    Armed,
    Do,
    FireTable,
    Input,
    Leave,
    LoadDigest,
    Look,
    Part,
    Perform,
    Prepare,
    State,
    Stepped,
    ToConductor,
    Welcome,
    WireAction,
    encode,
    read_from_conductor,
)
from beatsync.core.backoff import Backoff
from beatsync.core.schedule import Schedule
from beatsync.core.targets import Target
from beatsync.core.transport import Transport
from beatsync.core.units import NS_PER_SECOND, DurationNs, HostNs, ms
from beatsync.outputs.opening import OPEN_SECONDS

FIRST_REST: Final = ms(1)
LONGEST_REST: Final = ms(2000)
STEADY: Final = ms(5000)
"""A conductor that dies is replaced at once; one after another that live for less than this, more and more rarely."""

_SOON: Final = ms(10)
_KNOCK_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True)
class Taken:
    """What was found when the link was made. `decks`: those that were playing this very show, and go on playing it.

    `others`: of these the ones that play another track than was to be loaded, with what it was called.
    """

    decks: frozenset[str]
    process: int
    others: Mapping[str, str] = field(default_factory=dict)


class Link:
    """One conductor process, and its successors."""

    def __init__(
        self,
        directory: Path,
        targets: tuple[Target, ...],
        *,
        show: str,
        clock: Clock,
        report: Callable[[Report], None],
        remark: Callable[[str], None],
        starter: Starter | None,
        fresh: bool = False,
    ) -> None:
        """`directory`: where the conductor serves; `show`: what this one is called; `starter`: starts a conductor
        there, None where systemd does. `report` gets every verdict; `remark` what people should know of the process.
        `fresh`: the show begins, also where a conductor plays it already.
        """
        self._standing = Standing(targets)
        self._show = show
        self._fresh = fresh
        self._clock = clock
        self._report = report
        self._remark = remark
        self._starter = starter
        self._reaching = Reaching(directory, starter, remark)
        self._channel: Channel | None = None
        self._leaving = False
        self._heard = 0
        self._inputs = Inputs()
        self._reactions = Reactions()
        self._packing = Packing()
        self._numberings = Numberings()
        self._deadlines: dict[str, HostNs | None] = {}
        now = clock.now()
        self._snapshot = Snapshot(at=now, woke=now, deadline=None)
        self._opening: frozenset[str] = frozenset()
        self._changed = trio.Event()
        self._warned = False

    # Queries

    def transport(self, deck: str) -> Transport | None:
        """The line that a deck follows."""
        return self._standing.transport(deck)

    def next_deadline(self, deck: str | None = None) -> HostNs | None:
        """When the next cue of a deck, or of any, falls due; soon, while an input is on its way."""
        if self._inputs:
            return HostNs(self._clock.now() + _SOON)
        if deck is not None:
            return self._deadlines.get(deck)
        return min((deadline for deadline in self._deadlines.values() if deadline is not None), default=None)

    @property
    def decks(self) -> tuple[str, ...]:
        """The decks that have been told anything."""
        return tuple(self._standing.decks)

    def snapshot(self) -> Snapshot:
        """The conductor's state as it last said."""
        return replace(self._snapshot, rearmed=self._reactions.snapshot())

    # Inputs

    def do(self, *actions: Action) -> None:
        """Do all of this at one instant."""
        told = self._clock.now()
        self._standing.note(actions)
        packed = {part: None for action in actions if isinstance(action, Load) for part in self._packed(action)}
        self._give(Do(self._inputs.next(), tuple(self._on_the_wire(action) for action in actions)), tuple(packed))
        if not packed:
            self._reactions.told(self._inputs.last, told)

    async def pack(self, schedules: Iterable[Schedule]) -> None:
        """Pack them in a thread."""
        for schedule in schedules:
            await self._packing.pack(schedule)

    async def prepare(self, targets: Iterable[Target]) -> None:
        """Open these targets beside those that are open, and wait for those that take their time, but not for long."""
        wanted = tuple(targets)
        self._give(Prepare(self._inputs.next(), wanted))
        await self.wait_applied()
        with trio.move_on_after(OPEN_SECONDS):
            while self._opening.intersection(target.name for target in wanted):
                await self._changed.wait()

    async def wait_drained(self) -> None:
        """Return when every input has been applied and no packet waits for a slow receiver any more."""
        self._give(Look(self._inputs.next()))
        await self.wait_applied()

    async def leave(self) -> None:
        """The conductor is not needed any more; returns when it has gone."""
        self._leaving = True
        self._post(Leave())
        while self._starter is not None and not self._starter.buried():  # noqa: ASYNC110  nothing announces it
            await trio.sleep(_KNOCK_SECONDS)

    async def wait_applied(self) -> None:
        """Return when every input has been applied."""
        await trio.lowlevel.checkpoint()
        while self._inputs:
            await self._changed.wait()

    def _on_the_wire(self, action: Action) -> WireAction:
        match action:
            case Load(deck, _, track):
                return LoadDigest(deck, self._numberings.digest(deck), track)
            case Fire(deck, cues):
                return FireTable(deck, table_of(cues))
            case _:
                return action

    def _packed(self, load: Load) -> list[Part]:
        """The parts of a schedule."""
        loaded = self._packing.packed(load.schedule)
        for report in self._numberings.keep(load.deck, loaded):
            self._report(report)
        count = len(loaded.parts)
        return [Part(loaded.digest, index, count, part) for index, part in enumerate(loaded.parts)]

    def _give(self, message: Input, parts: Sequence[Part] = ()) -> None:
        for one in self._inputs.add(message, parts):
            self._post(one)

    def _post(self, message: ToConductor) -> None:
        if self._channel is not None:
            self._channel.post(encode(message))

    # The connection

    async def run(self, loads: Iterable[Load], *, task_status: trio.TaskStatus[Taken]) -> None:
        """Reach a conductor and have its decks play these; for ever, one conductor after another.

        Started once the first is ready. Raises ControlError where none can be had.
        """
        channel, welcome = await self._reaching.conductor()
        taken = self._take(welcome, loads)
        started: Callable[[], None] | None = partial(task_status.started, taken)
        again = Backoff(FIRST_REST, LONGEST_REST, STEADY)
        while True:
            began = self._clock.now()
            started = await self._serve(channel, started)
            if self._leaving:
                return
            self._remark("the conductor died; starting another, which goes on where it was")
            self._reactions.forget()
            rest = again.failed(lasted=DurationNs(self._clock.now() - began), share=1.0)
            await trio.sleep(rest / NS_PER_SECOND)
            channel, welcome = await self._reaching.conductor()
            self._catch_up(welcome)

    async def _serve(self, channel: Channel, started: Callable[[], None] | None) -> Callable[[], None] | None:
        """Talk to one until it is gone. `started`: called once it has done everything; returned if it has not."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(channel.run)
                self._channel = channel
                for message in self._inputs.messages():
                    channel.post(encode(message))
                while (frame := await channel.receive()) is not None:
                    self._hear(frame)
                    if started is not None and not self._inputs:
                        started()
                        started = None
                nursery.cancel_scope.cancel()
        finally:
            self._channel = None
            channel.close()
        return started

    def _take(self, welcome: Welcome, loads: Iterable[Load]) -> Taken:
        """Take over what the conductor plays, if it is this show; else have it play this one from the start."""
        self._inputs.go_on_from(welcome.applied)
        if self._fresh or welcome.show != self._show:
            self._perform(loads)
            return Taken(frozenset(), welcome.process)
        actions: list[Action] = []
        if welcome.targets != self._standing.targets:
            self._give(Prepare(self._inputs.next(), self._standing.targets))
            actions.append(Retarget(self._standing.targets))
        actions += [Remove(deck) for deck in welcome.decks if deck not in {load.deck for load in loads}]
        taken: set[str] = set()
        others: dict[str, str] = {}
        for load in loads:
            deck, state = load.deck, welcome.decks.get(load.deck)
            if state is not None and state.underway and state.transport is not None and state.track != load.track:
                others[deck] = state.track
                self._standing.take_over(deck, state.transport)
                continue
            self._standing.note([load])
            self._packed(load)
            if state is None or (state.digest, state.track) != (self._numberings.digest(deck), load.track):
                actions.append(load)
            if state is not None and state.track == load.track and state.transport is not None:
                self._standing.take_over(deck, state.transport)
                taken.update({deck} if state.underway else ())
        self.do(*actions)
        self._give(Look(self._inputs.next()))
        return Taken(frozenset({*taken, *others}), welcome.process, others)

    def _catch_up(self, welcome: Welcome) -> None:
        """A successor has come. It may know everything but the last inputs, or, without a journal, nothing."""
        self._inputs.applied(welcome.applied)
        if welcome.applied == 0:
            self._remark("the conductor's journal was lost: cues of the last moments are not accounted for")
            self._heard = 0
            self._inputs.forget()
            self._perform(self._standing.again())

    def _perform(self, actions: Iterable[Action]) -> None:
        """Have the conductor begin from nothing."""
        self._give(Perform(self._inputs.next(), self._show, self._standing.targets))
        self.do(*actions)

    # What it says

    def _hear(self, frame: bytes) -> None:
        match _read(frame):
            case Stepped() as stepped:
                self._note(stepped)
            case Armed(applied, at):
                self._reactions.armed(applied, at)
            case State(snapshot, opening):
                self._snapshot, self._opening = snapshot, frozenset(opening)
                self._warn(snapshot.precision)
            case _:
                pass
        self._changed.set()
        self._changed = trio.Event()

    def _warn(self, precision: Precision) -> None:
        """Say once what the operating system has refused: it is done without."""
        if not self._warned and precision.realtime != GRANTED:
            self._warned = True
            self._remark(
                f"no real-time priority for the conductor: {precision.realtime}; cues come late when this machine is "
                f"busy with something else; `beatsync bench` says how to allow it"
            )

    def _note(self, stepped: Stepped) -> None:
        self._deadlines |= stepped.deadlines
        if stepped.step > self._heard:
            if self._heard and stepped.step > self._heard + 1:
                self._remark(f"{stepped.step - self._heard - 1} steps of the conductor went unreported")
            self._heard = stepped.step
            for record in stepped.reports:
                for report in self._numberings.reports(record):
                    self._report(report)
        self._inputs.applied(stepped.applied)


def _read(frame: bytes) -> object:
    try:
        return read_from_conductor(frame)
    except msgspec.MsgspecError:
        return None
