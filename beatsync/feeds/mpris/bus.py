"""A connection to a D-Bus message bus: calls with the instants of question and answer, and signals as they come.

Never answers a call, offers nothing and owns no name. jeepney reads and writes the messages; its own connection is not
used: it takes messages of any size, and lets signals fall when a listener is slow.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, Never

import trio
from jeepney import DBusAddress, new_method_call  # type: ignore[import-untyped]
from jeepney.auth import BEGIN, AuthenticationError, Authenticator  # type: ignore[import-untyped]
from jeepney.bus_messages import message_bus  # type: ignore[import-untyped]

from beatsync.clock import Clock
from beatsync.core.units import HostNs
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.mpris.wire import Frame, Frames, Garbled, Unreadable
from beatsync.feeds.patience import patience
from beatsync.regular_files import reason_of

BUS_ITSELF: Final = "org.freedesktop.DBus"

_CHUNK_BYTES: Final = 64 * 1024
_READ_AT_ONCE: Final = 64 * 1024
"""What is longer is read in a thread: nested values cost a microsecond and a half for each byte."""
_PLAYER_PATH: Final = "/org/mpris/MediaPlayer2"
_PROPERTIES: Final = "org.freedesktop.DBus.Properties"
_PLAYER: Final = "org.mpris.MediaPlayer2.Player"


class CallFailed(Exception):
    """The answer to a call was an error, or could not be read; the text is the error's name."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a call was answered with, and when. `size`: in bytes."""

    values: tuple[Any, ...]
    asked: HostNs
    answered: HostNs
    size: int

    @property
    def value(self) -> object:
        """The first of them, which is all that most calls have; None where there is none."""
        return next(iter(self.values), None)


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal of whoever owns the name `sender`."""

    sender: str
    name: str
    frame: Frame
    at: HostNs


@dataclass(slots=True)
class _Waiting:
    sender: str
    event: trio.Event = field(default_factory=trio.Event)
    frame: Frame | None = None
    at: HostNs | None = None


class Bus:
    """One connection. One task runs `receive`, one calls."""

    def __init__(self, stream: trio.SocketStream, *, where: str, clock: Clock) -> None:
        """`where`: for messages: `the session bus`. `hear`: told every signal, at once."""
        self._stream = stream
        self._where = where
        self._clock = clock
        self._serials = count(1)
        self._waiting: dict[int, _Waiting] = {}
        self.hear: Callable[[Signal], None] = lambda _signal: None

    async def receive(self) -> Never:
        """Take in what comes. Raises FeedTrouble when the connection is over."""
        frames = Frames()
        while True:
            try:
                data = await self._stream.receive_some(_CHUNK_BYTES)
            except trio.BrokenResourceError:
                data = b""
            at = self._clock.now()
            if not data:
                raise FeedTrouble(f"{self._where} closed the connection; run beatsync as the user who runs the player")
            try:
                for frame in frames.feed(bytes(data)):
                    self._take(frame, at)
            except Garbled:
                raise FeedTrouble(f"{self._where} does not speak D-Bus") from None

    def _take(self, frame: Frame, at: HostNs) -> None:
        if frame.signal is not None:
            self.hear(Signal(frame.sender, frame.signal, frame, at))
            return
        waiting = None if frame.reply_to is None else self._waiting.get(frame.reply_to)
        # The bus answers in the place of a player that has left.
        if waiting is not None and frame.sender in {waiting.sender, BUS_ITSELF}:
            waiting.frame, waiting.at = frame, at
            waiting.event.set()

    # Calls

    async def hello(self) -> None:
        """Introduce ourselves, which has to be the first call. Raises FeedTrouble, as the others do."""
        await self._ask(message_bus.Hello())

    async def names(self) -> object:
        """All names on the bus."""
        return (await self._ask(message_bus.ListNames())).value

    async def owner_of(self, name: str) -> str:
        """Who owns a name, as senders are called. Raises CallFailed where nobody does."""
        owner = (await self._call(message_bus.GetNameOwner(name), BUS_ITSELF)).value
        if not isinstance(owner, str) or not owner.startswith(":"):
            raise CallFailed("an owner without a name")
        return owner

    async def listen_to(self, rule: str) -> None:
        """Have signals sent to us that match `rule` (D-Bus specification, match rules)."""
        await self._ask(message_bus.AddMatch(rule))

    async def forget(self, rule: str) -> None:
        """Have them sent no more."""
        await self._ask(message_bus.RemoveMatch(rule))

    async def player_properties(self, owner: str) -> Reply:
        """All that the player of `owner` says of playback. Raises CallFailed."""
        return await self._call(_on_player(owner, "GetAll", "s", (_PLAYER,)), owner)

    async def player_property(self, owner: str, name: str) -> Reply:
        """One thing of it."""
        return await self._call(_on_player(owner, "Get", "ss", (_PLAYER, name)), owner)

    async def _ask(self, message: Any) -> Reply:
        """What the bus itself answers; it has no reason to refuse."""
        try:
            return await self._call(message, BUS_ITSELF)
        except CallFailed as refusal:
            raise FeedTrouble(f"{self._where} refuses to serve: {refusal}") from None

    async def _call(self, message: Any, sender: str) -> Reply:
        serial = next(self._serials)
        data = message.serialise(serial)
        self._waiting[serial] = waiting = _Waiting(sender)
        try:
            asked = self._clock.now()
            await self._stream.send_all(data)
            await waiting.event.wait()
        except trio.BrokenResourceError:
            raise FeedTrouble(f"{self._where} closed the connection") from None
        finally:
            del self._waiting[serial]
        assert waiting.frame is not None
        assert waiting.at is not None
        return Reply(await _values(waiting.frame), asked, waiting.at, waiting.frame.size)


async def _values(frame: Frame) -> tuple[Any, ...]:
    if frame.error is not None:
        raise CallFailed(frame.error)
    try:
        if frame.size <= _READ_AT_ONCE:
            return frame.values()
        return await trio.to_thread.run_sync(frame.values, abandon_on_cancel=True)
    except Unreadable:
        raise CallFailed("an answer that cannot be read") from None


def _on_player(owner: str, method: str, signature: str, arguments: tuple[str, ...]) -> Any:
    return new_method_call(DBusAddress(_PLAYER_PATH, owner, _PROPERTIES), method, signature, arguments)


@asynccontextmanager
async def open_bus(socket: str, *, where: str, clock: Clock) -> AsyncIterator[Bus]:
    """A connection to the bus that listens on `socket`, for as long as the context lasts. Raises FeedTrouble."""
    try:
        with patience(where):
            stream = await trio.open_unix_socket(socket)
    except (OSError, RuntimeError, ValueError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else str(error)
        raise FeedTrouble(f"{where} is not there: {reason}; is the player's user logged in?") from None
    async with stream:
        with patience(where):
            await _authenticate(stream, where)
        yield Bus(stream, where=where, clock=clock)


async def _authenticate(stream: trio.SocketStream, where: str) -> None:
    talk = Authenticator(inc_null_byte=False)
    try:
        await stream.send_all(b"\0")
        for line in talk:
            await stream.send_all(line)
            # A bus that has closed says nothing, for ever; a line that is none is refused.
            talk.feed(bytes(await stream.receive_some(_CHUNK_BYTES)) or b"closed\r\n")
        await stream.send_all(BEGIN)
    except (trio.BrokenResourceError, AuthenticationError):
        raise FeedTrouble(f"{where} does not let us in; run beatsync as the user who runs the player") from None
