"""A JACK server without hardware, of the test's own: real MIDI and audio on a machine that has neither."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.needs import needs

RATE = 48_000


@contextmanager
def jack_server(setenv: Callable[[str, str], object], *, period: int = 1024) -> Iterator[str]:
    """Its name. `setenv`: clients of this process find it by JACK's own environment variable."""
    command = needs("jackd2", "jackd")
    name = f"beatsync-test-{os.getpid()}"
    setenv("JACK_DEFAULT_SERVER", name)
    setenv("JACK_NO_AUDIO_RESERVATION", "1")
    driver = ["-d", "dummy", "-r", str(RATE), "-p", str(period)]
    server = subprocess.Popen(
        [command, "-n", name, "--no-realtime", *driver],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        subprocess.run(["jack_wait", "-s", name, "-w", "-t", "30"], check=True, stdout=subprocess.DEVNULL)
        yield name
    finally:
        server.terminate()
        server.wait()
        for left_over in Path("/dev/shm").glob(f"jack*_{name}_*"):
            left_over.unlink(missing_ok=True)


@contextmanager
def mpv_playing(tape: Path, name: str) -> Iterator[None]:
    """A player whose sound goes to JACK, where it is an input for others."""
    command = needs("mpv", "mpv")
    options = ["--no-config", "--no-video", "--no-terminal", "--loop", "--audio-channels=mono"]
    player = subprocess.Popen(
        [command, *options, "--ao=jack", f"--jack-name={name}", str(tape)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        player.terminate()
        player.wait()
