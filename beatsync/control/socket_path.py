"""Where the control socket is, the same for the daemon and for whoever talks to it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path

from platformdirs import user_runtime_path


def control_socket_path(environment: Mapping[str, str]) -> Path:
    """BEATSYNC_SOCKET, else in the service's runtime directory, else in the user's own."""
    if chosen := environment.get("BEATSYNC_SOCKET"):
        return Path(chosen)
    if service := environment.get("RUNTIME_DIRECTORY"):
        return Path(service.partition(":")[0]) / "control.sock"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there is no XDG_RUNTIME_DIR, as under cron, concerns nobody here
        return user_runtime_path("beatsync") / "control.sock"


def conductor_directory(control_socket: Path) -> Path:
    """Where the conductor of that daemon serves and keeps its journal."""
    return control_socket.with_suffix(".conductor")
