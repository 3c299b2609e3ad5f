"""Where playback stands, seen from outside: the daemon is asked again and again, and what it says is cut into runs."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final, Self

from beatsync.control.client import ask_daemon
from beatsync.errors import BeatsyncError
from tests.system.operated.stage import PERIODS

EVERY_SECONDS: Final = 0.1
SAME_LINE: Final = 1_000_000
"""Two answers that put the track's beginning this near to each other are of one line."""

CHANGING_HANDS: Final = max(PERIODS.values()) + 100_000_000
"""A hand-over is on the beat: so long after it is asked for, either deck may be heard."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A deck at one instant, in civil time. `begin`: when its track began, or would have; None while it stands."""

    at: int
    deck: str
    begin: int | None
    track: str | None
    heard: bool
    """It is on air, and its beats are not muted."""

    def goes_on_from(self, other: Sample) -> bool:
        """Whether nothing has happened in between."""
        if (self.track, self.heard) != (other.track, other.heard):
            return False
        if self.begin is None or other.begin is None:
            return self.begin is other.begin
        return abs(self.begin - other.begin) < SAME_LINE


@dataclass(frozen=True, slots=True)
class Run:
    """A deck was seen to go along one line from `first` until `last`; nothing happened to it in between."""

    deck: str
    first: int
    last: int
    begin: int | None
    heard: bool

    def beats(self) -> Iterator[tuple[int, str]]:
        """Those that it passed: when, and what the receiver was to be told."""
        if self.begin is None or not self.heard:
            return
        period = PERIODS[self.deck]
        for number in range(max(0, -(-(self.first - self.begin) // period)), (self.last - self.begin) // period + 1):
            yield self.begin + number * period, f"/{self.deck}/beat {number // 4 + 1} {number % 4 + 1}"


@dataclass
class Watcher:
    """Asks in a thread of its own, for as long as the context lasts; a daemon that is dead is asked again."""

    socket: Path
    samples: list[Sample] = field(default_factory=list)
    answers: int = 0
    refusals: int = 0

    def __enter__(self) -> Self:
        self._over = Event()
        self._thread = Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        gc.collect()  # httpcore leaves a socket open where nobody answers: it is to go now, not in another test

    def _watch(self) -> None:
        while not self._over.wait(EVERY_SECONDS):
            try:
                status = ask_daemon(self.socket, "status")
            except BeatsyncError:
                self.refusals += 1
            else:
                self.answers += 1
                self.samples += samples_of(status)

    def runs(self) -> list[Run]:
        """What was seen, of both decks."""
        return [run for deck in PERIODS for run in runs_of([one for one in self.samples if one.deck == deck])]


def samples_of(status: Mapping[str, Any]) -> Iterator[Sample]:
    """What an answer says of each deck. Both clocks are read now: between them nothing moves in so short a time."""
    at = round(status["at"] * 1e9) + time.time_ns() - time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    for name, deck in status["decks"].items():
        heard = status["on_air"] == name and not status["targets"]["beats"]["silent"]
        begin = at - round(deck["position"] * 1e9) if deck["playback"] == "playing" else None
        yield Sample(at, name, begin, deck["track"], heard)


def runs_of(samples: list[Sample]) -> Iterator[Run]:
    """Of one deck. Where something has changed, the time between two answers belongs to no run."""
    with suppress(IndexError):
        first = samples[0]
        settled = first.at
        for one, other in pairwise(samples):
            if not other.goes_on_from(one):
                yield Run(first.deck, settled, one.at, first.begin, first.heard)
                first = other
                settled = other.at + (CHANGING_HANDS if other.heard != one.heard else 0)
        yield Run(first.deck, settled, samples[-1].at, first.begin, first.heard)
