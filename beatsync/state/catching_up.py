"""What a conductor's successor had to catch up with while no daemon was there: counted from its reports, and summed up.

Each cue has its own line in the log; a person wants one line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from beatsync.conductor.conductor import DIED_BEFORE, DIED_QUEUED, DIED_SENDING
from beatsync.conductor.report import Report
from beatsync.core.rules import Kind
from beatsync.core.schedule import Phase
from beatsync.core.units import DurationNs, clock_face, seconds_from_ns
from beatsync.core.verdicts import Cause, Verdict
from beatsync.decks.deck import Deck
from beatsync.decks.desk import Desk
from beatsync.decks.news import News

_DIED: Final = frozenset({DIED_BEFORE, DIED_QUEUED, DIED_SENDING})


class CatchingUp:
    """Counts, by deck, until it has been told."""

    def __init__(self) -> None:
        self._missed: Counter[str] = Counter()
        self._sent_again: Counter[str] = Counter()
        self._is_told = False

    def report(self, report: Report) -> None:
        """A verdict."""
        if self._is_told:
            return
        outcome, cue = report.outcome, report.outcome.cue
        died = outcome.verdict is Verdict.FAILED and outcome.reason in _DIED
        if died or (outcome.verdict is Verdict.DROPPED and outcome.cause is Cause.PLAYED):
            self._missed[outcome.deck] += 1
        is_behind = outcome.cause is Cause.CHASE or outcome.verdict is Verdict.LATE
        if outcome.to_send and is_behind and cue.kind is Kind.STATE and cue.phase is Phase.START:
            self._sent_again[outcome.deck] += 1

    def tell(self, desk: Desk, decks: Iterable[str], away: DurationNs | None) -> None:
        """These decks were found under way. `away`: how long no daemon was there, where that is known.

        Nothing is said where nothing was amiss: a conductor that lives misses nothing.
        """
        self._is_told = True
        late = [desk.ensemble.decks[name] for name in decks if self._missed[name] or self._sent_again[name]]
        if not late:
            return
        after = "" if away is None else f"; after {seconds_from_ns(away):.1f} s the show goes on"
        text = f"beatsync was gone{after}: {'; '.join(map(self._described, late))}"
        fields: dict[str, Any] = {
            "away": None if away is None else seconds_from_ns(away),
            "rebooted": False,
            "missed": self._missed.total(),
            "sent_again": self._sent_again.total(),
            "decks": {deck.name: self._record(deck) for deck in late},
        }
        desk.tell(News(desk.ensemble.clock.now(), "resumed", text, fields, grave=True))

    def _described(self, deck: Deck) -> str:
        state = deck.state()
        track = "" if state.material is None else f"{state.material.name} "
        bar = bar_and_beat(deck)
        at = "" if state.position is None else f"at {clock_face(state.position)}{f' (bar {bar})' if bar else ''}, "
        missed, again = self._missed[deck.name], self._sent_again[deck.name]
        return (
            f"deck {deck.name}: {track}{at}{missed} cue{'' if missed == 1 else 's'} missed, "
            f"{again} state{'' if again == 1 else 's'} sent again"
        )

    def _record(self, deck: Deck) -> dict[str, Any]:
        position = deck.state().position
        return {
            "position": None if position is None else seconds_from_ns(position),
            "bar": bar_and_beat(deck) or None,
            "missed": self._missed[deck.name],
            "sent_again": self._sent_again[deck.name],
        }


def bar_and_beat(deck: Deck) -> str:
    """`44.1`, where playback stands; empty where there are no bars."""
    state = deck.state()
    grid = None if state.track is None else state.track.grid
    count = None if grid is None or state.position is None else grid.count_at(state.position)
    return "" if count is None else "{}.{}".format(*count)
