"""Two runs of one show compared: which cues were sent in both, which in one alone, and which at another instant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from beatsync.core.units import NO_TIME, DurationNs, HostNs, ms, ns_from_seconds
from beatsync.core.verdicts import Cause, Verdict
from beatsync.traces.lines import CueLine, Line

SAME_INSTANT: Final = ms(1)
"""Cues that are due within this of each other are due at one instant: decisions are made a moment later than due."""

SAME_DECISION: Final = ms(10)
"""The same for what a decision makes due, such as a seek: it fell due when word of that had come to the conductor."""

SAME_CUE: Final = ms(500)
"""A cue that is due by more earlier or later is another one."""

_SENT: Final = frozenset({Verdict.SENT, Verdict.LATE})


@dataclass(frozen=True, slots=True)
class Fired:
    """A cue that was sent. `record`: as the log writes it."""

    due: HostNs
    deck: str
    record: Mapping[str, Any]

    @property
    def what(self) -> tuple[Any, ...]:
        """What makes two of them the same."""
        record = self.record
        return (
            self.deck,
            record["target"],
            record["address"],
            record["types"],
            str(record["args"]),
            record["position"],
        )

    @property
    def exactness(self) -> DurationNs:
        """Another one that is due within this of it is due at the same instant."""
        return SAME_INSTANT if self.record["cause"] == Cause.PLAYED else SAME_DECISION


class Kind(StrEnum):
    """How a cue differs."""

    MISSING = "missing"
    """it was sent then, and is not now"""
    ADDED = "added"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Difference:
    """One cue that differs. `by`: how much later it is now, where it has moved."""

    kind: Kind
    fired: Fired
    by: DurationNs = NO_TIME


def fired_in(lines: Iterable[Line]) -> list[Fired]:
    """The cues that were sent."""
    return [
        Fired(HostNs(ns_from_seconds(line.cue["due"])), line.deck, line.cue)
        for line in lines
        if isinstance(line, CueLine) and line.cue["verdict"] in _SENT
    ]


def compare(then: Iterable[Fired], now: Iterable[Fired]) -> list[Difference]:
    """What differs, in the order of its instants."""
    before, after = _by_what(then), _by_what(now)
    differences: list[Difference] = []
    for what in before.keys() | after.keys():
        differences += _differences(before.get(what, []), after.get(what, []))
    return sorted(differences, key=lambda difference: (difference.fired.due, difference.fired.what[1:3]))


def _by_what(fired: Iterable[Fired]) -> dict[tuple[Any, ...], list[Fired]]:
    gathered: defaultdict[tuple[Any, ...], list[Fired]] = defaultdict(list)
    for one in fired:
        gathered[one.what].append(one)
    for its in gathered.values():
        its.sort(key=lambda one: one.due)
    return gathered


def _differences(then: list[Fired], now: list[Fired]) -> Iterable[Difference]:
    """Of the same cue, fired any number of times: pairs by their order, where they are near enough to each other."""
    then, now = then[::-1], now[::-1]
    while then and now:
        apart = DurationNs(now[-1].due - then[-1].due)
        if abs(apart) <= SAME_CUE:
            if abs(apart) > then[-1].exactness:
                yield Difference(Kind.MOVED, now[-1], apart)
            then.pop()
            now.pop()
        elif apart > 0:
            yield Difference(Kind.MISSING, then.pop())
        else:
            yield Difference(Kind.ADDED, now.pop())
    yield from (Difference(Kind.MISSING, one) for one in then)
    yield from (Difference(Kind.ADDED, one) for one in now)
