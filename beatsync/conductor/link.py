"""The daemon's end of the wire: a conductor in a process of its own, used as if it were here.

Inputs are sent at once and kept until the conductor says that it has applied them; should it die, another is started,
which goes on from its predecessor's journal and is told what that one had not applied any more.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import trio

from beatsync import __version__
from beatsync.clock import Clock
from beatsync.conductor.hosting import SOCKET
from beatsync.conductor.keeper import NOTHING_LOADED, Loaded, digest_of
from beatsync.conductor.report import Report, Snapshot
from beatsync.conductor.spawning import Starter
from beatsync.conductor.wire.channel import Channel
from beatsync.conductor.wire.cues import Numbering
from beatsync.conductor.wire.memories import reports_of
from beatsync.conductor.wire.messages import (
    PROTOCOL,
    Adjust,
    Hello,
    Input,
    Leave,
    Load,
    Look,
    Perform,
    Refusal,
    Seek,
    SetLead,
    State,
    Stepped,
    Stop,
    ToConductor,
    Welcome,
    encode,
    read_from_conductor,
)
from beatsync.core.schedule import Schedule
from beatsync.core.targets import Target
from beatsync.core.transport import Transport
from beatsync.core.units import DurationNs, HostNs, TrackNs, ms
from beatsync.errors import ControlError

START_SECONDS: Final = 20
"""How long a conductor may take to start on the slowest of machines."""

_KNOCK_SECONDS: Final = 0.02
_SOON: Final = ms(10)


@dataclass(frozen=True, slots=True)
class Taken:
    """What was found when the link was made. `over`: a conductor was playing this very show, and goes on playing it."""

    over: bool
    process: int


class Link:
    """One conductor process, and its successors."""

    def __init__(
        self,
        directory: Path,
        targets: tuple[Target, ...],
        *,
        clock: Clock,
        report: Callable[[Report], None],
        remark: Callable[[str], None],
        starter: Starter | None,
    ) -> None:
        """`directory`: where the conductor serves; `starter`: starts one there, None where systemd does.

        `report` gets every verdict; `remark` what people should know of the process itself.
        """
        self._directory = directory
        self._targets = targets
        self._clock = clock
        self._report = report
        self._remark = remark
        self._starter = starter
        self._channel: Channel | None = None
        self._leaving = False
        self._number = 0
        self._heard = 0
        self._pending: list[Input] = []
        self._transport: Transport | None = None
        self._loaded = NOTHING_LOADED
        self._numberings: dict[str, Numbering] = {}
        self._deadline: HostNs | None = None
        now = clock.now()
        self._snapshot = Snapshot(at=now, woke=now, deadline=None)
        self._changed = trio.Event()

    # Queries

    @property
    def transport(self) -> Transport | None:
        """The line that is followed."""
        return self._transport

    def position(self) -> TrackNs | None:
        """Where playback stands now."""
        return self._transport.position_at(self._clock.now()) if self._transport else None

    def next_deadline(self) -> HostNs | None:
        """When the next cue falls due; soon, while an input is on its way."""
        return HostNs(self._clock.now() + _SOON) if self._pending else self._deadline

    def snapshot(self) -> Snapshot:
        """The conductor's state as it last said."""
        return self._snapshot

    # Inputs

    def load(self, schedule: Schedule) -> None:
        """A new schedule; what has fired stays fired."""
        loaded = self._prepare(schedule)
        self._give(lambda number: Load(number, loaded.digest, loaded.table))

    def seek(self, transport: Transport) -> None:
        """Playback jumped, started or stopped."""
        self._transport = transport
        self._give(lambda number: Seek(number, transport))

    def adjust(self, transport: Transport) -> None:
        """The same playback, better known."""
        if self._transport is not None:
            self._transport = transport
        self._give(lambda number: Adjust(number, transport))

    def set_lead(self, target: str, lead: DurationNs) -> None:
        """Tell `target` so much earlier."""
        self._give(lambda number: SetLead(number, target, lead))

    def stop(self) -> None:
        """Playback is over: end every look."""
        self._transport = None
        self._give(Stop)

    async def wait_drained(self) -> None:
        """Return when every input has been applied and no packet waits for a slow receiver any more."""
        self._give(Look)
        while self._pending:
            await self._changed.wait()

    async def leave(self) -> None:
        """The conductor is not needed any more; returns when it has gone."""
        self._leaving = True
        self._post(Leave())
        while self._starter is not None and not self._starter.buried():  # noqa: ASYNC110  nothing announces it
            await trio.sleep(_KNOCK_SECONDS)

    def _prepare(self, schedule: Schedule) -> Loaded:
        """Make it the one that is loaded. Of the one before, reports may still come."""
        numbering = Numbering(schedule)
        table = encode(numbering.table())
        before, self._loaded = self._loaded, Loaded(digest_of(table), numbering, table)
        self._numberings = {loaded.digest: loaded.numbering for loaded in (before, self._loaded)}
        return self._loaded

    def _give(self, make: Callable[[int], Input]) -> None:
        self._number += 1
        message = make(self._number)
        self._pending.append(message)
        self._post(message)

    def _post(self, message: ToConductor) -> None:
        if self._channel is not None:
            self._channel.post(encode(message))

    # The connection

    async def run(self, schedule: Schedule, *, task_status: trio.TaskStatus[Taken]) -> None:
        """Reach a conductor and have it play `schedule`; for ever, one after another. Started once the first is ready.

        Raises ControlError where none can be had.
        """
        self._prepare(schedule)
        channel, welcome = await self._reach()
        taken = self._take(welcome)
        status: trio.TaskStatus[Taken] | None = task_status
        while True:
            await self._serve(channel, taken, status)
            if self._leaving:
                return
            status = None
            self._remark("the conductor died; starting another, which goes on where it was")
            channel, welcome = await self._reach()
            self._catch_up(welcome)

    async def _serve(self, channel: Channel, taken: Taken, status: trio.TaskStatus[Taken] | None) -> None:
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(channel.run)
                self._channel = channel
                for message in self._pending:
                    channel.post(encode(message))
                while (frame := await channel.receive()) is not None:
                    self._hear(frame)
                    if status is not None and not self._pending:
                        status.started(taken)
                        status = None
                nursery.cancel_scope.cancel()
        finally:
            self._channel = None
            channel.close()

    async def _reach(self) -> tuple[Channel, Welcome]:
        """A conductor that has said welcome."""
        started = False
        with trio.move_on_after(START_SECONDS):
            while True:
                channel = self._connected()
                if channel is not None:
                    welcome = await self._present(channel)
                    if welcome is not None:
                        return channel, welcome
                    started = False
                elif self._starter is not None and not started:
                    self._starter.start(self._directory)
                    started = True
                await trio.sleep(_KNOCK_SECONDS)
        raise ControlError(
            f"no conductor answers at {self._directory / SOCKET} within {START_SECONDS} s; "
            f"what it said is in {self._directory / 'conductor.log'}"
        )

    def _connected(self) -> Channel | None:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(str(self._directory / SOCKET))
        except OSError:
            connection.close()
            return None
        return Channel(connection)

    async def _present(self, channel: Channel) -> Welcome | None:
        """Present ourselves; None where the conductor is leaving. Raises ControlError where another daemon has it."""
        channel.post(encode(Hello(PROTOCOL, __version__)))
        frame = await channel.receive()
        answer = None if frame is None else _read(frame)
        if isinstance(answer, Welcome):
            return answer
        channel.close()
        if isinstance(answer, Refusal):
            if answer.busy:
                raise ControlError(f"the conductor at {self._directory}: {answer.reason}; stop that one first")
            self._remark(answer.reason)
        return None

    def _take(self, welcome: Welcome) -> Taken:
        """Take over what the conductor plays, if it is this very show; else have it play this one from the start."""
        self._number = welcome.applied
        if welcome.targets == self._targets and welcome.digest == self._loaded.digest:
            self._transport = welcome.transport
            self._give(Look)
            return Taken(over=welcome.underway, process=welcome.process)
        self._have_it_perform()
        return Taken(over=False, process=welcome.process)

    def _catch_up(self, welcome: Welcome) -> None:
        """A successor has come. It may know everything but the last inputs, or, without a journal, nothing."""
        self._pending = [message for message in self._pending if message.number > welcome.applied]
        if welcome.applied == 0:
            self._remark("the conductor's journal was lost: cues of the last moments are not accounted for")
            self._heard = 0
            self._number = 0
            self._pending.clear()
            self._have_it_perform()
            if self._transport is not None:
                self.seek(self._transport)

    def _have_it_perform(self) -> None:
        targets, loaded = self._targets, self._loaded
        self._give(lambda number: Perform(number, targets))
        self._give(lambda number: Load(number, loaded.digest, loaded.table))

    # What it says

    def _hear(self, frame: bytes) -> None:
        match _read(frame):
            case Stepped() as stepped:
                self._note(stepped)
            case State(snapshot):
                self._snapshot = snapshot
            case _:
                pass
        self._changed.set()
        self._changed = trio.Event()

    def _note(self, stepped: Stepped) -> None:
        self._deadline = stepped.deadline
        if stepped.step > self._heard:
            if self._heard and stepped.step > self._heard + 1:
                self._remark(f"{stepped.step - self._heard - 1} steps of the conductor went unreported")
            self._heard = stepped.step
            numbering = self._numberings.get(stepped.digest)
            if numbering is not None:
                for report in reports_of(stepped.reports, numbering):
                    self._report(report)
        self._pending = [message for message in self._pending if message.number > stepped.applied]


def _read(frame: bytes) -> object:
    try:
        return read_from_conductor(frame)
    except msgspec.MsgspecError:
        return None
