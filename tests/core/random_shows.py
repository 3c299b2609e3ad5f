"""Shows and what happens to them, drawn by hypothesis: schedules made by hand of any kinds of cues, and scripts.

Everything lies on a grid of 50 ms, so that a seek is a jump or nothing at all; wobbles are a step of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from hypothesis import strategies as st

from beatsync.core.engine import Engine
from beatsync.core.leads import NO_LEAD, Lead
from beatsync.core.occasions import Occasion
from beatsync.core.osc import encode
from beatsync.core.rules import Kind, Policy
from beatsync.core.schedule import Cue, Origin, Phase, Schedule, schedule_of
from beatsync.core.targets import Carrier, Target
from beatsync.core.track import Track
from beatsync.core.transport import PAUSED, Transport, rate_of
from beatsync.core.units import HostNs, TrackNs, ms
from beatsync.core.verdicts import Outcome

STEP = 50  # milliseconds
END = 3000
START = HostNs(10**12)
TARGETS = tuple(Target(name=name, carrier=Carrier.UDP, host="h", port=1, max_rate=10**6) for name in ("left", "right"))
_TRACK = Track(asset_id="1", duration=TrackNs(ms(END)), bpm=None, energy=None, grid=None, sections=(), phrases=())

Key: TypeAlias = tuple[str, int, Phase]
"""A cue by its rule, its number among the rule's and its phase: the same in every copy of a schedule."""


@dataclass(frozen=True)
class RandomRule:
    """What the cues of one rule have in common, and their spans in milliseconds."""

    name: str
    target: str
    look: str
    kind: Kind
    policy: Policy
    spans: tuple[tuple[int, int], ...]
    ends: bool = False
    hold: int | None = None
    lead: Lead = NO_LEAD

    def cues(self, shift: int = 0) -> list[Cue]:
        """Its cues, all `shift` milliseconds later."""
        hold = None if self.hold is None else ms(self.hold)
        origin = Origin(
            title=self.name,
            order=int(self.name),
            target=self.target,
            look=self.look,
            kind=self.kind,
            policy=self.policy,
            lead=self.lead,
            hold=hold,
        )
        return [
            cue
            for number, (start, until) in enumerate(self.spans)
            for cue in self._of_span(origin, number, TrackNs(ms(start + shift)), TrackNs(ms(until + shift)))
        ]

    def _of_span(self, origin: Origin, number: int, start: TrackNs, until: TrackNs) -> list[Cue]:
        def cue(phase: Phase, position: TrackNs, ending: Cue | None) -> Cue:
            address = f"/{self.look}/{phase.name}/{self.name}/{number}"
            return Cue(
                position=position,
                until=until,
                phase=phase,
                address=address,
                arguments=(),
                packet=encode(address, ()),
                origin=origin,
                place=Occasion(_TRACK, position, until, None, None),
                ending=ending,
            )

        ending = cue(Phase.END, until, None) if self.ends or self.hold is not None else None
        beginning = cue(Phase.START, start, ending)
        return [beginning] if ending is None or self.hold is not None else [beginning, ending]


@dataclass(frozen=True)
class RandomShow:
    """Rules, from which any number of equal schedules can be made."""

    rules: tuple[RandomRule, ...]

    def schedule(self, shift: int = 0) -> Schedule:
        """A new schedule, its cues `shift` milliseconds later."""
        return schedule_of([cue for rule in self.rules for cue in rule.cues(shift)])


def key_of(cue: Cue) -> Key:
    """The cue, whichever copy of the schedule it is from."""
    return (cue.origin.title, int(cue.address.rpartition("/")[2]), cue.phase)


@st.composite
def spans(draw: st.DrawFn, step: int = STEP) -> tuple[tuple[int, int], ...]:
    """Spans that do not overlap, with and without gaps."""
    marks = sorted(draw(st.sets(st.integers(0, END // step), min_size=2, max_size=8)))
    gaps = draw(st.lists(st.booleans(), min_size=len(marks), max_size=len(marks)))
    return tuple(
        (start * step, until * step) for (start, until), gap in zip(pairwise(marks), gaps, strict=False) if not gap
    )


POLICIES = st.builds(
    Policy,
    jumped_into=st.booleans(),
    skipped_over=st.booleans(),
    gone_back=st.booleans(),
    late_limit=st.sampled_from([None, ms(0), ms(100), ms(500)]),
    ends_on_pause=st.booleans(),
)
RULE_LEADS = st.sampled_from([NO_LEAD, NO_LEAD, NO_LEAD, Lead(ms(100)), Lead(ms(-100)), Lead(ms(0), ms(150))])
PLAIN = Policy(jumped_into=True, late_limit=None)


@st.composite
def shows(draw: st.DrawFn) -> RandomShow:
    """Shows of one to five rules of any kind, some of which share a look."""
    return RandomShow(
        tuple(
            RandomRule(
                name=str(number),
                target=draw(st.sampled_from(["left", "right"])),
                look=draw(st.sampled_from(["a", "b"])),
                kind=draw(st.sampled_from(Kind)),
                policy=draw(POLICIES),
                spans=draw(spans()),
                ends=draw(st.booleans()),
                hold=draw(st.sampled_from([None, None, 0, 30, 500])),
                lead=draw(RULE_LEADS),
            )
            for number in range(draw(st.integers(1, 5)))
        )
    )


@dataclass(frozen=True)
class Step:
    """One thing that happens. `ms`: how long it takes, or how far it goes; `at`: a position in milliseconds."""

    name: str
    ms: int = 0
    at: int = 0
    rate: float = 1.0
    target: str = "left"


RUN = st.builds(Step, st.just("run"), ms=st.integers(0, 30).map(lambda steps: 2 * steps * STEP))
STALL = st.builds(Step, st.just("stall"), ms=st.integers(0, 15).map(lambda steps: 2 * steps * STEP))
JUMP = st.builds(
    Step,
    st.just("play"),
    at=st.integers(-4, END // STEP + 4).map(lambda steps: steps * STEP),
    rate=st.sampled_from([0.0, 0.5, 1.0, 1.0, 1.0, 2.0]),
)
PAUSE, RESUME, STOP = st.just(Step("pause")), st.just(Step("resume")), st.just(Step("stop"))
WOBBLE = st.builds(Step, st.just("wobble"), ms=st.integers(-30, 30))
ADJUST = st.builds(Step, st.just("adjust"), ms=st.integers(-200, 200))
LEAD = st.builds(
    Step, st.just("lead"), ms=st.integers(-300, 300), target=st.sampled_from([target.name for target in TARGETS])
)
RELOAD = st.just(Step("load"))
TRACK_LEAD = st.builds(Step, st.just("track lead"), ms=st.integers(-6, 6).map(lambda steps: steps * STEP))
SILENCE = st.builds(Step, st.just("silence"), target=st.sampled_from([target.name for target in TARGETS]))
RELEASE = st.builds(Step, st.just("release"), target=st.sampled_from([target.name for target in TARGETS]))
CHASE = st.builds(Step, st.just("chase"), target=st.sampled_from([target.name for target in TARGETS]))


@dataclass
class Run:
    """Plays a script in whole nanoseconds, and keeps every outcome with the number of its step."""

    show: RandomShow
    leads: Mapping[str, int] = field(default_factory=dict)
    now: HostNs = START
    step: int = 0
    log: list[tuple[int, Outcome]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.engine = Engine(TARGETS)
        self.engine.load(self.show.schedule())
        for target, lead in self.leads.items():
            self.engine.set_lead(target, Lead(ms(lead)))

    def do(self, step: Step) -> list[Outcome]:
        """Let one thing happen; returns what was decided."""
        before = len(self.log)
        self.step += 1
        self._advance()
        if not self._move(step):
            self._tell(step)
        self._advance()
        return [outcome for _, outcome in self.log[before:]]

    def _move(self, step: Step) -> bool:
        """What becomes of time and playback; whether the step is of that sort."""
        transport = self.engine.transport
        match step.name:
            case "run":
                self.run_until(HostNs(self.now + ms(step.ms)))
            case "stall":
                self.now = HostNs(self.now + ms(step.ms))
            case "play":
                self.engine.seek(Transport(self.now, TrackNs(ms(step.at)), rate_of(step.rate)), self.now)
            case "pause" | "resume" | "wobble" if transport is not None:
                at = TrackNs(transport.position_at(self.now) + ms(step.ms))
                rate = {"pause": PAUSED, "resume": rate_of(1), "wobble": transport.rate}[step.name]
                self.engine.seek(Transport(self.now, at, rate), self.now)
            case "adjust" if transport is not None:
                at = TrackNs(transport.position_at(self.now) + ms(step.ms))
                self.engine.adjust(Transport(self.now, at, transport.rate))
            case "stop":
                self.engine.stop(self.now)
            case _:
                return False
        return True

    def _tell(self, step: Step) -> None:
        """What else can be said to an engine."""
        match step.name:
            case "lead":
                self.engine.set_lead(step.target, Lead(ms(step.ms)))
            case "track lead":
                self.engine.set_track_lead(Lead(ms(step.ms)))
            case "silence":
                self.engine.silence("muted", [step.target], self.now)
            case "release":
                self.engine.release("muted", [step.target], self.now)
            case "load":
                self.engine.load(self.show.schedule(step.ms))
            case "chase":
                self.engine.chase(step.target, self.now)

    def run_until(self, end: HostNs) -> None:
        """From deadline to deadline, as the conductor does. Each one that has come must lead to another."""
        last: tuple[HostNs, int] | None = None
        while (deadline := self.engine.next_deadline()) is not None and deadline <= end:
            assert self.engine.next_deadline() == deadline, "a query changed something"
            self.now = max(self.now, deadline)
            self._advance()
            here = (deadline, len(self.log))
            assert here != last, "no progress"
            last = here
        self.now = end

    def _advance(self) -> None:
        outcomes = self.engine.advance(self.now)
        assert all(outcome.due <= self.now for outcome in outcomes)
        assert [outcome.due for outcome in outcomes] == sorted(outcome.due for outcome in outcomes)
        self.log += [(self.step, outcome) for outcome in outcomes]
