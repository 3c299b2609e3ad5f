"""What the conductor may ask of an output, and what an output says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol, TypeAlias

from beatsync.core.targets import Target
from beatsync.core.units import HostNs


@dataclass(frozen=True, slots=True)
class Sent:
    """The operating system has taken the whole packet."""


SENT: Final = Sent()


@dataclass(frozen=True, slots=True)
class Queued:
    """The packet waits for a slow stream; a `Settled` with the same ticket follows, whatever happens."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The packet was not sent, and will not be. `reason` is for people: `refused: nothing listens there`."""

    reason: str


SendResult: TypeAlias = Sent | Queued | Failed


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a queued packet. `at`: the instant at which it was known."""

    ticket: int
    result: Sent | Failed
    at: HostNs


class State(StrEnum):
    """What an output knows of its receiver. UDP never knows that anybody listens: it is never better than unknown."""

    UNKNOWN = "unknown"
    CONNECTED = "connected"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A snapshot of one output. `errors`: how often each reason was met; `detail`: the last one, empty once healed.

    `breaks`: how often a connection was lost.
    """

    state: State
    sent: int
    failed: int
    queued: int
    errors: tuple[tuple[str, int], ...]
    detail: str
    peer: str
    source: str
    breaks: int = 0


class Output(Protocol):
    """One opened target. Made by `outputs.opening.open_outputs`, which keeps it open until its nursery ends."""

    @property
    def target(self) -> Target:
        """The value it was opened from."""
        ...

    def send(self, packet: bytes, ticket: int, now: HostNs) -> SendResult:
        """Hand over one encoded packet without waiting, resolving or allocating sockets.

        `ticket` names the packet in a later `Settled`; `now` is the instant of the call.
        """
        ...

    def health(self) -> Health:
        """The present state, for people."""
        ...
