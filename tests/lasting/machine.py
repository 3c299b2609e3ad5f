"""A machine in virtual time: the real daemon and the real conductor's process on it, each to be killed at any moment.

They speak over real Unix sockets, send real datagrams and keep their state on a real disk; only their clocks are
virtual, and what would be two processes are tasks of one loop. A reboot forgets the runtime directory, and begins the
monotonic clock anew.
"""

from __future__ import annotations

import shutil
import signal
import socket
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Never, Self

import trio
from pythonosc.osc_message import OscMessage

from beatsync.clock import VIRTUAL_WALL_AT_ZERO, TrioClock
from beatsync.conductor.actions import Action, Stop
from beatsync.conductor.conductor import Conductor
from beatsync.conductor.opening import Opened, Part
from beatsync.conductor.process.hosting import host
from beatsync.conductor.remote.link import Link
from beatsync.conductor.remote.packing import Packing
from beatsync.conductor.remote.spawning import Starter
from beatsync.conductor.report import NOT_ASKED, Report
from beatsync.conductor.wire.tables import as_loaded
from beatsync.config.configuration import Configuration, FromFile, TrackChoice
from beatsync.config.read import read_config
from beatsync.core.document import ParsedTrack
from beatsync.core.schedule import Schedule
from beatsync.core.targets import Target
from beatsync.core.track import Track
from beatsync.core.units import NS_PER_SECOND, HostNs, WallNs
from beatsync.daemon import Edits, Keeping, Stage, play
from beatsync.decks.desk import Desk
from beatsync.decks.news import News
from beatsync.decks.preparing import Preparation, at_once
from beatsync.decks.show import prepare_show
from beatsync.errors import SourceError
from beatsync.reloading.files import Look
from beatsync.state.database import Database
from beatsync.state.kept import Instant
from beatsync.state.opening import OpenedState, end_state, open_state
from beatsync.state.recollecting import ShowMemory
from beatsync.state.remembering import Remembering

SHOW = Path("/shows/show.yaml")


class BootClock(TrioClock):
    """Trio's clock; the monotonic one begins at zero with each boot, civil time goes on."""

    def __init__(self, booted: HostNs, step: int = 0) -> None:
        """`booted`: when, on trio's clock. `step`: by how much civil time is wrong."""
        super().__init__()
        self._booted = booted
        self._step = step

    def now(self) -> HostNs:
        return HostNs(super().now() - self._booted)

    def wall(self) -> WallNs:
        return self.wall_of(self.now())

    def host_of(self, wall: WallNs) -> HostNs:
        return HostNs(wall - VIRTUAL_WALL_AT_ZERO - self._step - self._booted)

    def wall_of(self, host: HostNs) -> WallNs:
        return WallNs(host + self._booted + VIRTUAL_WALL_AT_ZERO + self._step)


@dataclass(frozen=True)
class Arrival:
    """A message at a receiver. `at`: on trio's clock, which no reboot begins anew."""

    at: int
    port: int
    text: str


@dataclass(frozen=True)
class Verdict:
    """A report, with the boot that its instants are of: so much later on trio's clock."""

    report: Report
    booted: int

    @property
    def due(self) -> int:
        """When it fell due, on trio's clock."""
        return self.report.outcome.due + self.booted


@dataclass(frozen=True)
class Supply(Preparation):
    """Tracks by the names of their files, without a disk: threads and virtual time do not go together."""

    tracks: Mapping[str, Track] = field(default_factory=dict)

    async def _found(self, choice: TrackChoice) -> ParsedTrack:
        await trio.lowlevel.checkpoint()
        assert isinstance(choice.origin, FromFile)
        track = self.tracks.get(choice.origin.path.name)
        if track is None:
            raise SourceError(f"{choice.origin.path}: no such track")
        return ParsedTrack(track, ())


class MortalDatabase(Database):
    """What a dead process would write is not written."""

    dead = False

    def write(self, *arguments: object, **options: object) -> None:
        if self.dead:
            raise sqlite3.OperationalError("whoever would write this is dead")
        super().write(*arguments, **options)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Applied:
    """A conductor was told something; `booted`: when the boot began that its instants are of."""

    at: int
    booted: int
    actions: tuple[Action, ...]


@dataclass(frozen=True)
class Performed:
    """A conductor begins to play for these targets, from nothing or from a journal."""

    at: int
    targets: tuple[str, ...]


class Process:
    """What of a process signals reach, and what its conductor is told."""

    def __init__(self, note: Callable[[tuple[Action, ...] | tuple[Target, ...]], None] | None = None) -> None:
        """`note`: told of a conductor's targets when it begins, then of everything that it is told."""
        self._receivers: list[Signals] = []
        self.note = note or (lambda _: None)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        for receiver in self._receivers:
            receiver.take(number)

    def receiver(self, numbers: Collection[int]) -> Signals:
        """One that receives these."""
        receiver = Signals(numbers)
        self._receivers.append(receiver)
        return receiver


class Signals:
    """In place of trio's receiver of signals."""

    def __init__(self, numbers: Collection[int]) -> None:
        self._numbers = numbers
        self._sender, self._receiver = trio.open_memory_channel[int](9)

    def take(self, number: int) -> None:
        """A signal for the process."""
        if number in self._numbers:
            self._sender.send_nowait(number)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> int:
        return await self._receiver.receive()


@dataclass
class Daemon:
    """A running daemon."""

    scope: trio.CancelScope
    database: MortalDatabase
    ended: trio.Event = field(default_factory=trio.Event)
    armed: trio.Event = field(default_factory=trio.Event)
    process: Process = field(default_factory=Process)
    desk: Desk | None = None
    polite: bool = True


class Introducing(Remembering):
    """Lets the tests know the desk."""

    daemon: Daemon

    async def run(self, desk: Desk) -> Never:
        self.daemon.desk = desk
        self.daemon.armed.set()
        await super().run(desk)


class VirtualStarter(Starter):
    """Starts conductors in this loop."""

    def __init__(self, machine: Machine) -> None:
        super().__init__()
        self._machine = machine

    def start(self, directory: Path, *, fresh: bool = False) -> bool:
        return self._machine.start_conductor()

    def buried(self) -> bool:
        return self._machine.conductor is None


class Machine:
    """Everything; `written` is the show's file, and `tracks` the others."""

    def __init__(self, nursery: trio.Nursery, folder: Path, written: str, tracks: dict[str, Track]) -> None:
        self.nursery = nursery
        self.written = written
        self.tracks = tracks
        self.files: dict[Path, tuple[int, int, int, int]] = {SHOW: (0, 0, 0, 0)}
        self.runtime = folder / "runtime"
        self.state = folder / "state"
        self.applied: list[Applied | Performed] = []
        self.verdicts: list[Verdict] = []
        self.news: list[News] = []
        self.arrivals: list[Arrival] = []
        self.boot = 0
        self.booted = HostNs(0)
        self.clock = BootClock(self.booted)
        self.daemon: Daemon | None = None
        self.conductor: trio.CancelScope | None = None
        self.no_conductor_before = 0
        self._trio_clock = TrioClock()
        self.states: list[OpenedState] = []

    # The daemon

    async def start(self, *, fresh: bool = False) -> Daemon:
        """A daemon, once it is armed."""
        daemon = Daemon(trio.CancelScope(), MortalDatabase(self.state, str(SHOW)))
        self.daemon = daemon
        self.nursery.start_soon(self._run_daemon, daemon, fresh)
        await daemon.armed.wait()
        return daemon

    async def _run_daemon(self, daemon: Daemon, fresh: bool) -> None:
        _process.set(daemon.process)
        with daemon.scope:
            configuration = read_config(self.written.encode(), path=SHOW)
            now = Instant(self.clock.now(), self.clock.wall(), f"boot {self.boot}")
            state = open_state(daemon.database, configuration, now, fresh=fresh)
            self.states.append(state)
            memory = state.recollection
            standings = memory.decks if isinstance(memory, ShowMemory) else {}
            supply = Supply(environment={}, clock=self.clock, aside=at_once, tracks=self.tracks)
            show = await prepare_show(configuration, supply, {name: its.standing for name, its in standings.items()})

            remembering = Introducing(
                daemon.database, clock=self.clock, boot=now.boot, tell=self.news.append, aside=_at_once
            )
            remembering.daemon = daemon
            booted = int(self.booted)
            stage = Stage(
                clock=self.clock,
                open_conductor=lambda part: self._open(part, daemon),
                preparation=supply,
                report=lambda report: self.verdicts.append(Verdict(report, booted)),
                tell=self.news.append,
                environment={},
                armed=lambda _ensemble, _lines: None,
                companions=(),
                control=None,
                stay=True,
                edits=Edits(read=self._read, look=self._look, seen=dict(self.files)),
                watch=False,
                keeping=Keeping(recollection=state.recollection, remembering=remembering, clock_is_right=True),
            )
            await play(show, stage)
            end_state(daemon.database)
        daemon.ended.set()

    async def _read(self) -> Configuration:
        await trio.lowlevel.checkpoint()
        return read_config(self.written.encode(), path=SHOW)

    async def _look(self, _configuration: Configuration) -> Look:
        await trio.lowlevel.checkpoint()
        return Look(dict(self.files))

    @asynccontextmanager
    async def _open(self, part: Part, daemon: Daemon) -> AsyncIterator[Opened]:
        """As conductor_apart, but for daemons that may die without a last word."""
        self.runtime.mkdir(parents=True, exist_ok=True)
        link = Link(
            self.runtime,
            part.targets,
            show=part.show,
            clock=self.clock,
            report=part.report,
            remark=part.remark,
            starter=VirtualStarter(self),
        )
        async with trio.open_nursery() as nursery:
            taken = await nursery.start(link.run, part.loads)
            try:
                yield Opened(link, taken_over=taken.decks, others=taken.others)
            finally:
                if daemon.polite:
                    await _take_leave(link)
                nursery.cancel_scope.cancel()

    async def kill_daemon(self) -> None:
        """Kill -9."""
        daemon, self.daemon = self.daemon, None
        assert daemon is not None
        daemon.database.dead, daemon.polite = True, False
        daemon.scope.cancel()
        await daemon.ended.wait()
        daemon.database.close()

    async def signal(self, number: signal.Signals) -> None:
        """SIGTERM as from a service manager, SIGINT as from a terminal; returns when the daemon has ended."""
        daemon, self.daemon = self.daemon, None
        assert daemon is not None
        daemon.process.signal(number)
        await daemon.ended.wait()

    # The conductor's process

    def start_conductor(self) -> bool:
        """Start one, unless there is one, or it is too early for one."""
        if self.conductor is not None or self.now < self.no_conductor_before:
            return False
        self.conductor = trio.CancelScope()
        self.nursery.start_soon(self._run_conductor, self.conductor)
        return True

    async def _run_conductor(self, scope: trio.CancelScope) -> None:
        _process.set(Process(self._note))
        with scope:
            await host(self.runtime, clock=self.clock, precision=NOT_ASKED, grace=10**9)
        if self.conductor is scope:
            self.conductor = None

    def _note(self, told: tuple[Action, ...] | tuple[Target, ...]) -> None:
        targets = tuple(one.name for one in told if isinstance(one, Target))
        actions = tuple(one for one in told if not isinstance(one, Target))
        self.applied.append(Performed(self.now, targets) if targets else Applied(self.now, self.booted, actions))

    async def kill_conductor(self, *, for_seconds: float = 0.0) -> None:
        """Kill -9; nobody starts another for so long."""
        self.no_conductor_before = self.now + round(for_seconds * NS_PER_SECOND)
        if self.conductor is not None:
            self.conductor.cancel()
            while self.conductor is not None:
                await trio.lowlevel.checkpoint()

    # Both

    async def reboot(self, seconds: float, *, step: float = 0.0) -> None:
        """The machine is down for so long; what is in memory is lost. `step`: civil time is wrong by so much then."""
        if self.daemon is not None:
            await self.kill_daemon()
        await self.kill_conductor()
        shutil.rmtree(self.runtime, ignore_errors=True)
        await trio.sleep(seconds)
        self.boot += 1
        self.booted = HostNs(self.now)
        self.clock = BootClock(self.booted, round(step * NS_PER_SECOND))

    # What is known of it

    @property
    def now(self) -> int:
        """On trio's clock."""
        return self._trio_clock.now()

    @property
    def desk(self) -> Desk:
        """Of the daemon that is there."""
        assert self.daemon is not None
        assert self.daemon.desk is not None
        return self.daemon.desk

    def edit(self, written: str) -> None:
        """Somebody edits the show's file."""
        self.written = written
        device, inode, _, stamp = self.files[SHOW]
        self.files[SHOW] = (device, inode, len(written), stamp + 1)

    def receive(self) -> int:
        """The port of a new receiver, whose messages are arrivals."""
        sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        sink.bind(("127.0.0.1", 0))
        sink.settimeout(0)
        self.nursery.start_soon(self._receive, sink)
        return int(sink.getsockname()[1])

    async def _receive(self, sink: socket.socket) -> None:
        port = int(sink.getsockname()[1])
        with sink:
            while True:
                await trio.lowlevel.wait_readable(sink)
                with suppress(BlockingIOError):
                    while True:
                        message = OscMessage(sink.recv(4096))
                        text = " ".join([message.address, *map(str, message.params)])
                        self.arrivals.append(Arrival(self.now, port, text))

    def arrived(self, port: int | None = None) -> list[str]:
        """What has arrived, there or anywhere."""
        return [arrival.text for arrival in self.arrivals if port in {None, arrival.port}]


async def _take_leave(link: Link) -> None:
    """As conductor_apart does it."""
    with trio.CancelScope(shield=True), trio.move_on_after(1):
        link.do(*(Stop(deck) for deck in link.decks))
        await link.wait_drained()
        await link.leave()


async def _at_once(work: Callable[[], None]) -> None:
    await trio.lowlevel.checkpoint()
    work()


async def pack_at_once(self: Packing, schedule: Schedule) -> None:
    await trio.lowlevel.checkpoint()
    self._packed.append((schedule, as_loaded(schedule)))


_process: ContextVar[Process] = ContextVar("process")


class WatchedConductor(Conductor):
    """A conductor that keeps nothing of what it is told to itself."""

    def __init__(self, targets: Iterable[Target], **options: Any) -> None:
        chosen = tuple(targets)
        super().__init__(chosen, **options)
        _process.get().note(chosen)

    def do(self, *actions: Action) -> None:
        _process.get().note(actions)
        super().do(*actions)


@contextmanager
def signals_of_the_machine(*numbers: int) -> Iterator[Signals]:
    """Those of the process that the task belongs to."""
    yield _process.get().receiver(numbers)


def texts(verdicts: Iterable[Verdict]) -> Counter[str]:
    """How often each message was sent."""
    return Counter(text_of(verdict) for verdict in verdicts if verdict.report.outcome.to_send)


def text_of(verdict: Verdict) -> str:
    """A cue as it arrives."""
    cue = verdict.report.outcome.cue
    return " ".join([cue.address, *(str(value) for _, value in cue.arguments)])
