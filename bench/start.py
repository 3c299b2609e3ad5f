"""From the command to the first cue able to fire: READY=1 of `beatsync run`, with nothing running and nothing kept.

As installed: with its bytecode, which pip writes, and which the first start out of a clone writes.
"""

from __future__ import annotations

import compileall
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.results import keep, load_now

ROUNDS = 10
ROOT = Path(__file__).parent.parent


def run() -> None:
    """Print the seconds of each start of the demo's configuration, and their median; into the page."""
    load = load_now()
    compileall.compile_dir(ROOT / "beatsync", quiet=1)
    seconds = sorted(_started() for _ in range(ROUNDS))
    print(f"start to READY=1: median {median(seconds):.2f} s, {seconds[0]:.2f} to {seconds[-1]:.2f} s, {ROUNDS} rounds")
    keep("start", {"median": round(median(seconds), 3), "worst": round(seconds[-1], 3), "rounds": ROUNDS}, load)


def _started() -> float:
    with TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"{folder}/notify.sock")
        manager.settimeout(30)
        own = {"NOTIFY_SOCKET": "notify.sock", "BEATSYNC_SOCKET": "control.sock", "BEATSYNC_STATE": "state"}
        env = {**os.environ, **{name: f"{folder}/{path}" for name, path in own.items()}}
        command = [sys.executable, "-m", "beatsync", "run", str(ROOT / "configs" / "demo.yaml")]
        begun = time.monotonic()
        with subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL) as daemon:
            manager.recv(4096)
            taken = time.monotonic() - begun
            daemon.send_signal(signal.SIGTERM)
        return taken
