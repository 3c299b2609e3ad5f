"""The conductor's books: what was due, what became of it, how late it was. Snapshots are values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from beatsync.core.histogram import Histogram, Recorder, merged
from beatsync.core.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Totals:
    """Everything since the start. The verdicts and what is still `queued` add up to `due`."""

    due: int = 0
    queued: int = 0
    verdicts: Mapping[Verdict, int] = field(default_factory=dict)
    lateness: Histogram = field(default_factory=Histogram)

    def of(self, verdict: Verdict) -> int:
        """How many got `verdict`."""
        return self.verdicts.get(verdict, 0)

    def since(self, before: Totals) -> Totals:
        """What has been entered since `before`; what is queued is so now."""
        verdicts = {verdict: count - before.of(verdict) for verdict, count in self.verdicts.items()}
        return Totals(
            due=self.due - before.due,
            queued=self.queued,
            verdicts={verdict: count for verdict, count in verdicts.items() if count},
            lateness=self.lateness.since(before.lateness),
        )

    @property
    def balanced(self) -> bool:
        """Whether every due cue is accounted for."""
        return self.due == self.queued + sum(self.verdicts.values())


def total_of(parts: Iterable[Totals]) -> Totals:
    """The books of several targets as one."""
    books = tuple(parts)
    verdicts: Counter[Verdict] = Counter()
    for part in books:
        verdicts.update(part.verdicts)
    return Totals(
        due=sum(part.due for part in books),
        queued=sum(part.queued for part in books),
        verdicts=dict(verdicts),
        lateness=merged(part.lateness for part in books),
    )


@dataclass(slots=True)
class _Account:
    due: int = 0
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    lateness: Recorder = field(default_factory=Recorder)


class Tally:
    """Counts verdicts for each target."""

    def __init__(self, start: Mapping[str, Totals] = MappingProxyType({})) -> None:
        """`start`: what has been counted before."""
        self._accounts = {
            target: _Account(totals.due, Counter(totals.verdicts), Recorder(totals.lateness))
            for target, totals in start.items()
        }
        self._touched: set[str] = set()

    def fell_due(self, target: str) -> None:
        """A cue of `target` fell due."""
        self._account(target).due += 1

    def decided(self, target: str, verdict: Verdict, lateness: int | None) -> None:
        """It got its verdict; `lateness` in nanoseconds where it was sent."""
        account = self._account(target)
        account.verdicts[verdict] += 1
        if lateness is not None:
            account.lateness.add(lateness)

    def totals(self, queued: Mapping[str, int] = MappingProxyType({})) -> dict[str, Totals]:
        """The books of each target; `queued`: how many of its packets wait."""
        return {target: self._totals(target, queued.get(target, 0)) for target in self._accounts}

    def changes(self) -> dict[str, Totals]:
        """The books of the targets in which something has been entered since this was last asked."""
        touched, self._touched = self._touched, set()
        return {target: self._totals(target, 0) for target in touched}

    def _totals(self, target: str, queued: int) -> Totals:
        account = self._accounts[target]
        return Totals(
            due=account.due,
            queued=queued,
            verdicts=dict(account.verdicts),
            lateness=account.lateness.snapshot(),
        )

    def _account(self, target: str) -> _Account:
        self._touched.add(target)
        account = self._accounts.get(target)
        if account is None:
            account = self._accounts[target] = _Account()
        return account
