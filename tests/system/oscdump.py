"""liblo's oscdump as an independent receiver: what it prints is what arrived."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Thread

from pythonosc.osc_message_builder import OscMessageBuilder

from tests.needs import needs

PATIENCE_SECONDS = 30.0
_PROBE = OscMessageBuilder("/probe").build().dgram


@dataclass
class Oscdump:
    """A running oscdump. `messages` are its lines without the time, such as `/downbeat i 3`."""

    port: int
    messages: list[str] = field(default_factory=list)
    arrived: Condition = field(default_factory=Condition)

    def wait_for(self, count: int, prefix: str = "/") -> list[str]:
        """The messages that start with `prefix`, once there are at least `count` of them."""

        def matching() -> list[str]:
            return [message for message in self.messages if message.startswith(prefix)]

        with self.arrived:
            assert self.arrived.wait_for(lambda: len(matching()) >= count, PATIENCE_SECONDS), self.messages[-5:]
            return matching()

    def read(self, process: subprocess.Popen[str]) -> None:
        """Collect its lines until it ends."""
        assert process.stdout is not None
        for line in process.stdout:
            with self.arrived:
                self.messages.append(line.strip().partition(" ")[2])
                self.arrived.notify_all()


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    """A port of 127.0.0.1 that nobody uses at the moment."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def oscdump() -> Iterator[Oscdump]:
    """An oscdump that listens on a free UDP port, ready when the context is entered."""
    receiver = Oscdump(free_port())
    with _listening(receiver, str(receiver.port)):
        _wait_ready(receiver)
        yield receiver


@contextmanager
def oscdump_tcp() -> Iterator[Oscdump]:
    """An oscdump that listens on a free TCP port and finds out the framing by itself. It may not listen yet."""
    receiver = Oscdump(free_port(socket.SOCK_STREAM))
    with _listening(receiver, f"osc.tcp://:{receiver.port}"):
        yield receiver


@contextmanager
def _listening(receiver: Oscdump, address: str) -> Iterator[None]:
    command = [needs("liblo-tools", "oscdump"), "-L", address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        reader = Thread(target=receiver.read, args=(process,), daemon=True)
        reader.start()
        try:
            yield
        finally:
            process.terminate()
            reader.join()


def _wait_ready(receiver: Oscdump) -> None:
    """Probe until a probe has arrived, then forget them all."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender, receiver.arrived:
        for _ in range(600):
            sender.sendto(_PROBE, ("127.0.0.1", receiver.port))
            if receiver.arrived.wait_for(lambda: bool(receiver.messages), 0.05):
                break
        else:
            raise AssertionError("oscdump did not start")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(OscMessageBuilder("/ready").build().dgram, ("127.0.0.1", receiver.port))
    receiver.wait_for(1, "/ready")
    with receiver.arrived:
        receiver.messages.clear()


def write_track(folder: Path, document: str, name: str = "track.json") -> Path:
    """A track document in `folder`."""
    path = folder / name
    path.write_text(document)
    return path
