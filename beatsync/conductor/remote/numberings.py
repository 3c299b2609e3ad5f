"""The schedules that a conductor's reports may speak of: those of its decks now, and those that they had before.

A report speaks of a cue by its number in a schedule. One of a schedule that is not known waits until it is: a daemon
that finds a conductor playing learns only then what it plays.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final

from beatsync.conductor.report import Report
from beatsync.conductor.wire.cues import NO_NUMBERING, Numbering
from beatsync.conductor.wire.memories import ReportsRecord, reports_of
from beatsync.conductor.wire.tables import Loaded

MOST_OF_A_DECK: Final = 3
"""So many edits may be on their way while reports of what was before them come back."""

MOST_WAITING: Final = 1_000


class Numberings:
    """By deck, the latest few."""

    def __init__(self) -> None:
        """Nothing is known."""
        self._of_decks: dict[str, deque[Loaded]] = {}
        self._waiting: deque[ReportsRecord] = deque(maxlen=MOST_WAITING)

    def digest(self, deck: str) -> str:
        """Of the schedule that a deck has now."""
        return self._of_decks[deck][-1].digest

    def keep(self, deck: str, loaded: Loaded) -> list[Report]:
        """A deck has this from now on; returns what has been waiting for it."""
        kept = self._of_decks.setdefault(deck, deque(maxlen=MOST_OF_A_DECK))
        if loaded.digest in (one.digest for one in kept):
            kept = self._of_decks[deck] = deque(
                (one for one in kept if one.digest != loaded.digest), maxlen=MOST_OF_A_DECK
            )
        kept.append(Loaded(loaded.digest, loaded.numbering))
        waiting = [record for record in self._waiting if record.digest == loaded.digest]
        for record in waiting:
            self._waiting.remove(record)
        return [report for record in waiting for report in reports_of(record, loaded.numbering)]

    def reports(self, record: ReportsRecord) -> list[Report]:
        """The reports of a record; none yet where its schedule is not known."""
        numbering = next(self._find(record.digest), None)
        if numbering is None:
            self._waiting.append(record)
            return []
        return reports_of(record, numbering)

    def _find(self, digest: str) -> Iterator[Numbering]:
        if not digest:
            yield NO_NUMBERING
        yield from (one.numbering for kept in self._of_decks.values() for one in kept if one.digest == digest)
