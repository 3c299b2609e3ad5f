"""Every message that daemon and conductor exchange. A conductor of another PROTOCOL is not spoken to.

Inputs carry a number that rises by one; the conductor applies each number once and says how far it has come, so that
a daemon whose conductor died knows what to say again.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec
from msgspec import Struct

from beatsync.conductor.actions import (
    Adjust,
    Chase,
    Rejoin,
    Release,
    Remove,
    Retarget,
    Seek,
    SetLead,
    SetTrackLead,
    Silence,
    Stop,
)
from beatsync.conductor.report import Snapshot
from beatsync.conductor.wire.cues import CueTable
from beatsync.conductor.wire.memories import ReportsRecord
from beatsync.core.targets import Target
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs

PROTOCOL: Final = 5


class Hello(Struct, frozen=True, tag=True):
    """A daemon presents itself; the first frame of a connection."""

    protocol: int
    version: str


class Perform(Struct, frozen=True, tag=True):
    """Play for these targets, from nothing: what played before ends. `show`: what the daemon calls this show."""

    number: int
    show: str
    targets: tuple[Target, ...]


class Prepare(Struct, frozen=True, tag=True):
    """Open these targets beside those that are open; a Retarget will name them. Applied as soon as that is begun."""

    number: int
    targets: tuple[Target, ...]


class Part(Struct, frozen=True, tag=True):
    """One of the `count` parts of a schedule, in order: a CueTable as bytes; `digest` is what the whole is known by."""

    digest: str
    index: int
    count: int
    part: bytes


class LoadDigest(Struct, frozen=True, tag=True):
    """A Load of the schedule whose parts have come."""

    deck: str
    digest: str
    track: str


class FireTable(Struct, frozen=True, tag=True):
    """A Fire: every cue of the table, except the endings of others."""

    deck: str
    cues: CueTable


WireAction: TypeAlias = (
    LoadDigest
    | FireTable
    | Seek
    | Rejoin
    | Adjust
    | Stop
    | Remove
    | SetLead
    | SetTrackLead
    | Retarget
    | Silence
    | Release
    | Chase
)


class Do(Struct, frozen=True, tag=True):
    """All of this at one instant."""

    number: int
    actions: tuple[WireAction, ...]


class Look(Struct, frozen=True, tag=True):
    """Say how things stand, once nothing waits for a slow receiver any more."""

    number: int


class Leave(Struct, frozen=True, tag=True):
    """End every look and the process."""


class DeckState(Struct, frozen=True):
    """What a deck is doing, with the schedule of that `digest`, which is of that `track`.

    `underway`: something is still going to be sent, or would be if it were not held.
    """

    digest: str
    track: str
    transport: Transport | None
    deadline: HostNs | None
    underway: bool


class Welcome(Struct, frozen=True, tag=True):
    """The conductor's answer to Hello: what it is doing. `applied`: the number of the last input."""

    version: str
    process: int
    applied: int
    show: str
    targets: tuple[Target, ...]
    decks: dict[str, DeckState]


class Refusal(Struct, frozen=True, tag=True):
    """The conductor does not speak with this daemon; `reason` is for people. `busy`: it has another daemon."""

    reason: str
    busy: bool


class Stepped(Struct, frozen=True, tag=True):
    """The conductor has made step number `step`. `deadlines`: of the decks that it has changed."""

    step: int
    applied: int
    deadlines: dict[str, HostNs | None]
    reports: list[ReportsRecord]


class Armed(Struct, frozen=True, tag=True):
    """All inputs up to `applied` have been applied, and the alarm was set to the deadline that they led to by `at`."""

    applied: int
    at: HostNs


class State(Struct, frozen=True, tag=True):
    """How things stand. `opening`: the targets that take their time to open."""

    snapshot: Snapshot
    opening: tuple[str, ...] = ()


Input: TypeAlias = Perform | Prepare | Do | Look
ToConductor: TypeAlias = Hello | Leave | Part | Input
FromConductor: TypeAlias = Welcome | Refusal | Stepped | Armed | State

encode: Final = msgspec.msgpack.Encoder().encode
read_to_conductor: Final = msgspec.msgpack.Decoder(ToConductor).decode
read_from_conductor: Final = msgspec.msgpack.Decoder(FromConductor).decode
