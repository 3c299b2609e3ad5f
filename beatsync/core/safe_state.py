"""What puts a target into a state that is safe whatever plays: cues that belong to no place in the music."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from beatsync.core.message_making import constant
from beatsync.core.rules import POLICY_OF, Kind, Message
from beatsync.core.schedule import Cue, Origin, Phase
from beatsync.core.track import Section
from beatsync.core.units import TrackNs

_NOWHERE: Final = TrackNs(0)


@dataclass(frozen=True, slots=True)
class NoPlace:
    """Nowhere in the music."""

    name: str
    count: str = ""
    section: Section | None = None


def safe_cues(messages: Iterable[Message]) -> tuple[Cue, ...]:
    """The messages as cues, to be fired when somebody says so. Raises OscError for what cannot be sent."""
    return tuple(_cue(message, order) for order, message in enumerate(messages))


def _cue(message: Message, order: int) -> Cue:
    made = constant(message)
    return Cue(
        position=_NOWHERE,
        until=_NOWHERE,
        phase=Phase.START,
        address=made.address,
        arguments=made.arguments,
        packet=made.packet,
        origin=Origin(
            title=f"targets.{message.target}.safe",
            order=order,
            target=message.target,
            look=made.address,
            kind=Kind.STATE,
            policy=POLICY_OF[Kind.STATE],
        ),
        place=NoPlace("safe state"),
    )
