"""OSC over TCP: one connection for each target, made again when it breaks, with a bounded queue for a slow receiver.

Sending never waits. A frame that is begun is finished before the next, and never resumed on another connection.
Nothing is queued for a connection that is down: an old cue is worse than none.
"""

from __future__ import annotations

import random  # noqa: TID251  the shell draws the jitter of reconnecting
import socket
from collections.abc import Callable
from typing import Final

import trio

from beatsync.clock import Clock
from beatsync.core.backoff import Backoff
from beatsync.core.targets import Target
from beatsync.core.units import NS_PER_SECOND, DurationNs, HostNs, ms
from beatsync.outputs.address import Peer, look_up, open_socket, written
from beatsync.outputs.books import Books, reason_of
from beatsync.outputs.framing import framed
from beatsync.outputs.output import Failed, Health, Queued, SendResult, Sent, Settled, State
from beatsync.outputs.waiting import Dropped, Frame, Waiting

CONNECT_SECONDS: Final = 2.0
FIRST_BACKOFF: Final = ms(50)
LONGEST_BACKOFF: Final = ms(2000)
STEADY: Final = ms(2000)
"""A connection that has lasted so long was a good one. A desk with another framing accepts, and closes at once."""

USER_TIMEOUT_MS: Final = 1000
"""How long sent bytes may stay unacknowledged before the connection counts as dead."""

_KEEPALIVE: Final = (
    ("TCP_KEEPIDLE", 1),
    ("TCP_KEEPINTVL", 1),
    ("TCP_KEEPCNT", 2),
    ("TCP_USER_TIMEOUT", USER_TIMEOUT_MS),
)
_DISCARDED_BYTES: Final = 64 * 1024


class TcpOutput:
    """One TCP target; `run` is the task that keeps it connected."""

    def __init__(
        self,
        target: Target,
        *,
        clock: Clock,
        report: Callable[[Settled], None],
        on_connected: Callable[[str], None],
        share: Callable[[], float] = random.random,
    ) -> None:
        """`report`: of queued packets; `on_connected`: told of each connection; `share`: jitter, 0 to 1."""
        self._target = target
        self._clock = clock
        self._report = report
        self._on_connected = on_connected
        self._share = share
        self._books = Books(target.url)
        self._waiting = Waiting(count=target.queue_count, age=target.queue_age)
        self._peer: Peer | None = None
        self._socket: socket.socket | None = None
        self._session: trio.CancelScope | None = None
        self._wake = trio.Event()
        self._patience: trio.CancelScope | None = None
        """The wait for the receiver, where nothing that waits has an end to it."""
        self._why_down = "not connected yet"

    @property
    def target(self) -> Target:
        """The value it was opened from."""
        return self._target

    def health(self) -> Health:
        """The present state."""
        return self._books.health(queued=len(self._waiting))

    # Sending

    def send(self, packet: bytes, ticket: int, now: HostNs) -> SendResult:
        """Write the packet, or queue it behind what a slow receiver has not taken yet."""
        if self._socket is None:
            return self._books.missed(self._why_down)
        frame = Frame(ticket, framed(packet, self._target.framing), now)
        if not self._waiting:
            try:
                self._write(self._socket, frame)
            except OSError as error:
                self._break(reason_of(error))
                return self._books.missed(reason_of(error))
            if frame.written == len(frame.data):
                return self._books.went()
        victim = self._waiting.add(frame)
        if victim is not None and victim.ticket == ticket:
            return self._books.missed(victim.reason)
        self._settle_dropped([victim] if victim else [])
        self._wake.set()
        if self._patience is not None:
            self._patience.cancel()
        return Queued()

    def _write(self, opened: socket.socket, frame: Frame) -> None:
        """Write as much of `frame` as fits now."""
        try:
            frame.written += opened.send(memoryview(frame.data)[frame.written :])
        except BlockingIOError:
            return

    # The connection

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Connect, stay connected, connect again; `started` after the first attempt, however it went."""
        backoff = Backoff(FIRST_BACKOFF, LONGEST_BACKOFF, STEADY)
        opened = await self._connected()
        task_status.started()
        while True:
            begun = self._clock.now()
            if opened is not None:
                await self._serve(opened)
            lasted = DurationNs(self._clock.now() - begun)
            await trio.sleep(backoff.failed(lasted=lasted, share=self._share()) / NS_PER_SECOND)
            opened = await self._connected()

    async def _connected(self) -> socket.socket | None:
        """A connected socket; None, with the reason kept, where there is no connection to be had now."""
        try:
            with trio.fail_after(CONNECT_SECONDS):
                if self._peer is None:
                    self._peer = await look_up(self._target)
                return await self._connect(self._peer)
        except OSError as error:
            self._down(f"{self._target.host}: {reason_of(error)}")
        except trio.TooSlowError:
            self._down(f"{self._target.host}: no answer within {CONNECT_SECONDS:g} s")
        return None

    async def _connect(self, peer: Peer) -> socket.socket:
        raw = open_socket(self._target, peer)
        try:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, value in _KEEPALIVE:
                if option := getattr(socket, name, None):
                    raw.setsockopt(socket.IPPROTO_TCP, option, value)
            await trio.socket.from_stdlib_socket(raw).connect(peer.address)
        except BaseException:
            raw.close()
            raise
        return raw

    async def _serve(self, opened: socket.socket) -> None:
        """Write and watch until the connection breaks."""
        self._socket = opened
        self._books.source = written(opened.getsockname())
        self._books.healed(State.CONNECTED)
        try:
            with trio.CancelScope() as self._session:
                self._on_connected(self._target.name)
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._watch, opened)
                    nursery.start_soon(self._write_when_possible, opened)
        finally:
            self._socket = None
            opened.close()
            self._settle_dropped(self._waiting.give_up("the connection was lost"))

    def _break(self, reason: str) -> None:
        """The connection is of no use any more."""
        self._down(reason)
        self._books.breaks += 1
        self._socket = None
        self._settle_dropped(self._waiting.give_up(reason))
        if self._session is not None:
            self._session.cancel()

    def _down(self, reason: str) -> None:
        self._why_down = reason
        self._books.state = State.DOWN
        self._books.met(reason)

    async def _watch(self, opened: socket.socket) -> None:
        """Notice that the receiver closes; what it says is discarded."""
        while True:
            await trio.lowlevel.wait_readable(opened)
            try:
                if not opened.recv(_DISCARDED_BYTES):
                    self._break("the receiver closed the connection")
            except BlockingIOError:
                continue
            except OSError as error:
                self._break(reason_of(error))

    async def _write_when_possible(self, opened: socket.socket) -> None:
        while True:
            if not self._waiting:
                self._wake = trio.Event()
                await self._wake.wait()
            expiry = self._waiting.next_expiry
            seconds = float("inf") if expiry is None else max(0, expiry - self._clock.now()) / NS_PER_SECOND
            with trio.move_on_after(seconds) as patience:
                self._patience = patience if expiry is None else None
                await trio.lowlevel.wait_writable(opened)
            self._patience = None
            self._settle_dropped(self._waiting.expire(self._clock.now()))
            try:
                self._write_waiting(opened)
            except OSError as error:
                self._break(reason_of(error))
            await trio.lowlevel.checkpoint()

    def _write_waiting(self, opened: socket.socket) -> None:
        while (frame := self._waiting.first) is not None:
            self._write(opened, frame)
            if frame.written < len(frame.data):
                return
            self._waiting.finish_first()
            self._report(Settled(frame.ticket, self._books.went(), self._clock.now()))

    def _settle_dropped(self, dropped: list[Dropped]) -> None:
        for packet in dropped:
            result: Sent | Failed = self._books.missed(packet.reason)
            self._report(Settled(packet.ticket, result, self._clock.now()))
