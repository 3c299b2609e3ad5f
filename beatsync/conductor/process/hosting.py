"""The conductor process: listens for a daemon, plays on without one, and leaves politely when nobody needs it."""

from __future__ import annotations

import signal
import socket
from pathlib import Path
from typing import Final

import msgspec
import trio

from beatsync import __version__
from beatsync.clock import Clock
from beatsync.conductor.process.keeper import Keeper, Told
from beatsync.conductor.process.performer import Performer
from beatsync.conductor.process.untold import Untold
from beatsync.conductor.remote.spawning import SOCKET
from beatsync.conductor.report import Precision
from beatsync.conductor.wire.channel import Channel
from beatsync.conductor.wire.messages import (
    PROTOCOL,
    FromConductor,
    Hello,
    Leave,
    Part,
    Refusal,
    Stepped,
    ToConductor,
    encode,
    read_to_conductor,
)
from beatsync.errors import ControlError
from beatsync.unix_sockets import private_socket

STATE_SECONDS: Final = 0.5
GRACE_SECONDS: Final = 10
_LOOKS_AROUND: Final = 10


async def host(
    directory: Path,
    *,
    clock: Clock,
    precision: Precision,
    private: bool = False,
    fresh: bool = False,
    grace: float = GRACE_SECONDS,
) -> None:
    """Serve one daemon after another in `directory`; `private`: only one, and leave with it.

    `fresh`: what a predecessor was playing is ended, instead of being gone on with. `grace`: for how many seconds it
    stays with nothing to play and nobody to ask it to.

    Raises ControlError where another conductor is there, or where it leaves since it does not speak as the daemon does:
    whoever watches over it may start another. Raises OSError where the journal cannot be kept.
    """
    with private_socket(directory / SOCKET, what="conductor socket") as listener:
        async with trio.open_nursery() as nursery:
            house = _House(directory, clock, precision, nursery, private=private)
            try:
                await house.performer.resume(fresh=fresh)
                nursery.start_soon(house.leave_on_signal)
                nursery.start_soon(house.leave_when_idle, grace)
                nursery.start_soon(house.tell_state)
                await house.welcome_daemons(listener)
            finally:
                house.close()
    if house.misunderstood:
        raise ControlError(f"a daemon of another version than {__version__} has come; this conductor makes room")


class _House:
    def __init__(
        self, directory: Path, clock: Clock, precision: Precision, nursery: trio.Nursery, *, private: bool
    ) -> None:
        self._keeper = Keeper(directory, self._tell)
        self._nursery = nursery
        self._private = private
        self._daemon: Channel | None = None
        self._untold = Untold()
        self._leaving = False
        self.misunderstood = False
        """A daemon came that speaks another protocol."""
        self.performer = Performer(self._keeper, clock=clock, precision=precision, post=self._post, nursery=nursery)

    def _tell(self, told: Told) -> None:
        self.performer.tell(told)

    def _post(self, message: FromConductor) -> None:
        if self._daemon is not None:
            self._daemon.post(encode(message))
            if not self._daemon.broken:
                return
        if isinstance(message, Stepped):
            self._untold.keep(message)

    async def welcome_daemons(self, listener: socket.socket) -> None:
        """Take connections, for as long as the process lives."""
        listening = trio.socket.from_stdlib_socket(listener)
        while True:
            connected, _ = await listening.accept()
            self._nursery.start_soon(self._talk, Channel(socket.socket(fileno=connected.detach())))

    async def _talk(self, channel: Channel) -> None:
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(channel.run)
                await self._listen(channel)
                nursery.cancel_scope.cancel()
        finally:
            channel.close()
            if self._daemon is channel:
                self._daemon = None
                if self._private:
                    self._nursery.start_soon(self._leave)

    async def _listen(self, channel: Channel) -> None:
        frame = await channel.receive()
        match _read(frame):
            case Hello(protocol=protocol) if protocol != PROTOCOL:
                reason = f"this conductor is of version {__version__}; it ends itself, for another to be started"
                channel.post(encode(Refusal(reason, busy=False)))
                self.misunderstood = True
                self._nursery.start_soon(self._leave)
            case Hello() if self._daemon is not None:
                channel.post(encode(Refusal("another daemon is with this conductor", busy=True)))
            case Hello():
                self._daemon = channel
                channel.post(encode(self.performer.welcome()))
                self.performer.tell_state()
                for stepped in self._untold.take():
                    channel.post(encode(stepped))
                await self._obey(channel)
            case Leave():
                await self._leave()

    async def _obey(self, channel: Channel) -> None:
        """Do what the daemon says, for as long as it makes sense."""
        while (frame := await channel.receive()) is not None:
            match _read(frame):
                case Leave():
                    await self._leave()
                case None | Hello():
                    return
                case Part() as part:
                    await self.performer.take(part)
                case message:
                    try:
                        await self.performer.apply(message)
                    except LookupError:
                        return  # a schedule was damaged on its way: the daemon connects anew, and sends it again

    async def tell_state(self) -> None:
        """Keep the daemon's picture of this process fresh, and the journal's."""
        while True:
            await trio.sleep(STATE_SECONDS)
            await self.performer.give_way()
            self.performer.stamp()
            self.performer.tell_state()

    async def leave_on_signal(self) -> None:
        """SIGTERM and SIGINT end every look, then the process."""
        with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
            async for _ in signals:
                await self._leave()

    async def leave_when_idle(self, grace: float) -> None:
        """Nobody is there and nothing is left to play: there is no reason to stay."""
        idle = 0
        while idle < _LOOKS_AROUND:
            await trio.sleep(grace / _LOOKS_AROUND)
            idle = 0 if self._daemon is not None or self.performer.busy else idle + 1
        await self._leave()

    async def _leave(self) -> None:
        self._leaving = True
        await self.performer.leave()
        self._nursery.cancel_scope.cancel()

    def close(self) -> None:
        """Nothing is left for a successor where the process was told to leave."""
        self._keeper.close(politely=self._leaving)


def _read(frame: bytes | None) -> ToConductor | None:
    """The message of a frame; None for what is none."""
    try:
        return None if frame is None else read_to_conductor(frame)
    except msgspec.MsgspecError:
        return None
