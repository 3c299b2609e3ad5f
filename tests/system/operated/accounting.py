"""What should have arrived of an operated show, by what was seen of it from outside, beside what did arrive."""

from __future__ import annotations

import re
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.system.aftermath import ROOM, check_looks
from tests.system.operated.watching import Run
from tests.system.stamped import Arrival

AFTER: Final = 150_000_000
"""A beat that is later than this would have been dropped."""

BEFORE: Final = 5_000_000

LATE: Final = re.compile(r"\d+ ms late")


@dataclass
class Account:
    """How it came out. `lost`: beats that neither came nor stand in a log; `named`: those that did not come, with the
    reason; `strays`: beats that came though nothing had called for them.
    """

    expected: int = 0
    came: int = 0
    named: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)
    lateness: list[int] = field(default_factory=list)


def account(runs: Iterable[Run], arrivals: list[Arrival], cues: Iterable[Mapping[str, Any]]) -> Account:
    """`arrivals`: of the beats; `cues`: of all daemons' logs."""
    result, runs = Account(), list(runs)
    came, said = _by_text(arrivals), _reasons(cues)
    explained: set[Arrival] = set()
    for run in runs:
        for due, text in run.beats():
            result.expected += 1
            its = _around(came.get(text, []), due)
            explained.update(its)
            if len(its) > 1:
                result.doubled.append(f"{text} at {due}")
            if its:
                result.came += 1
                result.lateness.append(its[0].at - due)
                continue
            reason = next((reason for at, reason in said.get(text, []) if abs(at - due) < ROOM), None)
            if reason is None:
                result.lost.append(f"{text} at {due}")
            else:
                result.named[LATE.sub("late", reason)] += 1
    result.strays = [f"{one.text} at {one.at}" for one in arrivals if one not in explained and _is_settled(one, runs)]
    return result


def _by_text(arrivals: Iterable[Arrival]) -> dict[str, list[Arrival]]:
    found: dict[str, list[Arrival]] = {}
    for one in arrivals:
        found.setdefault(one.text, []).append(one)
    return found


def _around(arrivals: list[Arrival], due: int) -> list[Arrival]:
    instants = [one.at for one in arrivals]
    return arrivals[bisect_left(instants, due - BEFORE) : bisect_right(instants, due + AFTER)]


def _reasons(cues: Iterable[Mapping[str, Any]]) -> dict[str, list[tuple[int, str]]]:
    """Of each beat that was not sent: when it was due, in civil time, and why not."""
    offset = time.time_ns() - time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    found: dict[str, list[tuple[int, str]]] = {}
    for cue in cues:
        if cue["target"] == "beats" and cue["verdict"] not in {"sent", "late"}:
            text = " ".join([cue["address"], *map(str, cue["args"])])
            found.setdefault(text, []).append((round(cue["due"] * 1e9) + offset, cue["reason"] or cue["verdict"]))
    return found


def _is_settled(one: Arrival, runs: Iterable[Run]) -> bool:
    """Whether it came while it was known what its deck did."""
    deck = one.text.split("/")[1]
    return any(run.deck == deck and run.first + AFTER < one.at < run.last - BEFORE for run in runs)


def check(result: Account, looks: Iterable[list[Arrival]], summary: Mapping[str, Any]) -> None:
    """Nothing is lost or doubled, no look is left standing, and the books add up."""
    assert result.doubled == []
    assert result.strays == []
    unnamed = summary["verdicts"]["failed"] + summary["verdicts"]["dropped"] - result.named.total()
    assert len(result.lost) <= max(0, unnamed), result.lost
    for arrivals in looks:
        check_looks(arrivals)
    assert summary["due"] == sum(summary["verdicts"].values())
    assert summary["queued"] == 0


def described(result: Account, done: Mapping[str, int], refused: Mapping[str, int], seconds: float) -> Iterator[str]:
    """The figures, for people."""
    lateness = sorted(result.lateness)
    yield f"in {seconds:.0f} s: {', '.join(f'{count} {what}' for what, count in sorted(done.items()))}"
    yield f"refused: {', '.join(f'{count} {what}' for what, count in sorted(refused.items())) or 'nothing'}"
    named = ", ".join(f"{count} {reason}" for reason, count in result.named.most_common())
    yield f"beats that playback came to: {result.expected}; arrived: {result.came}; not sent: {named or 'none'}"
    yield f"lost: {len(result.lost)}; doubled: {len(result.doubled)}; uncalled for: {len(result.strays)}"
    yield (
        f"by the kernel's stamps, beside where the daemon said that playback was: p50 "
        f"{lateness[len(lateness) // 2] / 1e6:.2f} ms, p99 {lateness[len(lateness) * 99 // 100] / 1e6:.2f} ms, "
        f"max {lateness[-1] / 1e6:.1f} ms"
    )
