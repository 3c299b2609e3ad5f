"""The cues of the next seconds, for clients that can only pull: game servers and pages that speak HTTP alone.

Each has its instant on the daemon's clock; the answer says when the request was received and when it left, so that the
client can tell its own clock from that (docs/control.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import trio

from beatsync.clock import Clock
from beatsync.control.queries import CuesQuery
from beatsync.control.records import (
    ClockRecord,
    CourseRecord,
    CueRecord,
    CuesRecord,
    StandingRecord,
)
from beatsync.core.schedule import Cue, Phase
from beatsync.core.transport import NORMAL_RATE
from beatsync.core.units import NS_PER_SECOND, DurationNs, HostNs, seconds_from_ns
from beatsync.decks.course import Foreseen, Mark
from beatsync.decks.deck import Deck
from beatsync.decks.foresight import Foresight, Outlook
from beatsync.errors import UsageError

LOOK_SECONDS: Final = 0.1
"""Whoever waits for news looks again so often: nothing announces every change."""

_MARK: Final = r"~[\w-]{1,40}\.[0-9]{1,18}\.[0-9]{1,18}\.[0-9]{1,20}"
_CURSOR: Final = re.compile(rf"(?P<run>[a-z0-9]{{1,16}})(?P<marks>({_MARK})*)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookout:
    """Looks ahead for one client. `decks`: those it asked for; `received`: when."""

    foresight: Foresight
    decks: Mapping[str, Deck]
    query: CuesQuery
    run: str
    clock: Clock
    received: HostNs

    async def record(self) -> CuesRecord:
        """The answer; waits for news as long as the query says. Raises UsageError for a cursor that is none."""
        marks = _marks(self.query.after, self.run)
        deadline = self.received + self.query.wait
        while True:
            now, ahead = self.clock.now(), DurationNs(self.query.ahead)
            outlooks = {
                name: self.foresight.look(name, now=now, ahead=ahead, mark=marks.get(name)) for name in self.decks
            }
            if now >= deadline or any(self._is_news(outlooks[name], marks.get(name)) for name in outlooks):
                return self._record(outlooks)
            await trio.sleep(min(LOOK_SECONDS, (deadline - now) / NS_PER_SECOND))

    def _is_news(self, outlook: Outlook, mark: Mark | None) -> bool:
        if mark is None or outlook.anew or (mark.generation, mark.line) != (outlook.mark.generation, outlook.mark.line):
            return True
        return any(one.outcome.due > mark.until for one in outlook.cues if self._is_wanted(one.outcome.cue))

    def _is_wanted(self, cue: Cue) -> bool:
        return self.query.target in {None, cue.target}

    def _record(self, outlooks: Mapping[str, Outlook]) -> CuesRecord:
        cues = [
            self._cue(name, one)
            for name, outlook in outlooks.items()
            for one in outlook.cues
            if self._is_wanted(one.outcome.cue)
        ]
        return CuesRecord(
            decks={name: self._course(self.decks[name], outlook) for name, outlook in outlooks.items()},
            until=seconds_from_ns(min(outlook.mark.until for outlook in outlooks.values())),
            cursor=_cursor(self.run, {name: outlook.mark for name, outlook in outlooks.items()}),
            standing=[
                _standing(name, cue)
                for name, outlook in outlooks.items()
                for cue in outlook.standing
                if self._is_wanted(cue)
            ],
            cues=sorted(cues, key=lambda cue: cue.due),
            clock=ClockRecord(received=seconds_from_ns(self.received), sent=seconds_from_ns(self.clock.now())),
        )

    def _course(self, deck: Deck, outlook: Outlook) -> CourseRecord:
        state = deck.state()
        return CourseRecord(
            playback=state.playback,
            track=state.material.name if state.material else None,
            position=None if state.position is None else seconds_from_ns(state.position),
            rate=state.transport.rate / NORMAL_RATE if state.transport else 0.0,
            generation=self._generation(deck.name, outlook.generation),
            anew=outlook.anew,
            void_after=None if outlook.void_after is None else seconds_from_ns(outlook.void_after),
        )

    def _generation(self, deck: str, generation: int) -> str:
        return f"{self.run}.{deck}.{generation}"

    def _cue(self, deck: str, one: Foreseen) -> CueRecord:
        outcome, cue = one.outcome, one.outcome.cue
        generation = self._generation(deck, one.generation)
        return CueRecord(
            id=f"{generation}.{one.number}",
            deck=deck,
            generation=generation,
            due=seconds_from_ns(outcome.due),
            position=seconds_from_ns(cue.position),
            target=cue.target,
            address=cue.address,
            types=cue.types,
            args=_arguments(cue),
            kind=cue.kind,
            phase="end" if cue.phase is Phase.END else "start",
            look=cue.look,
            why=cue.why,
        )


def _standing(deck: str, cue: Cue) -> StandingRecord:
    return StandingRecord(
        deck=deck,
        position=seconds_from_ns(cue.position),
        target=cue.target,
        address=cue.address,
        types=cue.types,
        args=_arguments(cue),
        look=cue.look,
        why=cue.why,
    )


def _arguments(cue: Cue) -> list[int | float | str | bool | None]:
    """As JSON has them: bytes as hexadecimal digits."""
    return [value.hex() if isinstance(value, bytes) else value for _, value in cue.arguments]


def _cursor(run: str, marks: Mapping[str, Mark]) -> str:
    """The marks of all decks as one text."""
    return run + "".join(f"~{deck}.{mark.generation}.{mark.line}.{mark.until}" for deck, mark in marks.items())


def _marks(cursor: str | None, run: str) -> Mapping[str, Mark]:
    """The marks that a cursor stands for; none for one of another run of the daemon. Raises UsageError."""
    if cursor is None:
        return {}
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise UsageError("after: expected the cursor of the last answer, as it came")
    if found["run"] != run:
        return {}
    parts = (part.split(".") for part in found["marks"].split("~")[1:])
    return {deck: Mark(int(generation), int(line), HostNs(int(until))) for deck, generation, line, until in parts}
