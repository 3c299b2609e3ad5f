"""An estimator run against a player that does not exist: what the deck would do, and how far that is from the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final, TypeAlias

from beatsync.core.estimator import Estimator
from beatsync.core.observation import Following, Observation
from beatsync.core.playback import Held, Verdict
from beatsync.core.transport import Transport
from beatsync.core.units import NS_PER_MS, NS_PER_SECOND, HostNs
from bench.simulated_feeds import START, Playback, SimulatedFeed, instant, playing

USUAL: Final = Following()

Event: TypeAlias = Callable[[Playback, Random], HostNs]
"""Makes something happen to playback; returns when."""

HAPPENS: Final = 15.0
"""Events happen within the second after this one."""


@dataclass(frozen=True, slots=True)
class Seek:
    """Playback jumps by so many seconds."""

    by: float

    def __call__(self, playback: Playback, random: Random) -> HostNs:
        """Make it happen."""
        when = instant(HAPPENS + random.random())
        playback.go(when, by=self.by * NS_PER_SECOND)
        return when


@dataclass(frozen=True, slots=True)
class Pitch:
    """Playback goes faster by so much."""

    change: float

    def __call__(self, playback: Playback, random: Random) -> HostNs:
        """Make it happen."""
        when = instant(HAPPENS + random.random())
        playback.go(when, rate=1.0 + self.change)
        return when


def pause(playback: Playback, random: Random) -> HostNs:
    """Playback stands still, and goes on ten seconds later."""
    when = instant(HAPPENS + random.random())
    playback.go(when, rate=0.0)
    playback.go(instant(2 * HAPPENS), rate=1.0)
    return when


def resume(playback: Playback, random: Random) -> HostNs:
    """Playback goes on after three seconds in which it stood still."""
    when = instant(HAPPENS + random.random())
    playback.go(HostNs(when - 3 * NS_PER_SECOND), rate=0.0)
    playback.go(when, rate=1.0)
    return when


@dataclass(slots=True)
class Simulation:
    """One estimator, driven as the daemon drives it. `deck`: the line that its verdicts have led to."""

    estimator: Estimator
    deck: Transport | None = None
    verdicts: list[tuple[HostNs, Verdict]] = field(default_factory=list)

    def observe(self, observation: Observation) -> None:
        """Time passes up to an observation, and it is taken."""
        self.run_until(observation.host)
        self._apply(observation.host, self.estimator.observe(observation, observation.host))

    def run_until(self, now: HostNs) -> None:
        """Time passes."""
        while (due := self.estimator.next_deadline()) is not None and due <= now:
            self._apply(due, self.estimator.advance(due))

    def _apply(self, now: HostNs, verdict: Verdict) -> None:
        if isinstance(verdict, Held):
            return
        self.verdicts.append((now, verdict))
        self.deck = verdict.transport

    def errors(
        self,
        observations: Sequence[Observation],
        playback: Playback,
        instants: range,
    ) -> Iterator[tuple[HostNs, float | None]]:
        """How far the deck is from the truth at these instants, in milliseconds, while observations come in."""
        coming = iter(observations)
        following = next(coming, None)
        for now in map(HostNs, instants):
            while following is not None and following.host <= now:
                self.observe(following)
                following = next(coming, None)
            self.run_until(now)
            yield now, None if self.deck is None else (self.deck.position_at(now) - playback.at(now)) / NS_PER_MS


@dataclass(frozen=True, slots=True)
class Course:
    """One run. `first`: the first reading; `event`: when something happened; `errors`: of the deck, by instant."""

    first: HostNs
    event: HostNs
    errors: Sequence[tuple[HostNs, float | None]]
    simulation: Simulation

    def since(self, start: HostNs) -> list[float]:
        """The errors from `start` on."""
        return [error for now, error in self.errors if error is not None and now >= start]

    def settled(self, within: float) -> float:
        """Milliseconds from the event until the error is below `within` milliseconds for good."""
        bad = [now for now, error in self.errors if now >= self.event and (error is None or abs(error) >= within)]
        return 0.0 if not bad else (bad[-1] + self.errors[1][0] - self.errors[0][0] - self.event) / NS_PER_MS


def run(
    feed: SimulatedFeed,
    seed: int,
    *,
    seconds: float = 60.0,
    event: Event | None = None,
    silence: tuple[float, float] | None = None,
    following: Following = USUAL,
    sampled: tuple[float, float, float] | None = None,
) -> Course:
    """Follow a player through `feed`. `silence`: from when to when, in seconds, nothing gets through.

    `sampled`: from when to when, in seconds, and how often, in milliseconds, the error is taken; else all through.
    """
    random = Random(seed)
    playback = playing(at=random.uniform(10.0, 110.0))
    when = event(playback, random) if event else START
    observations = feed.readings(playback, seconds, random)
    if silence is not None:
        begins, ends = map(instant, silence)
        observations = [reading for reading in observations if not begins <= reading.host < ends]
    begin, end, every = sampled or (0.0, seconds - 0.5, 5.0)
    simulation = Simulation(Estimator(feed.character, following))
    errors = simulation.errors(observations, playback, range(instant(begin), instant(end), round(every * NS_PER_MS)))
    return Course(observations[0].host, when, list(errors), simulation)
