"""A show whose daemon and conductor are killed again and again while it plays, and what arrived of it."""

from __future__ import annotations

import os
import random
import signal
import socket
import time
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

from pythonosc.osc_message import OscMessage

from beatsync.conductor.conductor import DIED_SENDING
from beatsync.control.client import ask_daemon
from beatsync.errors import ControlError
from tests.system.oscdump import write_track
from tests.system.program import Running, conductor_of, environment, running
from tests.system.shows import short_document, write_show

RULES = """rules:
  - {name: beat, on: beat, send: {to: beats, address: /beat, args: [bar, beat]}}
  - {name: look, on: section, send: {to: looks, address: "/section/{label}", args: [1], end: {args: [0]}}}
"""
BEATS_A_SECOND = 20


@dataclass
class Receiver:
    """A UDP port whose packets are kept by a thread."""

    sink: socket.socket = field(default_factory=lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    arrived: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.sink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.sink.bind(("127.0.0.1", 0))
        self.port = int(self.sink.getsockname()[1])
        self.reader = Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        while packet := self.sink.recv(4096):
            message = OscMessage(packet)
            self.arrived[" ".join([message.address, *map(str, message.params)])] += 1

    def close(self) -> None:
        """Stop listening, once everything that was sent has been read."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))
        self.reader.join()
        self.sink.close()


@dataclass
class Aftermath:
    """What arrived, what the conductor's books say, and what the daemons' logs say of doubtful cues."""

    arrived: Counter[str]
    status: dict[str, Any]
    doubtful: Counter[str]
    seconds: float


def play_and_kill(folder: Path, *, kills: int, seed: int) -> Aftermath:
    """Kill one of the two `kills` times in a row while a long track plays; then stop, and look at what is left."""
    chance = random.Random(seed)
    write_track(folder, short_document(seconds=900.0, bpm=BEATS_A_SECOND * 60))
    env = environment(folder)
    receiver = Receiver()
    config = write_show(folder, receiver.port, rules=RULES)
    one, both = "lights: 'osc.udp://{0}'", "beats: 'osc.udp://{0}', looks: 'osc.udp://{0}'"
    address = f"127.0.0.1:{receiver.port}"
    config.write_text(config.read_text().replace(one.format(address), both.format(address)))
    daemons: list[Running] = []
    begun = time.monotonic()
    with ExitStack() as stack:
        daemons.append(stack.enter_context(running(config, env=env)))
        daemons[-1].wait_for("cue", 3)
        for _ in range(kills):
            time.sleep(chance.uniform(0.05, 0.6))
            if chance.random() < 0.5:
                daemons[-1].process.kill()
                daemons[-1].wait()
                daemons.append(stack.enter_context(running(config, env=env)))
                if chance.random() < 0.5:
                    daemons[-1].wait_for("armed")
            else:
                with suppress(ControlError, ProcessLookupError):
                    if is_listening(Path(env["BEATSYNC_SOCKET"])):
                        os.kill(conductor_of(env), signal.SIGKILL)
        daemons[-1].wait_for("armed")
        daemons[-1].wait_for("cue", 3)
        ask_daemon(Path(env["BEATSYNC_SOCKET"]), "stop")
        time.sleep(1.0)
        status = dict(ask_daemon(Path(env["BEATSYNC_SOCKET"]), "status"))
        daemons[-1].process.terminate()
        daemons[-1].wait()
    receiver.close()
    doubtful = Counter(
        " ".join([cue["address"], *(str(value) for value in cue["args"])])
        for daemon in daemons
        for cue in daemon.of("cue")
        if cue.get("reason") == DIED_SENDING
    )
    return Aftermath(receiver.arrived, status, doubtful, time.monotonic() - begun)


def is_listening(path: Path) -> bool:
    """Whether anybody answers there. (httpx leaves a socket open that could not connect.)"""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(str(path)) == 0
