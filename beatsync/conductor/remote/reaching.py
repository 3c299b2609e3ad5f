"""Reaching a conductor: knocking at its socket, starting one where nobody answers, presenting ourselves."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import trio

from beatsync import __version__
from beatsync.conductor.remote.spawning import LOG, SOCKET, Starter
from beatsync.conductor.wire.channel import Channel
from beatsync.conductor.wire.messages import PROTOCOL, Hello, Refusal, Welcome, encode, read_from_conductor
from beatsync.core.limits import MAX_SCHEDULE_BYTES
from beatsync.errors import ControlError

START_SECONDS: Final = 20
"""How long a conductor may take to start on the slowest of machines."""

_KNOCK_SECONDS: Final = 0.02


class Reaching:
    """Finds the conductor of one directory."""

    def __init__(self, directory: Path, starter: Starter | None, remark: Callable[[str], None]) -> None:
        """`starter`: starts one there, None where systemd does; `remark`: what people should know."""
        self._directory = directory
        self._starter = starter
        self._remark = remark

    async def conductor(self) -> tuple[Channel, Welcome]:
        """One that has said welcome. Raises ControlError where none can be had, or another daemon has it."""
        with trio.move_on_after(START_SECONDS):
            while True:
                channel = self._connected()
                if channel is not None:
                    welcome = await self._present(channel)
                    if welcome is not None:
                        return channel, welcome
                elif self._starter is not None:
                    self._starter.start(self._directory)
                await trio.sleep(_KNOCK_SECONDS)
        said = f"; what it said is in {self._directory / LOG}" if self._starter else "; is its unit running?"
        raise ControlError(
            f"no conductor answers at {self._directory / SOCKET} within {START_SECONDS} s{said}",
        )

    def _connected(self) -> Channel | None:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(str(self._directory / SOCKET))
        except OSError:
            connection.close()
            return None
        return Channel(connection, max_backlog=MAX_SCHEDULE_BYTES * 4)

    async def _present(self, channel: Channel) -> Welcome | None:
        """Present ourselves; None where the conductor is leaving."""
        channel.post(encode(Hello(PROTOCOL, __version__)))
        frame = await channel.receive()
        answer = None if frame is None else _read(frame)
        if isinstance(answer, Welcome):
            if self._starter is not None:
                self._starter.use()
            return answer
        channel.close()
        if isinstance(answer, Refusal):
            if answer.busy:
                raise ControlError(f"the conductor at {self._directory}: {answer.reason}; stop that one first")
            self._remark(answer.reason)
        return None


def _read(frame: bytes) -> object:
    try:
        return read_from_conductor(frame)
    except msgspec.MsgspecError:
        return None
