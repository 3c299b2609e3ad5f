"""Whether playback has jumped, told from the last readings alone.

A jump is believed where it makes the last few readings likely and where without it they would be a marvel: one reading
alone is never enough, two that agree are, if nothing else explains them. What explains late readings is a stall: after
a silence the readings that were held up come late by as much, or in bursts, and then a jump back needs more of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from beatsync.core.cursor import HYSTERESIS
from beatsync.core.envelope import Reading
from beatsync.core.evidence import Evidence
from beatsync.core.lags import GRAIN

CERTAIN: Final = 15.0
"""Nats by which the jump must be likelier than chance: one in three million, for some hundred ways to see one."""

CERTAIN_ALONE: Final = 8.0
"""The same where the user wants one reading to be enough."""

AFTER_A_STALL: Final = 3
"""How many more readings must agree on a jump back that a stall would explain as well."""

_LENGTHS: Final = (1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22)
_APART: Final = 0.7
_DISAGREES: Final = 12.0
# What a jump costs for being one, in nats; a small one is a slip, and rarer.
_RARE: Final = 3.0
_RARER: Final = 6.0


@dataclass(frozen=True, slots=True)
class Step:
    """Playback jumped by `size` nanoseconds before the last `length` readings; `gain`: how certain that is, in nats.

    `first`: the first reading after the jump; `last`: the last one before it.
    """

    size: float
    length: int
    gain: float
    last: Reading
    first: Reading


def find_step(evidence: Evidence, *, confirm: int, interval: float, singly: int) -> Step | None:
    """The likeliest jump, None where none is certain.

    `interval`: the usual time between two readings; `singly`: so many of the last ones have not come in a burst.
    """
    best: Step | None = None
    least = CERTAIN if confirm > 1 else CERTAIN_ALONE
    for length in sorted({confirm, *_LENGTHS}):
        if not confirm <= length < len(evidence.readings) or evidence.chances[length] <= least:
            continue
        step = _weighed(evidence, length, confirm=confirm)
        if (
            step is not None
            and step.gain > least
            and not _stalled(evidence, step, confirm=confirm, interval=interval, singly=singly)
        ):
            best, least = step, step.gain
    return best


def _weighed(evidence: Evidence, length: int, *, confirm: int) -> Step | None:
    """A jump before the last `length` readings; None if too few of them agree on it, or only on that it is small."""
    lags, pace, tail = evidence.lags, evidence.pace, evidence.above[-length:]
    top = max(tail)
    gap = lags.gap([(top - above) / pace for above in tail])
    size = top + gap * pace
    oddities = [lags.oddity((size - above) / pace, GRAIN + gap) for above in tail]
    if sum(odd < _DISAGREES for odd in oddities) < confirm or 2 * gap * pace > abs(size):
        return None
    cost = _RARE if abs(size) > HYSTERESIS else _RARER
    last, first = evidence.readings[-length - 1], evidence.readings[-length]
    return Step(size, length, evidence.chances[length] - cost - sum(oddities), last, first)


def _stalled(evidence: Evidence, step: Step, *, confirm: int, interval: float, singly: int) -> bool:
    """Whether the readings may as well have been held up: then they come late, and as far apart as they were made, or
    in bursts.
    """
    went_on = step.first.position - step.last.position
    if step.size > 0 or went_on <= 0:
        return False
    is_short = step.length < confirm + AFTER_A_STALL
    return singly < confirm or (is_short and went_on > _APART * interval * evidence.pace)
