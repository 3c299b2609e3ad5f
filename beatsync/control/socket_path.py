"""Where the control socket is, for the daemon and for whoever talks to it."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from platformdirs import user_runtime_path

from beatsync.conductor.remote.spawning import SOCKET
from beatsync.errors import ControlError

SERVICE_SOCKET: Final = Path("/run/beatsync/control.sock")
"""Where systemd/beatsync.service has it."""

MOST_BYTES: Final = 107
"""Of the path of a Unix socket under Linux: unix(7), sun_path, less the zero at its end."""


def control_socket_path(environment: Mapping[str, str]) -> Path:
    """BEATSYNC_SOCKET, else in the service's runtime directory, else in the user's own."""
    if chosen := environment.get("BEATSYNC_SOCKET"):
        return Path(chosen)
    if service := environment.get("RUNTIME_DIRECTORY"):
        return Path(service.partition(":")[0]) / "control.sock"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there is no XDG_RUNTIME_DIR, as under cron, concerns nobody here
        return user_runtime_path("beatsync") / "control.sock"


def running_socket_path(environment: Mapping[str, str], service: Path = SERVICE_SOCKET) -> Path:
    """Where to talk to a daemon: at this user's own socket, or where there is none at the service's.

    Raises ControlError where only the service's may be there, and not for this user.
    """
    own = control_socket_path(environment)
    if environment.get("BEATSYNC_SOCKET") or own.exists():
        return own
    try:
        service.stat()
    except PermissionError:
        reason = f"no beatsync of your own is running, and the service's socket {service} is not for you; try sudo"
        raise ControlError(reason) from None
    except OSError:
        return own
    return service


def conductor_directory(control_socket: Path) -> Path:
    """Where the conductor of that daemon serves and keeps its journal.

    Raises ControlError where the path of its socket, the longer of the two, is longer than a socket's can be.
    """
    directory = control_socket.with_suffix(".conductor")
    length = len(os.fsencode(directory / SOCKET))
    if length > MOST_BYTES:
        raise ControlError(
            f"control socket {control_socket}: the conductor's beside it has a path of {length} bytes, and a socket's "
            f"has at most {MOST_BYTES}; set BEATSYNC_SOCKET to a shorter path"
        )
    return directory
