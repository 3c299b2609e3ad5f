"""What a conductor remembers, and who writes it down, so that its successor can go on after a sudden death."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

from beatsync.conductor.tally import Totals
from beatsync.core.memory import EngineMemory
from beatsync.core.units import HostNs
from beatsync.core.verdicts import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ConductorMemory:
    """Everything after a whole step; `decks` have theirs by name. `queued`: what receivers have not taken yet.

    `hushed`: why nothing of any deck is sent to a target, for decks that are still to come. `tracks`: what the
    schedules of the decks are of.
    """

    decks: Mapping[str, EngineMemory]
    totals: Mapping[str, Totals]
    queued: tuple[Outcome, ...] = ()
    hushed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tracks: Mapping[str, str] = field(default_factory=dict)


class Fate(IntEnum):
    """What has become of an outcome of the step under way."""

    OPEN = 0
    """not dealt with yet"""
    SETTLED = 1
    """sent, or failed"""
    QUEUED = 2
    """waiting in this process for a slow receiver, or for its turn"""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A step in which a conductor died. It began at `at`; `fates` are of its outcomes in order, open beyond the end."""

    at: HostNs
    fates: tuple[Fate, ...]

    def fate(self, number: int) -> Fate:
        """Of the outcome of this number."""
        return self.fates[number] if number < len(self.fates) else Fate.OPEN


class Fates(Protocol):
    """Where the fates of a step's outcomes go, by their places."""

    def __setitem__(self, place: int, fate: int, /) -> None:
        """Note one."""
        ...


class Journal(Protocol):
    """Follows a conductor's steps. It is called on the way to the next cue, so it must be quick."""

    def begins(self, at: HostNs, count: int) -> Fates:
        """`count` outcomes that are due at `at` are about to be dealt with; returns where their fates go, all open."""
        ...

    def ends(self, decks: Collection[str]) -> None:
        """The step is complete, and has changed these decks: the conductor's memory is worth keeping."""
        ...

    def applied(self, decks: Collection[str]) -> None:
        """Actions have been applied, nothing that they make due has been dealt with yet; worth keeping too."""
        ...


class NoJournal:
    """For a conductor that nobody succeeds."""

    def begins(self, at: HostNs, count: int) -> Fates:  # noqa: ARG002  the face of every journal
        """Somewhere."""
        return bytearray(count)

    def ends(self, decks: Collection[str]) -> None:
        """Nothing."""

    def applied(self, decks: Collection[str]) -> None:
        """Nothing."""
