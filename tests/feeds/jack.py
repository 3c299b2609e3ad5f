"""A JACK server without hardware, of the test's own: real MIDI and audio on a machine that has neither."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.needs import needs

RATE = 48_000


@contextmanager
def jack_server(monkeypatch: pytest.MonkeyPatch, *, period: int = 256) -> Iterator[str]:
    """Its name. Clients of this process find it by JACK's own environment variable."""
    command = needs("jackd2", "jackd")
    name = f"beatsync-test-{os.getpid()}"
    monkeypatch.setenv("JACK_DEFAULT_SERVER", name)
    monkeypatch.setenv("JACK_NO_AUDIO_RESERVATION", "1")
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
