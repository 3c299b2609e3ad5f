"""What a conductor remembers, and who writes it down, so that its successor can go on after a sudden death."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from beatsync.conductor.tally import Totals
from beatsync.core.memory import EngineMemory
from beatsync.core.units import HostNs
from beatsync.core.verdicts import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ConductorMemory:
    """Everything after a whole step. `queued`: handed to slow receivers and not known to have arrived."""

    engine: EngineMemory
    totals: Mapping[str, Totals]
    queued: tuple[Outcome, ...]


class Fate(IntEnum):
    """What had become of an outcome when it was dealt with."""

    SETTLED = 1
    """sent, failed, or not to be sent"""
    QUEUED = 2
    """waiting in this process for a slow receiver"""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A step in which a conductor died. It began at `at`; `fates` are of the outcomes that it had dealt with."""

    at: HostNs
    fates: tuple[Fate, ...]


class Journal(Protocol):
    """Follows a conductor's steps. They are called on the way to the next cue, so they must be quick."""

    def begins(self, at: HostNs) -> None:
        """What is due at `at` is about to be dealt with."""
        ...

    def dealt(self, fate: Fate) -> None:
        """One more outcome has been dealt with, in the order in which the engine gave them."""
        ...

    def ends(self) -> None:
        """The step is complete: the conductor's memory is worth keeping."""
        ...

    def applied(self) -> None:
        """An input has been applied, nothing that it makes due has been dealt with yet; worth keeping too."""
        ...


class NoJournal:
    """For a conductor that nobody succeeds."""

    def begins(self, at: HostNs) -> None:
        """Nothing."""

    def dealt(self, fate: Fate) -> None:
        """Nothing."""

    def ends(self) -> None:
        """Nothing."""

    def applied(self) -> None:
        """Nothing."""
