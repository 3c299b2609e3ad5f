"""The course of one deck's cues for whoever looks ahead: generations, lines, what was sent lately. Pure; told `now`."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from beatsync.core.schedule import Cue, Schedule
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs, ms
from beatsync.core.verdicts import Outcome

KEPT: Final = ms(3_000)
"""What has been sent is told for so long to whoever has not asked since."""

MOST: Final = 2_000
"""Cues at once."""

_BEGINNINGS: Final = 64
_OVERLAP: Final = ms(5)
"""An instant that moves by less than what makes another line must not slip through between two looks."""

_NEVER: Final = HostNs(0)


@dataclass(frozen=True, slots=True)
class Mark:
    """Up to where somebody has looked."""

    generation: int
    line: int
    until: HostNs


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A cue that will be sent, or was just now. `number` tells it from the others of its generation."""

    generation: int
    number: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class _Ended:
    """A generation that is over: when, and on which line it was by then."""

    generation: int
    at: HostNs
    line: int


@dataclass(slots=True)
class Course:
    """What one deck is on. `reference`: the line as it was when it was given its number.

    `sent`: of the last seconds; `forgotten`: when the last of what is not in there any more was due. Of this
    generation: `numbers` of cues by which time of theirs it is, and `times`, how often each has been sent: a button
    that was pressed before a seek and again after it is let go twice.
    """

    generation: int = 0
    line: int = 0
    reference: Transport | None = None
    ended: deque[_Ended] = field(default_factory=lambda: deque(maxlen=_BEGINNINGS))
    sent: deque[Foreseen] = field(default_factory=deque)
    forgotten: HostNs = _NEVER
    numbers: dict[tuple[Cue, int], int] = field(default_factory=dict)
    times: Counter[Cue] = field(default_factory=Counter)
    schedule: Schedule | None = None

    def begin(self, now: HostNs, transport: Transport | None) -> None:
        """A new generation."""
        self.ended.append(_Ended(self.generation, now, self.line))
        self.generation += 1
        self.line, self.reference = 0, transport
        self.numbers, self.times = {}, Counter()

    def begin_anew(self, now: HostNs, transport: Transport | None) -> None:
        """A new generation, and nothing is known of what was sent before."""
        self.begin(now, transport)
        self.sent.clear()
        self.ended.clear()

    def keep(self, outcome: Outcome) -> None:
        """One that has been sent."""
        self.sent.append(self._seen(outcome, self.times))
        if len(self.sent) > MOST:
            self._forget_one()

    def forget(self, now: HostNs) -> None:
        """What was sent too long ago need not be told any more."""
        while self.sent and self.sent[0].outcome.due < now - KEPT:
            self._forget_one()

    def _forget_one(self) -> None:
        self.forgotten = max(self.forgotten, self.sent.popleft().outcome.due)

    def foresee(self, outcomes: Iterable[Outcome]) -> list[Foreseen]:
        """These will be sent, in this order."""
        times = self.times.copy()
        return [self._seen(outcome, times) for outcome in outcomes]

    def _seen(self, outcome: Outcome, times: Counter[Cue]) -> Foreseen:
        key = (outcome.cue, times[outcome.cue])
        times[outcome.cue] += 1
        return Foreseen(self.generation, self.numbers.setdefault(key, len(self.numbers)), outcome)

    def end_of(self, generation: int) -> _Ended | None:
        """How a generation ended; None where it has not, or that is too long ago to be known."""
        return next((one for one in self.ended if one.generation == generation), None)

    def goes_on_from(self, mark: Mark) -> bool:
        """Whether everything is still known that was sent and which that look has not shown."""
        if mark.generation == self.generation:
            return mark.until >= self.forgotten
        ended = self.end_of(mark.generation)
        return ended is not None and ended.at >= self.forgotten

    def is_unseen(self, one: Foreseen, mark: Mark, now: HostNs) -> bool:
        """Whether that look may not have shown this cue, or not at the instant at which it was sent after all."""
        if one.generation != mark.generation:
            return one.generation > mark.generation
        ended = self.end_of(mark.generation)
        same_line = mark.line == (self.line if ended is None else ended.line)
        return one.outcome.due > (mark.until - _OVERLAP if same_line else now - KEPT)
