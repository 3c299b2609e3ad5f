"""What is worth keeping of a show, so that it can be played again: all that came in, and all that was decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from beatsync.core.observation import Character, Observation
from beatsync.core.playback import Verdict
from beatsync.core.units import HostNs


@dataclass(frozen=True, slots=True)
class Observed:
    """A feed of a deck, by its number, was heard; `at`: when that was taken notice of."""

    at: HostNs
    deck: str
    feed: int
    observation: Observation


@dataclass(frozen=True, slots=True)
class Became:
    """A feed has turned out to be such a clock."""

    at: HostNs
    deck: str
    feed: int
    character: Character


@dataclass(frozen=True, slots=True)
class Passed:
    """What leads a deck was told that time has passed, since something was due."""

    at: HostNs
    deck: str


@dataclass(frozen=True, slots=True)
class Decided:
    """What leads a deck has come to this."""

    at: HostNs
    deck: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Loaded:
    """A deck has this track now. `place`: in its set list, from 0; None for one that is not of it."""

    at: HostNs
    deck: str
    track: str
    place: int | None


class Order(StrEnum):
    """What people tell a deck that no clock of its own tells it."""

    STOP = "stop"
    FOLLOW = "follow"
    """listen again to what leads it"""


@dataclass(frozen=True, slots=True)
class Ordered:
    """A deck was told this."""

    at: HostNs
    deck: str
    order: Order


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A deck is on air for these targets."""

    at: HostNs
    deck: str
    targets: tuple[str, ...]


Entry: TypeAlias = Observed | Became | Passed | Decided | Loaded | Ordered | HandedOver
Record: TypeAlias = Callable[[Entry], None]


def nobody(_entry: Entry) -> None:
    """Nothing is kept."""
