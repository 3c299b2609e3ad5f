"""The conductor's books: what was due, what became of it, how late it was. Snapshots are values."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import Final

from beatsync.core.verdicts import Verdict

KEPT_LATENESSES: Final = 100_000


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late cues were sent, in nanoseconds, over the last `count` of them (at most KEPT_LATENESSES a target)."""

    count: int
    p50: int
    p99: int
    max: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Everything since the start. The verdicts and what is still `queued` add up to `due`."""

    due: int
    queued: int
    verdicts: Mapping[Verdict, int]
    lateness: Lateness

    def of(self, verdict: Verdict) -> int:
        """How many got `verdict`."""
        return self.verdicts.get(verdict, 0)

    @property
    def balanced(self) -> bool:
        """Whether every due cue is accounted for."""
        return self.due == self.queued + sum(self.verdicts.values())


class Tally:
    """Counts verdicts for each target."""

    def __init__(self) -> None:
        """Nothing counted yet."""
        self._due: Counter[str] = Counter()
        self._verdicts: Counter[tuple[str, Verdict]] = Counter()
        self._latenesses: dict[str, deque[int]] = {}

    def fell_due(self, target: str) -> None:
        """A cue of `target` fell due."""
        self._due[target] += 1

    def decided(self, target: str, verdict: Verdict, lateness: int | None) -> None:
        """It got its verdict; `lateness` in nanoseconds where it was sent."""
        self._verdicts[target, verdict] += 1
        if lateness is not None:
            self._latenesses.setdefault(target, deque(maxlen=KEPT_LATENESSES)).append(lateness)

    def totals(self, target: str | None = None, *, queued: int = 0) -> Totals:
        """The books of one target, or of all; `queued`: how many of its packets wait."""
        due = sum(self._due.values()) if target is None else self._due[target]
        verdicts: Counter[Verdict] = Counter()
        for (name, verdict), count in self._verdicts.items():
            if target in {None, name}:
                verdicts[verdict] += count
        latenesses = (those for name, those in self._latenesses.items() if target in {None, name})
        return Totals(due, queued, MappingProxyType(dict(verdicts)), _lateness(chain.from_iterable(latenesses)))


def _lateness(latenesses: Iterable[int]) -> Lateness:
    ordered = sorted(latenesses)
    if not ordered:
        return Lateness(0, 0, 0, 0)
    last = len(ordered) - 1
    return Lateness(len(ordered), ordered[last // 2], ordered[last * 99 // 100], ordered[last])
