"""VLC with its web interface on loopback, and on a private bus if there is one; without window or sound card."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from tests.needs import needs
from tests.system.oscdump import free_port

PATIENCE_SECONDS = 30.0
TRIES = 600
PASSWORD = "hunter2-of-the-tests"
NOBODY = 65_534


@dataclass
class Vlc:
    """A running VLC."""

    process: subprocess.Popen[bytes]
    port: int

    def pause(self) -> None:
        """Stand still."""
        self.do("pl_forcepause")

    def resume(self) -> None:
        """Go on."""
        self.do("pl_forceresume")

    def seek(self, seconds: float) -> None:
        """Go to a whole second: it takes no other."""
        self.do(f"seek&val={round(seconds)}s")

    def speed(self, speed: float) -> None:
        """Play so many times as fast as recorded."""
        self.do(f"rate&val={speed}")

    def do(self, command: str) -> None:
        """Have it do something: `pl_pause`, `seek&val=60s`, `rate&val=1.25`."""
        request = Request(f"http://127.0.0.1:{self.port}/requests/status.json?command={command}")
        request.add_header("Authorization", f"Basic {b64encode(f':{PASSWORD}'.encode()).decode()}")
        urlopen(request, timeout=PATIENCE_SECONDS).close()


@contextmanager
def vlc(track: Path, *, bus: str | None = None, password: str = PASSWORD) -> Iterator[Vlc]:
    """A VLC that plays a copy of `track`, ready when the context is entered. `bus`: the address of a session bus."""
    port = free_port(socket.SOCK_STREAM)
    with tempfile.TemporaryDirectory(prefix="beatsync-vlc-", dir="/tmp") as home:
        played = Path(shutil.copy(track, home))
        if os.geteuid() == 0:
            os.chown(home, NOBODY, NOBODY)
            played.chmod(0o644)
        command = [
            *_as_somebody(),
            *(needs("vlc-bin", "cvlc"), "--no-video", "--aout=adummy", "--intf=http", "--http-host=127.0.0.1"),
            *(f"--http-port={port}", f"--http-password={password}", str(played)),
        ]
        environment = os.environ | {"HOME": home, "DBUS_SESSION_BUS_ADDRESS": bus or "unix:path=/nonexistent"}
        with subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            try:
                player = Vlc(process, port)
                _wait_ready(player)
                yield player
            finally:
                process.kill()


def _as_somebody() -> tuple[str, ...]:
    """VLC refuses root."""
    if os.geteuid() != 0:
        return ()
    return (needs("util-linux", "setpriv"), f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


def _wait_ready(player: Vlc) -> None:
    for _ in range(TRIES):
        with suppress(URLError, OSError):
            player.do("")
            return
        with suppress(subprocess.TimeoutExpired):
            player.process.wait(0.05)
            break
    pytest.fail("VLC did not start")
