"""Every message that daemon and conductor exchange. A conductor of another PROTOCOL is not spoken to.

Inputs carry a number that rises by one; the conductor applies each number once and says how far it has come, so that
a daemon whose conductor died knows what to say again.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec
from msgspec import Struct

from beatsync.conductor.report import Snapshot
from beatsync.conductor.wire.memories import ReportsRecord
from beatsync.core.targets import Target
from beatsync.core.transport import Transport
from beatsync.core.units import DurationNs, HostNs

PROTOCOL: Final = 1


class Hello(Struct, frozen=True, tag=True):
    """A daemon presents itself; the first frame of a connection."""

    protocol: int
    version: str


class Perform(Struct, frozen=True, tag=True):
    """Play for these targets: open them; what played for others before ends."""

    number: int
    targets: tuple[Target, ...]


class Load(Struct, frozen=True, tag=True):
    """A schedule: `table` is a CueTable as bytes, `digest` what it is known by."""

    number: int
    digest: str
    table: bytes


class Seek(Struct, frozen=True, tag=True):
    """Playback jumped, started or stopped."""

    number: int
    transport: Transport


class Adjust(Struct, frozen=True, tag=True):
    """The same playback, better known."""

    number: int
    transport: Transport


class SetLead(Struct, frozen=True, tag=True):
    """Tell a target so much earlier."""

    number: int
    target: str
    lead: DurationNs


class Stop(Struct, frozen=True, tag=True):
    """Playback is over: end every look."""

    number: int


class Look(Struct, frozen=True, tag=True):
    """Say how things stand, once nothing waits for a slow receiver any more."""

    number: int


class Leave(Struct, frozen=True, tag=True):
    """End every look and the process."""


class Welcome(Struct, frozen=True, tag=True):
    """The conductor's answer to Hello: what it is doing. `applied`: the number of the last input.

    `underway`: something is still going to be sent, or would be if playback were not held.
    """

    version: str
    process: int
    applied: int
    targets: tuple[Target, ...]
    digest: str
    transport: Transport | None
    underway: bool


class Refusal(Struct, frozen=True, tag=True):
    """The conductor does not speak with this daemon; `reason` is for people. `busy`: it has another daemon."""

    reason: str
    busy: bool


class Stepped(Struct, frozen=True, tag=True):
    """The conductor has made step number `step`. `digest`: of the schedule that the reports' numbers refer to."""

    step: int
    applied: int
    deadline: HostNs | None
    digest: str
    reports: ReportsRecord


class State(Struct, frozen=True, tag=True):
    """How things stand."""

    snapshot: Snapshot


Input: TypeAlias = Perform | Load | Seek | Adjust | SetLead | Stop | Look
ToConductor: TypeAlias = Hello | Leave | Input
FromConductor: TypeAlias = Welcome | Refusal | Stepped | State

encode: Final = msgspec.msgpack.Encoder().encode
read_to_conductor: Final = msgspec.msgpack.Decoder(ToConductor).decode
read_from_conductor: Final = msgspec.msgpack.Decoder(FromConductor).decode
