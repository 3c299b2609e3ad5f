"""What a show takes of the machine: of its processors, by /proc/PID/stat, and of its memory, by /proc/PID/smaps_rollup.

A real daemon with its conductor, as `beatsync run` starts them; a shared page counts in parts to each process (PSS).
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from beatsync.control.client import ask_daemon
from beatsync.errors import ControlError
from bench.results import keep, load_now

SECONDS = 15
SETTLED = 3.0
ONE_DECK = """track: {bundled: demo}
clock: {start: now}
targets:
"""


@dataclass(frozen=True)
class Cost:
    """Shares of one core over some seconds; `memory`: megabytes of all processes together."""

    conductor: float
    daemon: float
    memory: float
    cues: int

    @property
    def both(self) -> float:
        """Of daemon and conductor together."""
        return self.conductor + self.daemon

    def record(self) -> dict[str, float]:
        """For the results' file."""
        return {
            "conductor": round(self.conductor, 4),
            "daemon": round(self.daemon, 4),
            "memory_mb": round(self.memory, 1),
            "cues_a_second": round(self.cues / SECONDS, 1),
        }


def one_deck(folder: Path, ports: list[int]) -> Path:
    """The demo's track with the default messages to three targets."""
    path = folder / "one.yaml"
    path.write_text(
        ONE_DECK + "".join(f"  t{number}: osc.udp://127.0.0.1:{port}\n" for number, port in enumerate(ports))
    )
    return path


def eight_decks(folder: Path, ports: list[int]) -> Path:
    """Eight decks at 174 bpm with sixteenth notes, each to eight targets."""
    period = 60 / 174
    times = [round(beat * period, 6) for beat in range(700)]
    document = {
        "asset_id": "1",
        "duration": 245,
        "bpm": 174,
        "beat_grid": {"times": times, "downbeats": times[::4]},
        "sections": [{"start": 0, "end": 240, "label": "Drop", "energy": 4}],
        "phrases": [],
    }
    (folder / "track.json").write_text(json.dumps(document))
    names = [f"t{number}" for number in range(len(ports))]
    lines = ["targets:"]
    lines += [
        f"  {name}: {{url: osc.udp://127.0.0.1:{port}, max_rate: 2000}}"
        for name, port in zip(names, ports, strict=True)
    ]
    send = f"send: {{to: [{', '.join(names)}], address: /sixteenth, args: [bar, beat]}}"
    lines += [f"rules: [{{on: every 1/4 beat, {send}}}]", "decks:"]
    lines += [
        f"  d{number}: {{track: {{file: track.json}}, clock: {{start: now}}, off_air: {{prefix: /off{number}}}}}"
        for number in range(8)
    ]
    path = folder / "eight.yaml"
    path.write_text("\n".join(lines) + "\n")
    return path


def measured(config: Path, folder: Path) -> Cost:
    """Play it for a while."""
    with running(config, folder) as (daemon, conductor):
        control = folder / "control.sock"
        time.sleep(SETTLED)
        before, due, begun = [_seconds(process) for process in (conductor, daemon)], _due(control), time.monotonic()
        time.sleep(SECONDS)
        after, taken = [_seconds(process) for process in (conductor, daemon)], time.monotonic() - begun
        shares = [(now - then) / taken for now, then in zip(after, before, strict=True)]
        memory = sum(_memory(process) for process in (conductor, daemon))
        return Cost(shares[0], shares[1], memory, _due(control) - due)


@contextmanager
def running(config: Path, folder: Path) -> Iterator[tuple[int, int]]:
    """A real daemon and its conductor, by their ids; its control socket is `control.sock` in the folder."""
    control = folder / "control.sock"
    own = {"SOCKET": control, "CACHE": folder / "cache", "STATE": folder / "state"}
    env = {**os.environ, **{f"BEATSYNC_{name}": str(path) for name, path in own.items()}}
    command = [sys.executable, "-m", "beatsync", "run", str(config)]
    with config.with_suffix(".log").open("wb") as log, subprocess.Popen(command, env=env, stderr=log) as daemon:
        try:
            yield daemon.pid, _conductor(control)
            ask_daemon(control, "quit")
            daemon.wait(10)
        finally:
            daemon.kill()


def _conductor(control: Path) -> int:
    for _ in range(200):
        try:
            process = int(ask_daemon(control, "status")["conductor"]["process"])
        except ControlError:
            process = 0
        if process:
            return process
        time.sleep(0.05)
    raise ControlError("the daemon did not start")


def _due(control: Path) -> int:
    return int(ask_daemon(control, "status")["due"])


def _seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(process: int) -> float:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def measure() -> dict[str, Cost]:
    """Both shows, printed."""
    costs: dict[str, Cost] = {}
    shows = (("one deck to three targets", one_deck, 3), ("eight decks to eight targets", eight_decks, 8))
    for name, show, count in shows:
        with TemporaryDirectory(prefix="beatsync-") as folder, ExitStack() as stack:
            ports = [_deaf(stack) for _ in range(count)]
            cost = costs[name] = measured(show(Path(folder), ports), Path(folder))
        print(
            f"{name}: {cost.cues / SECONDS:.0f} cues a second; {cost.conductor:.2%} of a core for the conductor, "
            f"{cost.daemon:.2%} for the daemon; {cost.memory:.0f} MB in all",
            flush=True,
        )
    return costs


def _deaf(stack: ExitStack) -> int:
    """A port that is bound and never read: nobody else's time is measured."""
    deaf = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    deaf.bind(("127.0.0.1", 0))
    return int(deaf.getsockname()[1])


def run() -> None:
    """Into the page."""
    load = load_now()
    keep("costs", {name: cost.record() for name, cost in measure().items()}, load)
