"""What following a player comes to: verdicts, as values. Each says in its first line what the deck does with it.

`transport` is the line to follow from now on. `why` is for people, one line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from beatsync.core.observation import TrackHint, WhenLost
from beatsync.core.transport import Transport
from beatsync.core.units import NO_TIME, DurationNs, TrackNs


@dataclass(frozen=True, slots=True)
class Held:
    """Nothing: the line is as good as before."""


HELD: Final = Held()


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """`engine.adjust`: the same playback, better known.

    `step`: by how much the position changed at once; nothing where the line only runs a little faster or slower.
    """

    transport: Transport
    step: DurationNs = NO_TIME


@dataclass(frozen=True, slots=True, kw_only=True)
class Jumped:
    """`engine.seek`: playback is somewhere else, or was found. `went_from` is None where it was nowhere before.

    `transport` begins where playback may have landed, `went_to` is where it is by now: what has been played between the
    two follows as an adjustment, so that no cue there is passed over. `foreseen`: a loop goes round as it did before,
    or did not after all; nobody needs to be told.
    """

    transport: Transport
    went_from: TrackNs | None
    went_to: TrackNs
    why: str
    foreseen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """`engine.seek`: playback does not go forward. Again where the position changes meanwhile, by a seek, say."""

    transport: Transport
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """`engine.seek`: playback goes on from where it was paused.

    Word of that comes late: what has been played meanwhile follows as an adjustment, so that no cue is passed over.
    """

    transport: Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackChanged:
    """Load another track, then `engine.seek` if there is a transport; without one stop: a jump will follow."""

    track: TrackHint
    transport: Transport | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """The feed has been silent for too long. `engine.stop` without a transport, else `engine.seek` if it is paused."""

    when_lost: WhenLost
    transport: Transport | None


Verdict: TypeAlias = Held | Adjusted | Jumped | Paused | Resumed | TrackChanged | Lost
