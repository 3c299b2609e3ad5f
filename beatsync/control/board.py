"""What all routes of the API work with."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import trio

from beatsync.clock import Clock
from beatsync.control.console import Console
from beatsync.control.records import written
from beatsync.control.refusing import NotHere
from beatsync.control.ring import Ring
from beatsync.control.status import status_record
from beatsync.core.units import DurationNs, HostNs, ms
from beatsync.decks.deck import Deck
from beatsync.decks.foresight import Foresight
from beatsync.decks.news import News, Tell

STATUS_AGE: Final[DurationNs] = ms(20)
"""A status that is asked for again within this is the same one (faults.md, K11)."""

MAX_WAITING: Final = 12
"""So many clients may listen to events or wait for cues; the places that are left are for commands."""


@dataclass(slots=True, kw_only=True)
class Board:
    """`leave` ends the show and the daemon; `refused`: the guards' counts; `waiting`: clients that hold on for long."""

    console: Console
    foresight: Foresight
    ring: Ring
    clock: Clock
    tell: Tell
    leave: Callable[[], None]
    refused: Counter[str] = field(default_factory=Counter)
    waiting: trio.CapacityLimiter = field(default_factory=lambda: trio.CapacityLimiter(MAX_WAITING))
    _status: tuple[HostNs, str, bytes] | None = None

    @property
    def run(self) -> str:
        """What tells this run of the daemon from others."""
        return self.console.run

    def deck(self, name: str | None) -> Deck:
        """A deck; the one on air for None. Raises NotHere."""
        decks = self.console.desk.ensemble.decks
        if name is not None and name not in decks:
            raise NotHere(f"there is no deck {name[:40]!r}; there are {', '.join(decks)}")
        return self.console.desk.deck(name)

    def check_target(self, name: str) -> None:
        """Raises NotHere where there is no such target."""
        known = [target.name for target in self.console.desk.targets]
        if name not in known:
            raise NotHere(f"there is no target {name[:40]!r}; there are {', '.join(known)}")

    def status(self, *, outcome: str | None = None) -> bytes:
        """The status, new or a moment old. `outcome`: of the command that this is the answer to."""
        now, revision = self.clock.now(), self.console.revision
        if self._status is not None and outcome is None:
            at, of, body = self._status
            if of == revision and now - at < STATUS_AGE:
                return body
        record = status_record(self.console.desk, at=now, revision=revision, refused=dict(self.refused))
        if outcome is not None:
            return written(replace(record, outcome=outcome))
        self._status = (now, revision, written(record))
        return self._status[2]

    def own_fault(self, error: Exception) -> str:
        """Tell people of an error that nobody foresaw; returns what whoever asked is told."""
        place = traceback.extract_tb(error.__traceback__)[-1]
        text = f"this is a fault of beatsync: {type(error).__name__} at {place.name}:{place.lineno}: {str(error)[:200]}"
        self.tell(News(self.clock.now(), "fault", text, {"message": text}, grave=True))
        return text
