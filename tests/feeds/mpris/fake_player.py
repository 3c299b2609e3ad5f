"""A player on a bus that plays nothing and does as it is told: what the worst of the real ones do, and worse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import trio
from jeepney import DBusAddress, new_error, new_method_return, new_signal  # type: ignore[import-untyped]
from jeepney.bus_messages import message_bus  # type: ignore[import-untyped]
from jeepney.io.trio import DBusConnection, open_dbus_connection  # type: ignore[import-untyped]
from jeepney.low_level import HeaderFields, MessageType  # type: ignore[import-untyped]

from beatsync.clock import SystemClock
from beatsync.core.units import HostNs
from beatsync.feeds.mpris.names import PREFIX

PATH = "/org/mpris/MediaPlayer2"
PLAYER = "org.mpris.MediaPlayer2.Player"
CLOCK = SystemClock()


def metadata(title: str, **more: tuple[str, object]) -> dict[str, tuple[str, object]]:
    """What tells one track from another."""
    return {"mpris:trackid": ("o", f"/track/{title}"), "xesam:title": ("s", title)} | {
        key.replace("_", ":", 1): value for key, value in more.items()
    }


@dataclass
class FakePlayer:
    """`position`: in microseconds, worked out when asked; by default it plays on from 0 as time does."""

    bus: str
    name: str = "fake"
    status: str = "Playing"
    rate: float = 1.0
    metadata: dict[str, tuple[str, object]] = field(default_factory=lambda: metadata("Song"))
    position: Callable[[], object] | None = None
    hangs: bool = False
    error: str | None = None
    vanishes_when_asked: bool = False
    asked: int = 0

    def __post_init__(self) -> None:
        """Playback starts now."""
        self.started = CLOCK.now()
        self._stands_at: int | None = None if self.status == "Playing" else 0
        self._connection: DBusConnection = None

    def place(self) -> int:
        """Where it is, in microseconds."""
        return self._stands_at if self._stands_at is not None else (CLOCK.now() - self.started) // 1_000

    def pause(self) -> None:
        """Stand still."""
        self._stands_at = self.place()
        self.status = "Paused"

    def resume(self) -> None:
        """Play on from where it stands."""
        self.jump(self.place())
        self._stands_at = None
        self.status = "Playing"

    def jump(self, microseconds: int) -> None:
        """Be somewhere else, without a word."""
        self.started = HostNs(CLOCK.now() - microseconds * 1_000)

    async def play(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Answer until cancelled; started once the name is on the bus."""
        self._connection = await open_dbus_connection(self.bus)
        async with self._connection:
            await self._connection.send(message_bus.RequestName(f"{PREFIX}{self.name}"))
            async for message in self._connection:
                if message.header.message_type is MessageType.method_return:
                    task_status.started()
                elif message.header.message_type is MessageType.method_call:
                    if self.vanishes_when_asked:
                        return
                    await self._answer(message)

    async def seeked(self, microseconds: int) -> None:
        """Announce a seek to there."""
        await self._send(new_signal(DBusAddress(PATH, interface=PLAYER), "Seeked", "x", (microseconds,)))

    async def changed(self, **properties: tuple[str, object]) -> None:
        """Announce a change."""
        address = DBusAddress(PATH, interface="org.freedesktop.DBus.Properties")
        await self._send(new_signal(address, "PropertiesChanged", "sa{sv}as", (PLAYER, properties, [])))

    async def _send(self, message: Any) -> None:
        await self._connection.send(message)

    async def _answer(self, call: Any) -> None:
        self.asked += 1
        if self.hangs:
            return
        if self.error:
            await self._send(new_error(call, self.error))
        elif call.header.fields[HeaderFields.member] == "GetAll":
            await self._send(new_method_return(call, "a{sv}", (self._properties(),)))
        elif call.body[1] in self._properties():
            await self._send(new_method_return(call, "v", (self._properties()[call.body[1]],)))
        else:
            await self._send(new_error(call, "org.freedesktop.DBus.Error.UnknownProperty"))

    def _properties(self) -> dict[str, tuple[str, object]]:
        position = self.position() if self.position else self.place()
        return {
            "PlaybackStatus": ("s", self.status),
            "Rate": ("d", self.rate),
            "Metadata": ("a{sv}", self.metadata),
            "Position": position if isinstance(position, tuple) else ("x", position),
        }
