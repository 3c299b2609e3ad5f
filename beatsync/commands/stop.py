"""`beatsync stop --all`: the daemon and its conductor, or whichever of them is there."""

from __future__ import annotations

from collections.abc import Mapping

from beatsync.conductor.remote.dismissing import dismiss_conductor
from beatsync.control.client import ask_daemon
from beatsync.control.socket_path import conductor_directory, control_socket_path
from beatsync.errors import ControlError


def stop_everything(environment: Mapping[str, str]) -> str:
    """End both; returns what was ended. Raises ControlError where neither is running."""
    path = control_socket_path(environment)
    try:
        ask_daemon(path, "quit")
    except ControlError:
        if not dismiss_conductor(conductor_directory(path)):
            raise
        return "the conductor was ended; there was no daemon"
    return "the daemon and its conductor were ended"
