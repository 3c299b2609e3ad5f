"""mpv with the mpv-mpris script on a private bus, without window or sound card."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.needs import needs

SCRIPT = Path("/usr/lib/mpv-mpris/mpris.so")
PATIENCE_SECONDS = 30.0
TRIES = 3_000


@dataclass
class MpvMpris:
    """A running mpv, told what to do over its JSON socket, which is no part of what is tested."""

    process: subprocess.Popen[bytes]
    control: socket.socket

    def do(self, *command: object) -> Any:
        """Have it do something; returns what it answers with, None where it does not do it."""
        self.control.sendall(json.dumps({"command": command, "request_id": 1}).encode() + b"\n")
        received = b""
        while True:
            received += self.control.recv(65_536)
            *lines, received = received.split(b"\n")
            for answer in map(json.loads, lines):
                if answer.get("request_id") == 1 and "error" in answer:
                    return answer.get("data")


@contextmanager
def mpv_mpris(folder: Path, bus: str, track: Path, *options: str) -> Iterator[MpvMpris]:
    """An mpv that plays `track`, on the bus at the address `bus`. `folder`: for its socket."""
    if not SCRIPT.exists():
        needs("mpv-mpris", str(SCRIPT))
    path = folder / "mpv.sock"
    path.unlink(missing_ok=True)
    command = [
        *(needs("mpv", "mpv"), "--no-config", "--no-terminal", "--vid=no", "--idle=yes", "--ao=null"),
        *(f"--script={SCRIPT}", f"--input-ipc-server={path}", *options, str(track)),
    ]
    environment = os.environ | {"DBUS_SESSION_BUS_ADDRESS": bus}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            with socket.socket(socket.AF_UNIX) as control:
                _connect(control, path, process)
                yield MpvMpris(process, control)
        finally:
            process.kill()


def _connect(control: socket.socket, path: Path, process: subprocess.Popen[bytes]) -> None:
    """Connect once mpv listens."""
    control.settimeout(PATIENCE_SECONDS)
    for _ in range(TRIES):
        with suppress(FileNotFoundError, ConnectionRefusedError):
            control.connect(str(path))
            return
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.01)
            break
    pytest.fail("mpv did not start")
