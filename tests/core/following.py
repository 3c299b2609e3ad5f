"""A feed, an estimator and a deck, for tests that read as sentences: positions and instants in seconds."""

from __future__ import annotations

from dataclasses import dataclass, field

from beatsync.core.engine import Engine
from beatsync.core.estimator import Estimator
from beatsync.core.observation import Accuracy, Character, Following, Observation, RateKnowledge, TrackHint
from beatsync.core.playback import Adjusted, Held, Verdict
from beatsync.core.schedule import Schedule
from beatsync.core.transport import Transport, rate_of
from beatsync.core.units import NS_PER_SECOND, HostNs, TrackNs, ms, ns_from_seconds, seconds_from_ns
from beatsync.core.verdicts import Outcome
from tests.core.shows import TARGET

START = 1000.0
SILENT = Character(accuracy=Accuracy.A, interval=ms(20), silence_is_pause=True)
STATED = Character(accuracy=Accuracy.A, interval=ms(50), states_playing=True, rate=RateKnowledge.REPORTED)
BARE = Character(accuracy=Accuracy.A, interval=ms(50))
DECK = Character(accuracy=Accuracy.A, interval=ms(30), rate=RateKnowledge.INFERRED)


def host(seconds: float) -> HostNs:
    """So long after the beginning of the test."""
    return HostNs(ns_from_seconds(START + seconds))


@dataclass
class Deck:
    """What an estimator's verdicts come to: the line, and with a schedule what the engine sends."""

    character: Character = BARE
    following: Following = field(default_factory=Following)
    schedule: Schedule | None = None
    line: Transport | None = None
    verdicts: list[Verdict] = field(default_factory=list)
    sent: list[tuple[float, Outcome]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.estimator = Estimator(self.character, self.following)
        self.engine = Engine((TARGET,))
        if self.schedule is not None:
            self.engine.load(self.schedule)

    # What happens

    def says(
        self,
        at: float,
        position: float | None = None,
        *,
        playing: bool | None = None,
        rate: float | None = None,
        jump: bool = False,
        track: TrackHint | None = None,
    ) -> list[Verdict]:
        """The source says something; returns what came of it, and of the time until then."""
        return self.hears(
            Observation(
                host=host(at),
                position=None if position is None else TrackNs(ns_from_seconds(position)),
                playing=playing,
                rate=None if rate is None else rate_of(rate),
                jump=jump,
                track=track,
            ),
        )

    def hears(self, observation: Observation) -> list[Verdict]:
        """An observation comes in."""
        before = len(self.verdicts)
        self._run_until(observation.host)
        self._apply(observation.host, self.estimator.observe(observation, observation.host))
        self._run_until(observation.host)
        return self.verdicts[before:]

    def plays(
        self, start: float, end: float, position: float, *, every: float = 0.05, rate: float = 1.0
    ) -> list[Verdict]:
        """Readings without any delay: it stands at `position` at `start`, and plays until `end`, not included."""
        before = len(self.verdicts)
        for index in range(round((end - start) / every)):
            self.says(start + index * every, position + index * every * rate)
        return self.verdicts[before:]

    def waits(self, until: float) -> list[Verdict]:
        """Nothing is said until then."""
        before = len(self.verdicts)
        self._run_until(host(until))
        return self.verdicts[before:]

    def _run_until(self, now: HostNs) -> None:
        while True:
            due = self.estimator.next_deadline()
            cue = self.engine.next_deadline()
            if cue is not None and cue <= now and (due is None or cue <= due):
                self._send(cue)
            elif due is not None and due <= now:
                self._send(due)
                self._apply(due, self.estimator.advance(due))
            else:
                self._send(now)
                return

    def _apply(self, now: HostNs, verdict: Verdict) -> None:
        if not isinstance(verdict, Held):
            self.verdicts.append(verdict)
            self.line = verdict.transport
            if self.line is None:
                self.engine.stop(now)
            elif isinstance(verdict, Adjusted):
                self.engine.adjust(self.line)
            else:
                self.engine.seek(self.line, now)
        assert self.estimator.transport == self.line
        self._send(now)

    def _send(self, now: HostNs) -> None:
        seconds = seconds_from_ns(now) - START
        self.sent += [(seconds, outcome) for outcome in self.engine.advance(now) if outcome.to_send]

    # What is seen

    def position(self, at: float) -> float:
        """Where the deck stands."""
        assert self.line is not None
        return self.line.position_at(host(at)) / NS_PER_SECOND

    @property
    def beats(self) -> list[tuple[float, float]]:
        """When a beat was sent, and where it lies, in seconds."""
        return [(round(at, 3), outcome.cue.position / NS_PER_SECOND) for at, outcome in self.sent]


def kinds(verdicts: list[Verdict]) -> list[str]:
    """What sort of verdicts they are, adjustments apart."""
    return [type(verdict).__name__ for verdict in verdicts if not isinstance(verdict, Adjusted)]
