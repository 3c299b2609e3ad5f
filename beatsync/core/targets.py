"""Where cues go, as a value: what the configuration says of a target, before any socket is opened."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One receiver.

    `lead`: how much earlier than the music it must be told; negative for later. `max_rate`: pulses a second beyond
    which further ones are suppressed. `queue_count` and `queue_age` bound what waits for a slow TCP receiver.
    `source_host` and `source_port`: the address that packets leave from, where the receiver filters by it;
    `multicast_ttl`: how many routers a multicast packet may cross.
    """

    name: str
    carrier: Carrier
    host: str
    port: int
    framing: Framing = Framing.LENGTH
    lead: DurationNs = NO_TIME
    max_rate: int = DEFAULT_MAX_RATE
    source_host: str | None = None
    source_port: int | None = None
    broadcast: bool = False
    multicast_ttl: int = 1
    queue_count: int = DEFAULT_QUEUE_COUNT
    queue_age: DurationNs = DEFAULT_QUEUE_AGE
    chase_on_reconnect: bool = True

    @property
    def url(self) -> str:
        """The target as a configuration writes it: `osc.udp://127.0.0.1:7700`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"osc.{self.carrier}://{host}:{self.port}"
