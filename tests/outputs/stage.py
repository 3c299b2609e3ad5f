"""Targets, packets and receivers for the tests of outputs."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import trio
from pythonosc.osc_message_builder import OscMessageBuilder

from beatsync.clock import SystemClock
from beatsync.core.targets import Carrier, Target
from beatsync.core.units import HostNs
from beatsync.outputs.opening import OPEN_SECONDS, open_outputs
from beatsync.outputs.output import Output, Settled


def now() -> HostNs:
    """The instant of the machine's clock, on which the outputs under test are."""
    return SystemClock().now()


def packet(address: str = "/a", *values: float | str) -> bytes:
    """An OSC message."""
    builder = OscMessageBuilder(address)
    for value in values:
        builder.add_arg(value)
    return builder.build().dgram


def target(port: int, carrier: Carrier = Carrier.UDP, **changes: object) -> Target:
    """A target on this machine."""
    made = Target(name="desk", carrier=carrier, host="127.0.0.1", port=port)
    return replace(made, **changes)  # type: ignore[arg-type]


@contextmanager
def udp_receiver(host: str = "127.0.0.1") -> Iterator[socket.socket]:
    """A bound UDP socket that waits up to ten seconds for a datagram."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as receiver:
        receiver.bind((host, 0))
        receiver.settimeout(10)
        yield receiver


def closed_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Told:
    """What an output said of itself."""

    settled: list[Settled] = field(default_factory=list)
    connected: list[str] = field(default_factory=list)
    changed: trio.Event = field(default_factory=trio.Event)

    def settle(self, settled: Settled) -> None:
        """A queued packet's fate."""
        self.settled.append(settled)
        self.changed.set()

    def connect(self, name: str) -> None:
        """A connection."""
        self.connected.append(name)
        self.changed.set()

    async def wait_settled(self, count: int) -> list[Settled]:
        """All that is settled, once there are `count`."""
        with trio.fail_after(30):
            while len(self.settled) < count:
                self.changed = trio.Event()
                await self.changed.wait()
        return self.settled

    async def wait_connected(self, count: int) -> None:
        """Return once there have been `count` connections."""
        with trio.fail_after(30):
            while len(self.connected) < count:
                self.changed = trio.Event()
                await self.changed.wait()


async def opened(
    nursery: trio.Nursery, told: Told, *targets: Target, patience: float = OPEN_SECONDS
) -> Mapping[str, Output]:
    """Outputs for `targets`, on the machine's clock."""
    return await open_outputs(
        targets,
        clock=SystemClock(),
        report=told.settle,
        on_connected=told.connect,
        nursery=nursery,
        patience=patience,
    )
