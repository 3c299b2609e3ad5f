"""Things done to a player, drawn from a seed, and what a show made of them: doubled, wrong, late or left out."""

from __future__ import annotations

import random
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import pairwise
from typing import Final, Protocol

from beatsync.clock import SystemClock
from beatsync.core.units import NS_PER_MS, NS_PER_SECOND, HostNs, ms
from bench.players_show import CUE_MS, place_of
from tests.players.arrivals import Arrival
from tests.players.dense import Course, Point

CLOCK: Final = SystemClock()
SHORTEST_REST: Final = 0.7
LONGEST_REST: Final = 1.6
"""Between two changes: jumps closer together than half a second are scrubbing, during which nothing fires."""

SPEEDS: Final = (0.8, 0.92, 0.98, 1.02, 1.08, 1.25)
MARGIN: Final = 4.0
"""A seek goes at least so far, so that cues of the old place and the new one cannot be taken for each other."""

WRONG_AFTER: Final = ms(50)
SETTLING: Final = ms(800)
"""So long after a change of speed a player's own reading may be off: its buffer still plays at the old one."""

BEFORE: Final = 0.1
BEYOND: Final = 0.5


class Kind(StrEnum):
    """What is done to a player."""

    SEEK = "seek"
    PAUSE = "pause"
    RESUME = "resume"
    SPEED = "speed"


@dataclass(frozen=True, slots=True)
class Change:
    """`sent`: when the player was told, `done`: when it had answered; `value`: where to, or how fast."""

    kind: Kind
    sent: HostNs
    done: HostNs
    value: float = 0.0


class Player(Protocol):
    """A player that can be operated; each command waits for the player's answer."""

    def pause(self) -> None:
        """Stand still."""
        ...

    def resume(self) -> None:
        """Go on."""
        ...

    def seek(self, seconds: float) -> None:
        """Go to a position."""
        ...

    def position(self) -> float | None:
        """Where it says that it is, in seconds."""
        ...


def make_changes(
    player: Player,
    count: int,
    *,
    seed: int,
    length: float,
    speed: Callable[[float], None] | None = None,
    digits: int = 3,
) -> list[Change]:
    """Do so many things to a player of a track of `length` seconds.

    `speed`: sets its speed, where it has one; `digits`: it seeks to, behind the point.
    """
    chance, now_at = random.Random(seed), 1.0
    changes: list[Change] = []

    def tell(kind: Kind, act: Callable[[], None], value: float = 0.0) -> None:
        sent = CLOCK.now()
        act()
        changes.append(Change(kind, sent, CLOCK.now(), value))
        time.sleep(chance.uniform(SHORTEST_REST, LONGEST_REST))

    for _ in range(count):
        here = player.position() or 0.0
        kind = chance.choices([Kind.SEEK, Kind.PAUSE, Kind.SPEED], [5, 2, 3 if speed else 0])[0]
        if here > length - 4 * MARGIN:
            kind = Kind.SEEK
        if kind is Kind.SEEK:
            target = _target(chance, here, length, digits)
            tell(kind, partial(player.seek, target), target)
        elif kind is Kind.PAUSE:
            tell(kind, player.pause)
            tell(Kind.RESUME, player.resume)
        elif speed is not None:
            now_at = 1.0 if now_at != 1.0 and chance.random() < 0.5 else chance.choice(SPEEDS)
            tell(kind, partial(speed, now_at), now_at)
    return changes


def _target(chance: random.Random, here: float, length: float, digits: int) -> float:
    while True:
        target = round(chance.uniform(MARGIN, length - 8 * MARGIN), digits)
        if abs(target - here) > MARGIN:
            return target


# What became of them


@dataclass(frozen=True, slots=True)
class Span:
    """From one change to the next. `playing`, `place` and `speed`: what was so from `change` on."""

    change: Change
    until: HostNs
    playing: bool
    place: float | None
    speed: float

    def is_right(self, arrival: Arrival) -> bool:
        """Whether a cue belongs where playback was brought to, and not where it was before."""
        if self.place is None:
            return True
        passed = (arrival.at - self.change.sent) / NS_PER_SECOND
        place = place_of(arrival)
        return self.place - BEFORE <= place <= self.place + passed * max(self.speed, 1.0) + BEYOND


def breaks_of(changes: Sequence[Change], end: HostNs) -> list[tuple[int, float]]:
    """When each change was made, and the speed from then on; and the end."""
    breaks, speed = [], 1.0
    for change in changes:
        speed = change.value if change.kind is Kind.SPEED else speed
        breaks.append((int(change.sent), speed))
    return [*breaks, (int(end), speed)]


def spans_of(changes: Sequence[Change], end: HostNs) -> list[Span]:
    """What was so after each of the changes."""
    spans, playing, speed = [], True, 1.0
    untils = [change.sent for change in changes[1:]] + [end]
    for change, until in zip(changes, untils, strict=True):
        playing = change.kind is not Kind.PAUSE and (playing or change.kind is Kind.RESUME)
        speed = change.value if change.kind is Kind.SPEED else speed
        spans.append(Span(change, until, playing, change.value if change.kind is Kind.SEEK else None, speed))
    return spans


@dataclass(frozen=True, slots=True)
class Findings:
    """What arrived, judged. Times in ms.

    `old`: after each seek, how long after the player itself had left it the last cue of the old place came, where any
    did; `first`: how long it took from the command until the first of the new one; `paused`: after each pause the last
    cue; `doubled`: cues that came twice in one run through the track; `disorder`: cues that came behind a later one of
    the same run; `left_out`: cues between the first and the last of a run that never came; `wrong`: cues of another
    place than playback's, later than 50 ms; `errors`: of each cue that can be judged by the player's own readings, how
    late it was.
    """

    old: Sequence[float]
    first: Sequence[float]
    paused: Sequence[float]
    doubled: int
    disorder: int
    left_out: int
    wrong: int
    unanswered: int
    errors: Sequence[float]


def judge(arrivals: Sequence[Arrival], spans: Sequence[Span], course: Course, own: Sequence[Point]) -> Findings:
    """Judge everything that arrived from the first change on. `own`: the player's own readings."""
    old, first, paused, wrong, unanswered = [], [], [], 0, 0
    runs: list[list[Arrival]] = [[arrival for arrival in arrivals if arrival.at < spans[0].change.sent]]
    for span in spans:
        came = _within(arrivals, span.change.sent, span.until)
        right = [arrival for arrival in came if span.is_right(arrival)]
        stale = [arrival for arrival in came if not span.is_right(arrival)]
        left = _left_at(span, own)
        wrong += sum(arrival.at - left > WRONG_AFTER for arrival in stale)
        runs[-1] += stale
        if span.change.kind is Kind.SEEK:
            old += [max(stale[-1].at - left, 0) / NS_PER_MS] if stale else []
            first += [_since(span, right[0])] if right else []
            unanswered += span.playing and not right
            runs.append([])
        elif span.change.kind is Kind.PAUSE and came:
            paused.append(_since(span, came[-1]))
            wrong += sum(arrival.at - span.change.sent > WRONG_AFTER for arrival in right)
        runs[-1] += right
    return Findings(
        old=old,
        first=first,
        paused=paused,
        doubled=sum(count - 1 for run in runs for count in Counter(map(place_of, run)).values()),
        disorder=sum(place_of(after) < place_of(before) for run in runs for before, after in pairwise(run)),
        left_out=sum(_left_out(run) for run in runs),
        wrong=wrong,
        unanswered=unanswered,
        errors=list(_errors(arrivals, spans, course)),
    )


def _within(arrivals: Sequence[Arrival], since: HostNs, until: HostNs) -> Sequence[Arrival]:
    low = bisect_left(arrivals, since, key=lambda arrival: arrival.at)
    return arrivals[low : bisect_right(arrivals, until, key=lambda arrival: arrival.at)]


def _left_at(span: Span, own: Sequence[Point]) -> HostNs:
    """When the player left the place where it was: its own last reading there, or the command if none came since."""
    left = span.change.sent
    if span.place is None:
        return left
    low, high = (bisect_left(own, instant, key=lambda point: point.at) for instant in (left, span.until))
    for point in own[low:high]:
        if abs(point.position / NS_PER_SECOND - span.place) < MARGIN / 2:
            break
        left = point.at
    return left


def _since(span: Span, arrival: Arrival) -> float:
    return (arrival.at - span.change.sent) / NS_PER_MS


def _left_out(run: Sequence[Arrival]) -> int:
    places = {round(place_of(arrival) * 1e3 / CUE_MS) for arrival in run}
    return max(places) - min(places) + 1 - len(places) if places else 0


def _errors(arrivals: Sequence[Arrival], spans: Sequence[Span], course: Course) -> Iterator[float]:
    """How late each cue was, in ms of real time, by the player's own readings."""
    for span in spans:
        settled = span.change.done + (SETTLING if span.change.kind is Kind.SPEED else 0)
        for arrival in _within(arrivals, HostNs(settled), span.until):
            error = error_of(arrival, course, span.speed)
            if error is not None and span.playing and span.is_right(arrival):
                yield error


def error_of(arrival: Arrival, course: Course, speed: float = 1.0) -> float | None:
    """How late a cue came, in ms; None where the player's readings do not tell."""
    stood = course.position_at(arrival.at)
    return None if stood is None else (stood / NS_PER_MS - place_of(arrival) * 1e3) / speed
