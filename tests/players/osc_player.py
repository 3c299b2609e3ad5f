"""A player of the test's own making, which says over OSC where it is some forty times a second."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Final

from pythonosc.osc_message_builder import OscMessageBuilder

from beatsync.clock import SystemClock
from beatsync.core.units import NS_PER_SECOND, HostNs

EVERY_SECONDS: Final = 0.025
_CLOCK: Final = SystemClock()


@dataclass
class OscPlayer:
    """Sends `/position` in seconds to a port of this machine while it plays, and nothing while it is silent."""

    port: int
    place: float = 0.0
    silent: bool = False
    _since: HostNs = field(default_factory=_CLOCK.now)
    _lock: Lock = field(default_factory=Lock)

    def position(self, at: HostNs | None = None) -> float:
        """Where it is, in seconds."""
        now = _CLOCK.now() if at is None else at
        return self.place + (now - self._since) / NS_PER_SECOND

    def go_to(self, seconds: float, at: HostNs | None = None) -> None:
        """From `at`, or now, on it plays from there."""
        with self._lock:
            self.place, self._since = seconds, _CLOCK.now() if at is None else at

    def when(self, seconds: float) -> HostNs:
        """The instant at which it is there."""
        return HostNs(self._since + round((seconds - self.place) * NS_PER_SECOND))

    def send(self, done: Event) -> None:
        """Send until told that it is done."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while not done.wait(EVERY_SECONDS):
                if self.silent:
                    continue
                with self._lock:
                    message = OscMessageBuilder("/position")
                    message.add_arg(self.position(), "d")
                sender.sendto(message.build().dgram, ("127.0.0.1", self.port))


@contextmanager
def osc_player(port: int, *, at: float = 0.0, silent: bool = False) -> Iterator[OscPlayer]:
    """A player that plays from `at` seconds, for as long as the context lasts."""
    player, done = OscPlayer(port, at, silent), Event()
    thread = Thread(target=player.send, args=(done,), daemon=True)
    thread.start()
    try:
        yield player
    finally:
        done.set()
        thread.join()
