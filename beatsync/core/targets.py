"""Where cues go, as a value: what the configuration says of a target, before any socket is opened."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from beatsync.core.leads import NO_LEAD, Lead
from beatsync.core.units import NO_TIME, DurationNs, ms


class Carrier(StrEnum):
    """What carries the packets."""

    UDP = "udp"
    TCP = "tcp"


class Framing(StrEnum):
    """How packets are told apart on a TCP stream (OSC 1.0: a length before each; OSC 1.1: SLIP, END at both ends)."""

    LENGTH = "length"
    SLIP = "slip"


DEFAULT_MAX_RATE: Final = 200
DEFAULT_QUEUE_COUNT: Final = 256
DEFAULT_QUEUE_AGE: Final = ms(200)


@dataclass(frozen=True, slots=True)
class Pace:
    """`packets` back to back, then no more until `every` has passed since the first of them."""

    packets: int
    every: DurationNs


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One receiver.

    `lead`: how much earlier than the music it must be told; negative for later. `ahead`: how much earlier still packets
    go out, each in a bundle tagged with its instant; none are tagged where it is zero. `bundles`: cues of one instant
    share a packet. `pace`: how many packets may leave back to back, and how long it is until as many may follow; None
    for all at once. `max_rate`: pulses a second beyond which further ones are suppressed. `queue_count` and `queue_age`
    bound what waits for a slow TCP receiver, or for its turn. `source_host` and `source_port`: the address that packets
    leave from, where the receiver filters by it; `multicast_ttl`: how many routers a multicast packet may cross.
    """

    name: str
    carrier: Carrier
    host: str
    port: int
    framing: Framing = Framing.LENGTH
    lead: Lead = NO_LEAD
    ahead: DurationNs = NO_TIME
    bundles: bool = False
    pace: Pace | None = None
    max_rate: int = DEFAULT_MAX_RATE
    source_host: str | None = None
    source_port: int | None = None
    broadcast: bool = False
    multicast_ttl: int = 1
    queue_count: int = DEFAULT_QUEUE_COUNT
    queue_age: DurationNs = DEFAULT_QUEUE_AGE
    chase_on_reconnect: bool = True

    @property
    def way(self) -> tuple[object, ...]:
        """What its socket depends on: two targets of one name and the same way can share it."""
        source = (self.source_host, self.source_port, self.broadcast, self.multicast_ttl)
        queue = (self.pace, self.queue_count, self.queue_age, self.chase_on_reconnect)
        return (self.carrier, self.host, self.port, self.framing, *source, *queue)

    @property
    def url(self) -> str:
        """The target as a configuration writes it: `osc.udp://127.0.0.1:7700`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"osc.{self.carrier}://{host}:{self.port}"
