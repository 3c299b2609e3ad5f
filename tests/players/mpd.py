"""MPD without a sound card, with a configuration, a database and a music folder of its own."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import AF_UNIX, socket
from threading import Event
from typing import BinaryIO

from tests.needs import needs

PATIENCE_SECONDS = 30.0
CONFIGURATION = """\
music_directory "{folder}/music"
playlist_directory "{folder}"
db_file "{folder}/database"
log_file "{folder}/log"
bind_to_address "{folder}/socket"
{more}
zeroconf_enabled "no"
connection_timeout "86400"
audio_output {{
{output}
}}
"""
NOWHERE = """\
  type "null"
  name "nowhere"
  sync "yes"
"""
JACK = """\
  type "jack"
  name "sound"
  client_name "mpd"
"""


class MpdRefused(Exception):
    """MPD did not do what it was told; the text is MPD's own."""


@dataclass
class Mpd:
    """A running MPD. Its commands wait for MPD's answer, which takes about a millisecond."""

    process: subprocess.Popen[bytes]
    folder: Path
    _connection: socket = field(default_factory=lambda: socket(AF_UNIX))
    _lines: BinaryIO | None = None

    @property
    def address(self) -> str:
        """Where it listens."""
        return str(self.folder / "socket")

    def command(self, line: str) -> Mapping[str, str]:
        """What MPD answers. Raises MpdRefused."""
        self._connection.sendall(line.encode() + b"\n")
        pairs: dict[str, str] = {}
        while True:
            answer = self._line()
            if answer == "OK":
                return pairs
            if answer.startswith("ACK"):
                raise MpdRefused(answer)
            key, _, value = answer.partition(": ")
            pairs.setdefault(key, value)

    def enqueue(self, *names: str) -> None:
        """Play these files of the music folder after what is there already, once it is told to play."""
        self.command("update")
        for _ in range(round(PATIENCE_SECONDS / 0.01)):
            if "updating_db" not in self.command("status"):
                break
            Event().wait(0.01)
        for name in names:
            self.command(f'add "{name}"')

    def play(self, place: int = 0) -> None:
        """Play a song of the queue, from 0."""
        self.command(f"play {place}")

    def pause(self) -> None:
        """Stand still."""
        self.command("pause 1")

    def resume(self) -> None:
        """Go on."""
        self.command("pause 0")

    def seek(self, seconds: float) -> None:
        """Go to a position in the song. Just after it was told to play MPD may not have opened it yet."""
        for _ in range(round(PATIENCE_SECONDS / 0.01)):
            try:
                self.command(f"seekcur {seconds}")
            except MpdRefused as refusal:
                if "Not seekable" not in str(refusal):
                    raise
                Event().wait(0.01)
            else:
                return
        raise MpdRefused(f"not seekable within {PATIENCE_SECONDS} s")

    def next(self) -> None:
        """Skip to the next song of the queue."""
        self.command("next")

    def stop(self) -> None:
        """Play nothing."""
        self.command("stop")

    def position(self) -> float | None:
        """Its own reading of where it is, in seconds; None where it has none."""
        elapsed = self.command("status").get("elapsed")
        return None if elapsed is None else float(elapsed)

    def another(self) -> Mpd:
        """The same MPD on a connection of its own, for another thread."""
        other = Mpd(self.process, self.folder)
        other.connect("")
        return other

    def quit(self) -> None:
        """End it in its own way, and wait."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it in no way of its own, and wait."""
        self._end(signal.SIGKILL)

    def connect(self, password: str) -> None:
        """Reach it, once it listens."""
        for _ in range(round(PATIENCE_SECONDS / 0.01)):
            try:
                self._connection.connect(self.address)
            except (FileNotFoundError, ConnectionRefusedError):
                assert self.process.poll() is None, "mpd ended by itself"
                Event().wait(0.01)
            else:
                self._connection.settimeout(PATIENCE_SECONDS)
                self._lines = self._connection.makefile("rb")
                assert self._line().startswith("OK MPD")
                if password:
                    self.command(f'password "{password}"')
                return
        raise AssertionError("mpd does not listen")

    def hang_up(self) -> None:
        """Close this connection; it plays on."""
        if self._lines is not None:
            self._lines.close()
        self._connection.close()

    def close(self) -> None:
        """Kill it if it still runs."""
        self.kill()
        self.hang_up()

    def _end(self, number: signal.Signals) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(PATIENCE_SECONDS)

    def _line(self) -> str:
        assert self._lines is not None
        line = self._lines.readline()
        assert line, "mpd has closed its socket"
        return line.decode().rstrip("\n")


@contextmanager
def running_mpd(
    folder: Path, *, port: int | None = None, abstract: str = "", password: str = "", output: str = NOWHERE
) -> Iterator[Mpd]:
    """An MPD on `folder`/socket that plays what is in `folder`/music to `output`, for as long as the context lasts.

    `port`: of 127.0.0.1, `abstract`: a name such as `@mpd`, to listen there too; `password`: nothing goes without it.
    """
    (folder / "music").mkdir(exist_ok=True)
    (folder / "socket").unlink(missing_ok=True)
    more = [f'bind_to_address "127.0.0.1:{port}"'] if port is not None else []
    more += [f'bind_to_address "{abstract}"'] if abstract else []
    more += [f'password "{password}@read,add,control,admin"', 'default_permissions ""'] if password else []
    configuration = folder / "mpd.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, more="\n".join(more), output=output))
    command = [*_without_privileges(), needs("mpd", "mpd"), "--no-daemon", str(configuration)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet) as process:
        mpd = Mpd(process, folder)
        try:
            mpd.connect(password)
            yield mpd
        finally:
            mpd.close()


def _without_privileges() -> list[str]:
    """Root's MPD would take real-time priority, and the test with it."""
    if os.geteuid() != 0:
        return []
    return [needs("util-linux", "setpriv"), "--inh-caps=-sys_nice", "--bounding-set=-sys_nice"]
