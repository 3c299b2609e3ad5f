"""An output that keeps what it is given, for dry runs and tests."""

from __future__ import annotations

from beatsync.core.targets import Target
from beatsync.core.units import HostNs
from beatsync.outputs.books import Books
from beatsync.outputs.output import Health, SendResult, State


class Recorder:
    """Takes every packet: `packets` holds each with the instant of its sending. With a `fault` it takes none."""

    def __init__(self, target: Target) -> None:
        """`target`: whose place it takes."""
        self._target = target
        self._books = Books(target.url)
        self._books.healed(State.CONNECTED)
        self.packets: list[tuple[HostNs, bytes]] = []
        self.fault = ""

    @property
    def target(self) -> Target:
        """The value it was opened from."""
        return self._target

    def send(self, packet: bytes, ticket: int, now: HostNs) -> SendResult:  # noqa: ARG002  the face of every output
        """Keep the packet."""
        if self.fault:
            return self._books.missed(self.fault)
        self.packets.append((now, packet))
        return self._books.went()

    def health(self) -> Health:
        """The present state."""
        return self._books.health()
