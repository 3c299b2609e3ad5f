"""The cues of the next seconds, for clients that can only pull: game servers and pages that speak HTTP alone.

Each has its instant on the daemon's clock; the answer says when the request was received and when it left, so that the
client can tell its own clock from that (docs/control.md).
"""

from __future__ import annotations

from typing import Final

import trio

from beatsync.clock import Clock
from beatsync.control.queries import CuesQuery
from beatsync.control.records import ClockRecord, CueRecord, CuesRecord, StandingRecord
from beatsync.core.schedule import Cue, Phase
from beatsync.core.transport import NORMAL_RATE
from beatsync.core.units import NS_PER_SECOND, DurationNs, HostNs, seconds_from_ns
from beatsync.decks.course import Foreseen, Mark
from beatsync.decks.deck import Deck
from beatsync.decks.foresight import Foresight, Outlook
from beatsync.errors import UsageError

LOOK_SECONDS: Final = 0.1
"""Whoever waits for news looks again so often: nothing announces every change."""


async def cues_record(
    foresight: Foresight, deck: Deck, query: CuesQuery, *, run: str, clock: Clock, received: HostNs
) -> CuesRecord:
    """The answer; waits for something new as long as the query says. Raises UsageError for a cursor that is none."""
    mark = _mark(query.after, run)
    deadline = received + query.wait
    while True:
        now = clock.now()
        outlook = foresight.look(deck.name, now=now, ahead=DurationNs(query.ahead), mark=mark)
        if now >= deadline or _is_news(outlook, mark, query.target):
            return _record(outlook, deck, query, run=run, clock=clock, received=received)
        await trio.sleep(min(LOOK_SECONDS, (deadline - now) / NS_PER_SECOND))


def _is_news(outlook: Outlook, mark: Mark | None, target: str | None) -> bool:
    if mark is None or outlook.anew or (mark.generation, mark.line) != (outlook.mark.generation, outlook.mark.line):
        return True
    return any(one.outcome.due > mark.until for one in outlook.cues if target in {None, one.outcome.cue.target})


def _record(outlook: Outlook, deck: Deck, query: CuesQuery, *, run: str, clock: Clock, received: HostNs) -> CuesRecord:
    state = deck.state()
    mark = outlook.mark
    cues = [_cue_record(one, run) for one in outlook.cues if query.target in {None, one.outcome.cue.target}]
    standing = [_standing_record(cue) for cue in outlook.standing if query.target in {None, cue.target}]
    return CuesRecord(
        deck=deck.name,
        playback=state.playback,
        track=state.material.name if state.material else None,
        position=None if state.position is None else seconds_from_ns(state.position),
        rate=state.rate / NORMAL_RATE if state.transport and state.transport.moving else 0.0,
        generation=f"{run}.{outlook.generation}",
        anew=outlook.anew,
        void_after=None if outlook.void_after is None else seconds_from_ns(outlook.void_after),
        until=seconds_from_ns(mark.until),
        cursor=f"{run}.{mark.generation}.{mark.line}.{mark.until}",
        standing=standing,
        cues=cues,
        clock=ClockRecord(received=seconds_from_ns(received), sent=seconds_from_ns(clock.now())),
    )


def _cue_record(one: Foreseen, run: str) -> CueRecord:
    outcome, cue = one.outcome, one.outcome.cue
    return CueRecord(
        id=f"{run}.{one.generation}.{one.number}",
        generation=f"{run}.{one.generation}",
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


def _standing_record(cue: Cue) -> StandingRecord:
    return StandingRecord(
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


def _mark(cursor: str | None, run: str) -> Mark | None:
    """The mark that a cursor stands for; None for none, and for one of another run of the daemon. Raises UsageError."""
    if cursor is None:
        return None
    of_run, *rest = cursor.split(".")
    if not of_run or len(rest) != 3 or not all(part.isdecimal() and part.isascii() for part in rest):
        raise UsageError("after: expected the cursor of the last answer, as it came")
    if of_run != run:
        return None
    generation, line, until = (int(part) for part in rest)
    return Mark(generation, line, HostNs(until))
