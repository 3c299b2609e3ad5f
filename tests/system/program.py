"""Starting beatsync as a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Thread
from typing import Any

from beatsync.conductor.remote.dismissing import dismiss_conductor
from beatsync.control.client import ask_daemon
from beatsync.control.socket_path import conductor_directory

PATIENCE_SECONDS = 30.0
Record = Mapping[str, Any]


def environment(folder: Path, **extra: str) -> dict[str, str]:
    """An environment in which nothing of the user's own is read or written."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AUDIOSCAPE", "BEATSYNC", "NOTIFY"))}
    own = {"CACHE": "cache", "STATE": "state", "SOCKET": "control.sock"}
    return {**kept, **{f"BEATSYNC_{name}": str(folder / path) for name, path in own.items()}, **extra}


def beatsync(*arguments: str | Path, env: Mapping[str, str], stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "beatsync", *map(str, arguments)],
        env=dict(env),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS * 2,
        check=False,
    )


def conductor_of(env: Mapping[str, str]) -> int:
    """The id of the running daemon's conductor."""
    return int(ask_daemon(Path(env["BEATSYNC_SOCKET"]), "status")["conductor"]["process"])


def conductors_of(env: Mapping[str, str]) -> list[int]:
    """The conductors of this show that are there, also those that are only starting."""
    directory = str(conductor_directory(Path(env["BEATSYNC_SOCKET"]))).encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            arguments = path.read_bytes().split(b"\0")
            if b"beatsync.conductor" in arguments and directory in arguments:
                found.append(int(path.parent.name))
    return found


@dataclass
class Running:
    """A running `beatsync run`, with its log as records."""

    process: subprocess.Popen[str]
    records: list[Record] = field(default_factory=list)
    logged: Condition = field(default_factory=Condition)

    def read(self) -> None:
        """Collect the log until the process ends."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self.logged:
                self.records.append(json.loads(line) if line.startswith("{") else {"event": "text", "text": line})
                self.logged.notify_all()

    def of(self, event: str) -> list[Record]:
        """The records of one kind so far."""
        return [record for record in self.records if record["event"] == event]

    def wait_for(self, event: str, count: int = 1) -> list[Record]:
        """The records of one kind, once there are at least `count`."""
        with self.logged:
            assert self.logged.wait_for(lambda: len(self.of(event)) >= count, PATIENCE_SECONDS), self.records[-5:]
            return self.of(event)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def wait(self) -> int:
        """Its exit code, once it has ended by itself."""
        return self.process.wait(PATIENCE_SECONDS)


@contextmanager
def running(config: Path, *options: str, env: Mapping[str, str], prefix: tuple[str, ...] = ()) -> Iterator[Running]:
    """`beatsync run` for as long as the context lasts; ended by force if it has not ended by itself."""
    command = [*prefix, sys.executable, "-m", "beatsync", "run", str(config), "--log-format", "json", *options]
    null, pipe = subprocess.DEVNULL, subprocess.PIPE
    with subprocess.Popen(command, env=dict(env), text=True, stdin=null, stderr=pipe) as process:
        run = Running(process)
        reader = Thread(target=run.read, daemon=True)
        reader.start()
        try:
            yield run
        finally:
            process.kill()
            reader.join()
            dismiss_conductor(conductor_directory(Path(env["BEATSYNC_SOCKET"])))
