"""In which order cues of one instant leave: by turns to each target, so that none waits for all the others."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from beatsync.core.schedule import Phase
from beatsync.core.units import HostNs
from beatsync.core.verdicts import Outcome


def by_turns(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes in the order of their instants; those of one instant take turns, target by target.

    The targets' turns are in the order in which they first appear, each target's own cues stay in theirs.
    """
    if len(outcomes) < 3:
        return list(outcomes)
    return [outcome for _, group in groupby(outcomes, key=lambda one: one.due) for outcome in _turns(group)]


def together(of_decks: Iterable[Sequence[Outcome]]) -> list[Outcome]:
    """The outcomes of several decks as one row, in the order of their instants, those of one instant by turns.

    Where one deck hands over to another, in one instant, the looks that end go before those that begin.
    """
    rows = [outcomes for outcomes in of_decks if outcomes]
    if len(rows) < 2:
        return [outcome for outcomes in rows for outcome in outcomes]
    keyed: list[tuple[HostNs, bool, Outcome]] = []
    for outcomes in rows:
        begun: HostNs | None = None  # the instant in which the deck has begun something
        for outcome in outcomes:
            if outcome.cue.phase is Phase.START:
                begun = outcome.due
            keyed.append((outcome.due, begun == outcome.due, outcome))
    return by_turns([outcome for _, _, outcome in sorted(keyed, key=lambda item: item[:2])])


def _turns(group: Iterator[Outcome]) -> Iterator[Outcome]:
    queues: dict[str, deque[Outcome]] = {}
    for outcome in group:
        queues.setdefault(outcome.cue.target, deque()).append(outcome)
    while queues:
        for target in tuple(queues):
            yield queues[target].popleft()
            if not queues[target]:
                del queues[target]
