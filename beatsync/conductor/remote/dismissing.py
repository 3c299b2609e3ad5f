"""A conductor that no daemon has any more: whether there is one, and telling it to leave."""

from __future__ import annotations

import socket
import struct
from pathlib import Path
from typing import Final

from beatsync.conductor.remote.spawning import SOCKET
from beatsync.conductor.wire.messages import Leave, encode

_PATIENCE_SECONDS: Final = 3.0


def is_conductor_at(directory: Path) -> bool:
    """Whether one serves in `directory`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(str(directory / SOCKET)) == 0


def dismiss_conductor(directory: Path) -> bool:
    """Have the conductor in `directory` end every look and itself; returns whether there was one."""
    leave = encode(Leave())
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_PATIENCE_SECONDS)
        try:
            connection.connect(str(directory / SOCKET))
            connection.sendall(struct.pack("<I", len(leave)) + leave)
            connection.recv(1)
        except OSError:
            return False
    return True
