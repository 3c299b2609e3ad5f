"""What a service manager is told: one datagram to systemd's notify socket (sd_notify(3)). Without one, nothing."""

from __future__ import annotations

import socket
from collections.abc import Mapping


def notify(state: str, environment: Mapping[str, str]) -> bool:
    """Tell systemd `state` (`READY=1`, `STOPPING=1`, `STATUS=...`); returns whether anybody was told.

    A manager that cannot be reached is not worth a show: errors are swallowed on purpose.
    """
    address = environment.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    path = "\0" + address[1:] if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.settimeout(0)
            sender.sendto(state.encode(), path)
    except OSError:
        return False
    return True
