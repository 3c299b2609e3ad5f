"""Players and feeds that do not exist: what is true, and what a feed makes of it. For the bench and for the tests.

The feeds are those of the cases in docs/following.md. All randomness comes from a seed: the same seed gives the same
readings. Delay, staleness and rounding only ever make a reading low, as they do in life, and the least delay is none:
what all readings have in common nobody can see, and the feed's offset is for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final, TypeAlias

from beatsync.core.observation import Accuracy, Character, Observation, RateKnowledge
from beatsync.core.transport import rate_of
from beatsync.core.units import NO_TIME, NS_PER_MS, NS_PER_SECOND, HostNs, TrackNs, ms

START: Final = HostNs(10**12)
CRYSTAL: Final = 1.000120
"""The player's clock is 120 ppm faster than ours."""

FIXED, REPORTED, INFERRED = RateKnowledge.FIXED, RateKnowledge.REPORTED, RateKnowledge.INFERRED

Delay: TypeAlias = Callable[[Random], float]
"""Draws the delay of one reading, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Piece:
    """From `host` on playback runs from `position` (nanoseconds) at `rate`; `jumped`: it was somewhere else before."""

    host: HostNs
    position: float
    rate: float
    jumped: bool


@dataclass(slots=True)
class Playback:
    """The truth: where a player stands at every instant."""

    crystal: float = CRYSTAL
    pieces: list[Piece] = field(default_factory=list)

    def piece_at(self, host: int) -> Piece:
        """The piece that `host` lies in."""
        return self.pieces[max(bisect_right(self.pieces, host, key=lambda piece: piece.host) - 1, 0)]

    def at(self, host: int) -> float:
        """The position, in nanoseconds."""
        piece = self.piece_at(host)
        return piece.position + (host - piece.host) * piece.rate * self.crystal

    def go(self, host: HostNs, *, to: float | None = None, by: float = 0.0, rate: float | None = None) -> None:
        """From `host` on, playback stands at `to`, or `by` nanoseconds further than it would, and goes at `rate`."""
        position = self.at(host) + by if to is None else to
        speed = self.piece_at(host).rate if rate is None else rate
        self.pieces.append(Piece(host, position, speed, jumped=to is not None or by != 0.0))


def playing(at: float = 10.0, *, crystal: float = CRYSTAL) -> Playback:
    """A player that plays from `at` seconds, since `START`."""
    return Playback(crystal, [Piece(START, at * NS_PER_SECOND, 1.0, jumped=False)])


def instant(seconds: float) -> HostNs:
    """So long after `START`."""
    return HostNs(START + round(seconds * NS_PER_SECOND))


# Delays


@dataclass(frozen=True, slots=True)
class Uniform:
    """Anything up to `longest` milliseconds."""

    longest: float

    def __call__(self, random: Random) -> float:
        """Draw one."""
        return random.uniform(0.0, self.longest)


def drawn(delay: Delay, seed: int, count: int) -> list[float]:
    """So many delays."""
    random = Random(seed)
    return [delay(random) for _ in range(count)]


def heavy_tailed(random: Random) -> float:
    """Up to 5 ms; 8 of 100 are spikes of 10 to 200 ms, most of them short (Pareto)."""
    return min(10.0 * random.paretovariate(1.2), 200.0) if random.random() < 0.08 else random.uniform(0.0, 5.0)


def harsh(random: Random) -> float:
    """Up to 5 ms; 8 of 100 are spikes of 10 to 200 ms, long ones as often as short ones."""
    return random.uniform(10.0, 200.0) if random.random() < 0.08 else random.uniform(0.0, 5.0)


# Feeds


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedFeed:
    """How a feed distorts the truth. Times in milliseconds.

    `sway`: the period is drawn anew each time, from one less `sway` to one plus `sway` of it. `step`: positions move in
    steps of this, rounded down. `in_order`: what was held up holds up what comes after it. `silent_when_paused`:
    nothing is sent then. `states`: of `playing`, `jump` and `rate` what the source says, in a message at once.
    """

    name: str
    accuracy: Accuracy
    period: float
    delay: Delay
    sway: float = 0.0
    step: float = 0.0
    in_order: bool = True
    loss: float = 0.0
    silent_when_paused: bool = False
    states: frozenset[str] = frozenset()
    rate: RateKnowledge = FIXED

    @property
    def character(self) -> Character:
        """What the estimator is told of it."""
        return Character(
            accuracy=self.accuracy,
            interval=ms(self.period),
            quantum=ms(self.step) if self.step else NO_TIME,
            rate=self.rate,
            states_playing="playing" in self.states,
            silence_is_pause=self.silent_when_paused,
        )

    def readings(self, playback: Playback, seconds: float, random: Random) -> list[Observation]:
        """What is heard of `playback` in so many seconds, in the order in which it arrives."""
        heard: list[tuple[int, Observation]] = []
        last = 0
        for sent, piece in self._messages(playback, seconds, random):
            arrives = sent + round(self.delay(random) * NS_PER_MS)
            is_lost = random.random() < self.loss
            if is_lost or (self.silent_when_paused and playback.piece_at(sent).rate == 0 and piece is None):
                continue
            if self.in_order:
                arrives = last = max(arrives, last + 1000)
            heard.append((arrives, self._observation(HostNs(arrives), playback.at(sent), piece)))
        return [observation for _, observation in sorted(heard, key=lambda item: item[0])]

    def _messages(self, playback: Playback, seconds: float, random: Random) -> Iterator[tuple[HostNs, Piece | None]]:
        """When something is sent, and the piece of playback that it announces, if it does."""
        times: list[tuple[HostNs, Piece | None]] = []
        now = START + random.uniform(0, self.period) * NS_PER_MS
        while now < START + seconds * NS_PER_SECOND:
            times.append((HostNs(round(now)), None))
            now += self.period * random.uniform(1 - self.sway, 1 + self.sway) * NS_PER_MS
        if self.states:
            times += [(piece.host, piece) for piece in playback.pieces]
        return iter(sorted(times, key=lambda item: item[0]))

    def _observation(self, host: HostNs, position: float, piece: Piece | None) -> Observation:
        step = self.step * NS_PER_MS
        read = TrackNs(round(position // step * step if step else position))
        if piece is None:
            return Observation(host=host, position=read)
        return Observation(
            host=host,
            position=read,
            playing=piece.rate != 0 if "playing" in self.states else None,
            jump=piece.jumped and "jump" in self.states,
            rate=rate_of(piece.rate) if "rate" in self.states and piece.rate else None,
        )


TEN_A_SECOND: Final = SimulatedFeed(name="10 Hz, 0-20 ms", accuracy=Accuracy.B, period=100, delay=Uniform(20))
ONE_A_SECOND: Final = SimulatedFeed(name="1 Hz, 0-5 ms", accuracy=Accuracy.C, period=1000, delay=Uniform(5), step=1)
HEAVY_TAIL: Final = SimulatedFeed(name="30 Hz, heavy tail", accuracy=Accuracy.B, period=1000 / 30, delay=heavy_tailed)
HARSH: Final = SimulatedFeed(name="30 Hz, harsher tail", accuracy=Accuracy.B, period=1000 / 30, delay=harsh)
UNORDERED: Final = SimulatedFeed(
    name="30 Hz, harsher, unordered", accuracy=Accuracy.B, period=1000 / 30, delay=harsh, in_order=False
)
MPD: Final = SimulatedFeed(
    name="MPD, steps of 22.7 ms", accuracy=Accuracy.B, period=100, sway=0.3, delay=Uniform(0.3), step=22.7
)
SLOW_NETWORK: Final = SimulatedFeed(name="10 Hz, 0-50 ms", accuracy=Accuracy.C, period=100, delay=Uniform(50))
VLC: Final = SimulatedFeed(
    name="VLC, steps of 313 ms", accuracy=Accuracy.C, period=50, sway=0.3, delay=Uniform(10), step=313
)
WHOLE_SECONDS: Final = SimulatedFeed(
    name="whole seconds, 7.3 Hz", accuracy=Accuracy.D, period=137, sway=0.22, delay=Uniform(5), step=1000
)
COARSE: Final = SimulatedFeed(
    name="steps of 100 ms, 7.3 Hz", accuracy=Accuracy.C, period=137, sway=0.22, delay=Uniform(1), step=100
)
CDJ: Final = SimulatedFeed(name="CDJ-3000, 0-3 ms", accuracy=Accuracy.A, period=30, delay=Uniform(3))
MPV: Final = SimulatedFeed(name="mpv, 0-0.6 ms", accuracy=Accuracy.A, period=83, delay=Uniform(0.6))
