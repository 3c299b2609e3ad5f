"""Which process has a port of this machine, as far as the system tells: for the message that it cannot be had."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_LISTENING: Final = {"tcp": "0A", "udp": "07"}
"""The states of sockets that listen, or are bound and connected to nobody, as /proc/net writes them."""


def holder_of(port: int, carrier: str) -> str:
    """`process 123 (oscdump)`; empty where it cannot be told, as of another user's. `carrier`: `tcp` or `udp`."""
    sockets = {f"socket:[{inode}]" for inode in _inodes(port, carrier)}
    for process in _PROC.glob("[0-9]*") if sockets else ():
        with suppress(OSError):
            if any(str(link.readlink()) in sockets for link in (process / "fd").iterdir()):
                return f"process {process.name} ({(process / 'comm').read_text().strip()})"
    return ""


def _inodes(port: int, carrier: str) -> Iterator[str]:
    for table in (carrier, f"{carrier}6"):
        with suppress(OSError):
            for line in (_PROC / "net" / table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENING[carrier] and int(fields[1].rpartition(":")[2], 16) == port:
                    yield fields[9]


def why_not(error: OSError, port: int, carrier: str) -> str:
    """Why a port cannot be had, in words."""
    reason = (error.strerror or str(error)).lower()
    if error.errno != errno.EADDRINUSE:
        return reason
    holder = holder_of(port, carrier)
    return f"{reason} by {holder}" if holder else f"{reason}; is another program using it?"
