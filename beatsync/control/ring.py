"""What has happened lately, for other programs: one bounded ring, from which everybody who listens reads for himself.

Whoever reads too slowly loses what has been overwritten, and learns how much. Putting something in never waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Final, TypeAlias

import trio

from beatsync.conductor.report import Report
from beatsync.core.track import Section
from beatsync.core.units import HostNs, TrackNs
from beatsync.decks.news import News, Tell
from beatsync.outputs.output import Health

MOST: Final = 4096
"""At 200 cues a second what can be had of the past is 20 seconds."""


class Kind(StrEnum):
    """What an event is about."""

    CUE = "cue"
    """a cue has been decided: sent, or why not"""
    TRANSPORT = "transport"
    """a deck plays, pauses, jumps, has another track, comes on air"""
    SECTION = "section"
    """playback has entered a section, or left one for none"""
    HEALTH = "health"
    """what is known of a receiver has changed"""
    NEWS = "news"
    """anything else that people are told"""


LOST: Final = "lost"
"""What is told of events that are gone; whoever listens is told of those whatever they chose."""
KIND_NAMES: Final = (*Kind, LOST)
"""Every kind that a stream has."""


@dataclass(frozen=True, slots=True)
class SectionEntered:
    """Playback of a deck has entered a section, or is in none any more."""

    deck: str
    section: Section | None
    position: TrackNs | None


@dataclass(frozen=True, slots=True)
class HealthChanged:
    """What is known of a receiver has changed."""

    target: str
    health: Health


Fact: TypeAlias = Report | News | SectionEntered | HealthChanged

_OF_TRANSPORT: Final = frozenset(
    {"play", "pause", "seek", "step", "stop", "arm", "rate", "loaded", "looking", "lost", "on_air"}
)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `number`: counts from 1 in this run of the daemon."""

    number: int
    kind: Kind
    at: HostNs
    fact: Fact


class Ring:
    """The last events."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque(maxlen=MOST)
        self._count = 0
        self._changed = trio.Event()

    @property
    def count(self) -> int:
        """How many there have been; the number of the last one."""
        return self._count

    def put(self, kind: Kind, at: HostNs, fact: Fact) -> None:
        """Something has happened."""
        self._count += 1
        self._events.append(Event(self._count, kind, at, fact))
        self._changed.set()

    def after(self, number: int, *, most: int = MOST) -> tuple[Sequence[Event], int]:
        """The events that follow `number`, at most so many; and how many of those after it are gone."""
        held = len(self._events)
        oldest = self._count - held
        lost = max(0, oldest - number)
        first = max(0, number - oldest)
        return list(islice(self._events, first, min(first + most, held))), lost

    async def wait(self, number: int) -> None:
        """Return once there is an event after `number`."""
        while self._count <= number:
            self._changed = trio.Event() if self._changed.is_set() else self._changed
            await self._changed.wait()

    # Beside others who are told

    def reports(self, besides: Callable[[Report], None]) -> Callable[[Report], None]:
        """Takes in what became of each cue, and passes it on."""

        def report(one: Report) -> None:
            besides(one)
            self.put(Kind.CUE, one.at, one)

        return report

    def news(self, besides: Tell) -> Tell:
        """Takes in what people are told, and passes it on."""

        def tell(news: News) -> None:
            besides(news)
            self.put(Kind.TRANSPORT if news.event in _OF_TRANSPORT else Kind.NEWS, news.at, news)

        return tell
