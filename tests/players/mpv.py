"""mpv without window, terminal or sound card, told what to do over a socket of its own."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import AF_UNIX, socket
from threading import Event
from typing import Any, BinaryIO

from tests.needs import needs

PATIENCE_SECONDS = 30.0
SILENT_VIDEO = "av://lavfi:testsrc=duration=60:rate=25"
"""A video of mpv's own making, without sound, 25 frames a second."""


class MpvRefused(Exception):
    """mpv did not do what it was told; the text is mpv's own."""


@dataclass
class Mpv:
    """A running mpv. Its commands wait for mpv's answer, which takes about a millisecond."""

    process: subprocess.Popen[bytes]
    address: str
    _connection: socket = field(default_factory=lambda: socket(AF_UNIX))
    _lines: BinaryIO | None = None
    _requests: int = 0

    def command(self, *words: str | float) -> Any:
        """What mpv answers. Raises MpvRefused, also where it has no answer (`property unavailable`)."""
        self._requests += 1
        self._connection.sendall(json.dumps({"command": words, "request_id": self._requests}).encode() + b"\n")
        while True:
            answer = json.loads(self._line())
            if answer.get("request_id") == self._requests and "error" in answer:
                break
        if answer["error"] != "success":
            raise MpvRefused(answer["error"])
        return answer.get("data")

    def load(self, file: Path | str, how: str = "replace") -> None:
        """Play a file: instead of what is played, or after it (`append-play`)."""
        self.command("loadfile", str(file), how)

    def pause(self) -> None:
        """Stand still."""
        self.command("set_property", "pause", True)

    def resume(self) -> None:
        """Go on."""
        self.command("set_property", "pause", False)

    def seek(self, seconds: float) -> None:
        """Go to a position, exactly."""
        self.command("seek", seconds, "absolute+exact")

    def speed(self, speed: float) -> None:
        """Play so many times as fast as recorded."""
        self.command("set_property", "speed", speed)

    def stop(self) -> None:
        """Play nothing; the playlist is emptied."""
        self.command("stop")

    def quit(self) -> None:
        """End it in its own way, and wait."""
        self.command("quit")
        self.process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        """End it in no way of its own, and wait."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE_SECONDS)

    def position(self) -> float | None:
        """Its own exact reading of where it is, in seconds; None where it has none now."""
        try:
            return float(self.command("get_property", "audio-pts"))
        except MpvRefused:
            return None

    def another(self) -> Mpv:
        """The same mpv on a connection of its own, for another thread."""
        other = Mpv(self.process, self.address)
        other.connect()
        return other

    def connect(self) -> None:
        """Reach it, once it listens."""
        for _ in range(round(PATIENCE_SECONDS / 0.01)):
            try:
                self._connection.connect(self.address.replace("@", "\0", 1))
            except (FileNotFoundError, ConnectionRefusedError):
                assert self.process.poll() is None, "mpv ended by itself"
                Event().wait(0.01)
            else:
                self._connection.settimeout(PATIENCE_SECONDS)
                self._lines = self._connection.makefile("rb")
                return
        raise AssertionError("mpv does not listen")

    def hang_up(self) -> None:
        """Close this connection; it plays on."""
        if self._lines is not None:
            self._lines.close()
        self._connection.close()

    def close(self) -> None:
        """Kill it if it still runs."""
        if self.process.poll() is None:
            self.kill()
        self.hang_up()

    def _line(self) -> bytes:
        assert self._lines is not None
        line = self._lines.readline()
        assert line, "mpv has closed its socket"
        return line


@contextmanager
def running_mpv(address: Path | str, *options: str) -> Iterator[Mpv]:
    """An idle mpv that listens on a Unix socket, for as long as the context lasts. `address`: a path, or `@name`."""
    command = [
        needs("mpv", "mpv"),
        *("--no-config", "--no-terminal", "--idle=yes", "--ao=null", "--vo=null"),
        *("--vid=no", f"--input-ipc-server={address}", *options),
    ]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        mpv = Mpv(process, str(address))
        try:
            mpv.connect()
            yield mpv
        finally:
            mpv.close()
