"""When to ask again, and when to give up: arithmetic on durations. Never waits, draws no randomness, reads no clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, TypeAlias

from beatsync.core.units import NS_PER_SECOND, DurationNs, WallNs, ms

_SECONDS: Final = re.compile(r"[0-9]+(\.[0-9]+)?([eE]\+?[0-9]+)?")
_MAX_HEADER_CHARACTERS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How patient to be.

    `tries`: requests in all; `budget`: for everything, waits included; waits double from `first_wait` to
    `longest_wait`; what a server asks for is taken as at least `least_asked` and at most `most_asked`; `jitter`: the
    largest share by which a wait is lengthened, so that many machines do not come back at the same instant.
    """

    tries: int
    budget: DurationNs
    first_wait: DurationNs
    longest_wait: DurationNs
    least_asked: DurationNs
    most_asked: DurationNs
    jitter: float


PATIENCE: Final = RetryPolicy(
    tries=3,
    budget=ms(10_000),
    first_wait=ms(500),
    longest_wait=ms(2_000),
    least_asked=ms(500),
    most_asked=ms(60_000),
    jitter=0.25,
)
"""What a person who waits for a track to load will bear."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Ask again after so long."""

    duration: DurationNs


@dataclass(frozen=True, slots=True)
class NoTriesLeft:
    """The last try has been used."""


@dataclass(frozen=True, slots=True)
class DoesNotFit:
    """The wait would outlast what is left of the budget, so it is not begun."""

    wait: DurationNs


Next: TypeAlias = Wait | NoTriesLeft | DoesNotFit


def next_step(
    policy: RetryPolicy,
    *,
    failures: int,
    asked: DurationNs | None,
    share: float,
    left: DurationNs,
) -> Next:
    """What follows the `failures`-th failure (from 1).

    `asked`: what the server asked for, if it did; `share`: of the jitter to add, 0 to 1; `left`: of the budget.
    """
    if failures >= policy.tries:
        return NoTriesLeft()
    base = backoff(policy, failures) if asked is None else asked
    cap = max(policy.longest_wait, policy.most_asked)
    wait = DurationNs(min(base + round(base * policy.jitter * share), cap))
    return Wait(wait) if wait < left else DoesNotFit(wait)


def backoff(policy: RetryPolicy, failures: int) -> DurationNs:
    """The wait after the `failures`-th failure where the server asks for none: doubling, up to the longest."""
    wait = policy.first_wait
    for _ in range(failures - 1):
        if wait >= policy.longest_wait:
            break
        wait = DurationNs(wait * 2)
    return DurationNs(min(wait, policy.longest_wait))


def asked_wait(policy: RetryPolicy, header: str | None, wall: WallNs) -> DurationNs | None:
    """What a Retry-After header asks for, as seconds or as a date after `wall`, clamped; None for rubbish."""
    text = (header or "").strip()
    if not text or len(text) > _MAX_HEADER_CHARACTERS:
        return None
    if _SECONDS.fullmatch(text):
        longest = policy.most_asked / NS_PER_SECOND
        nanoseconds = round(min(float(text), longest) * NS_PER_SECOND)
    else:
        moment = _wall_of_date(text)
        if moment is None:
            return None
        nanoseconds = moment - wall
    return DurationNs(min(max(nanoseconds, policy.least_asked), policy.most_asked))


def _wall_of_date(text: str) -> WallNs | None:
    try:
        date = parsedate_to_datetime(text)
        if date.tzinfo is None:  # how the parser spells "-0000"
            date = date.replace(tzinfo=UTC)
        seconds = (date - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return WallNs(round(seconds) * NS_PER_SECOND)
