"""What holds whatever happens: every due cue gets exactly one verdict, every look that begins ends, and so on.

The oracle beside the engine is slow and simple: it keeps a flag for each cue and tries all of them at every step.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from beatsync.core.cursor import HYSTERESIS
from beatsync.core.rules import Kind
from beatsync.core.schedule import Cue, Phase, Schedule
from beatsync.core.units import HostNs, ms
from beatsync.core.verdicts import Cause, Outcome, Verdict
from tests.core.random_shows import (
    ADJUST,
    CHASE,
    JUMP,
    LEAD,
    PAUSE,
    PLAIN,
    RELEASE,
    RELOAD,
    RESUME,
    RUN,
    SILENCE,
    STALL,
    STOP,
    TARGETS,
    TRACK_LEAD,
    WOBBLE,
    Key,
    RandomRule,
    RandomShow,
    Run,
    Step,
    key_of,
    shows,
    spans,
)

LEADS = st.fixed_dictionaries({target.name: st.sampled_from([0, 0, 40, 250, -40, -250]) for target in TARGETS})
BOTH_LEADS = st.one_of(LEAD, TRACK_LEAD)
SOUND = st.one_of(SILENCE, RELEASE)
PLAYBACK = st.one_of(RUN, RUN, RUN, JUMP, PAUSE, RESUME, WOBBLE, ADJUST)
EVERYTHING = st.lists(st.one_of(PLAYBACK, PLAYBACK, STALL, BOTH_LEADS, RELOAD, CHASE, SOUND, STOP), max_size=25)
IN_TIME = st.lists(st.one_of(PLAYBACK, PLAYBACK, BOTH_LEADS, RELOAD, CHASE, SOUND, STOP), max_size=25)
BY_HAND = st.lists(st.one_of(PLAYBACK, PLAYBACK, STALL, BOTH_LEADS, STOP), max_size=25)


# Each due cue once


@settings(max_examples=120)
@given(shows(), LEADS, EVERYTHING)
def test_in_one_pass_playback_reaches_no_cue_twice(show: RandomShow, leads: dict[str, int], script: list[Step]) -> None:
    run = Run(show, leads)
    for step in script:
        run.do(step)
    played = Counter(
        (outcome.pass_number, key_of(outcome.cue)) for _, outcome in run.log if outcome.cause is Cause.PLAYED
    )
    assert [cue for cue, times in played.items() if times > 1] == []


class Oracle:
    """For each cue of a target a flag: whether playback may still come to it in this pass."""

    def __init__(self, schedule: Schedule, leads: dict[str, int]) -> None:
        self._leads = {target.name: ms(leads[target.name]) for target in TARGETS}
        self._track_lead = 0
        self._open = {key_of(cue): False for cue in schedule.cues}
        self._cues = {key_of(cue): cue for cue in schedule.cues}
        self._line: tuple[int, Fraction, Fraction] | None = None
        self._reached = Fraction(0)

    def position(self, now: int) -> Fraction:
        assert self._line is not None
        host, track, rate = self._line
        return track + (now - host) * rate

    def played(self, now: int) -> set[Key]:
        """What playback has come to by `now`."""
        if self._line is None or self._line[2] <= 0:
            return set()
        self._reached = max(self._reached, self.position(now))
        come = {
            key
            for key, cue in self._cues.items()
            if self._open[key] and cue.position - cue.origin.lead.track <= self.position(now + self._lead_of(cue))
        }
        self._close(come)
        return come

    def _lead_of(self, cue: Cue) -> int:
        return self._leads[cue.target] + self._track_lead + cue.origin.lead.real

    def passed(self, step: Step, now: int) -> set[Key]:
        """What a step that is a jump passes over."""
        before = self._line
        if step.name == "stop":
            self._line = None
            self._close(set(self._open))
        elif step.name == "lead":
            self._leads[step.target] = ms(step.ms)
        elif step.name == "track lead":
            self._track_lead = ms(step.ms)
        elif step.name == "play":
            self._line = (now, Fraction(ms(step.at)), Fraction(step.rate))
        elif before is not None and step.name in {"pause", "resume", "wobble", "adjust"}:
            rate = {"pause": Fraction(0), "resume": Fraction(1)}.get(step.name, before[2])
            self._line = (now, Fraction(self.position(now) // 1) + ms(step.ms), rate)
        if step.name == "adjust" and before is not None:
            self._reached += ms(step.ms)
        if self._line is None or step.name not in {"play", "pause", "resume", "wobble"}:
            return set()
        return self._jumped(self.position(now), started=before is None)

    def _jumped(self, here: Fraction, *, started: bool) -> set[Key]:
        if not started and abs(here - self._reached) <= HYSTERESIS:
            return set()
        forward, self._reached = here > self._reached, here
        behind = {key for key, cue in self._cues.items() if cue.position < here}
        over = {key for key in behind if self._open[key]}
        self._close(behind)
        if started or not forward:
            self._open.update((key, True) for key in self._cues if key not in behind)
        return set() if started else over

    def _close(self, keys: set[Key]) -> None:
        self._open.update((key, False) for key in keys)


@settings(max_examples=120)
@given(shows(), LEADS, BY_HAND)
def test_playback_comes_to_what_the_oracle_says_and_passes_over_what_it_says(
    show: RandomShow, leads: dict[str, int], script: list[Step]
) -> None:
    run, oracle = Run(show, leads), Oracle(show.schedule(), leads)
    for step in script:
        passed = oracle.passed(step, run.now)
        outcomes = run.do(step)
        played = oracle.played(run.now)
        verdicts = Counter(key_of(outcome.cue) for outcome in outcomes if outcome.cause is Cause.PLAYED)
        chased = Counter(key_of(o.cue) for o in outcomes if o.cause is not Cause.PLAYED and not _is_held_end(o.cue))
        assert set(verdicts) - passed == played
        assert all(verdicts[key] == 1 for key in played)
        assert all(verdicts[key] + chased[key] == 1 for key in passed)


def _is_held_end(cue: Cue) -> bool:
    return cue.phase is Phase.END and cue.hold is not None


@settings(max_examples=80)
@given(shows(), LEADS, IN_TIME)
def test_what_is_looked_after_in_time_is_never_late(
    show: RandomShow, leads: dict[str, int], script: list[Step]
) -> None:
    run = Run(show, leads)
    for step in script:
        run.do(step)
    assert {outcome.verdict for _, outcome in run.log} <= {Verdict.SENT, Verdict.SKIPPED, Verdict.SUPPRESSED}


@settings(max_examples=80)
@given(shows(), LEADS, EVERYTHING)
def test_while_playback_does_not_move_only_ends_are_sent(
    show: RandomShow, leads: dict[str, int], script: list[Step]
) -> None:
    run = Run(show, leads)
    for step in script:
        was_moving = run.engine.transport is not None and run.engine.transport.moving
        outcomes = run.do(step)
        moves = run.engine.transport is not None and run.engine.transport.moving
        if step.name != "chase" and not was_moving and not moves:
            assert {outcome.cue.phase for outcome in outcomes if outcome.to_send} <= {Phase.END}
            assert {outcome.cause for outcome in outcomes if outcome.to_send} <= {Cause.ENDING}


# Looks


@settings(max_examples=120)
@given(shows(), LEADS, EVERYTHING)
def test_every_look_that_begins_ends_once_and_none_ends_that_has_not_begun(
    show: RandomShow, leads: dict[str, int], script: list[Step]
) -> None:
    run = Run(show, leads)
    for step in [*script, Step("stop")]:
        run.do(step)
    standing: Counter[Key] = Counter()
    for _, outcome in run.log:
        place, number, phase = key_of(outcome.cue)
        if not outcome.to_send or (phase is Phase.START and outcome.cue.ending is None):
            continue
        look = (place, number, Phase.START)
        held = outcome.cue.hold is not None
        if phase is Phase.START:
            standing[look] = standing[look] + 1 if held else 1
        elif outcome.cause is not Cause.CHASE:
            assert standing[look] > 0, outcome.cue.address
            standing[look] -= 1
    assert +standing == Counter()


@settings(max_examples=80)
@given(shows(), LEADS, EVERYTHING)
def test_a_cue_that_fires_once_is_sent_again_only_to_a_receiver_that_came_back_or_after_a_pause(
    show: RandomShow, leads: dict[str, int], script: list[Step]
) -> None:
    run = Run(show, leads)
    for step in script:
        run.do(step)
    sent = Counter(
        key_of(outcome.cue)
        for _, outcome in run.log
        if outcome.to_send and outcome.cue.phase is Phase.START and not outcome.cue.policy.gone_back
        if outcome.cause is Cause.PLAYED or outcome.cue.kind is Kind.PULSE
    )
    assert [cue for cue, times in sent.items() if times > 1] == []


@st.composite
def looks(draw: st.DrawFn) -> RandomShow:
    """Shows of plain looks: each of one rule, on its own address."""
    return RandomShow(
        tuple(
            RandomRule(
                str(number), target.name, str(number), Kind.STATE, PLAIN, draw(spans()), ends=draw(st.booleans())
            )
            for number, target in enumerate(TARGETS * draw(st.integers(1, 2)))
        )
    )


@settings(max_examples=120)
@given(looks(), st.lists(st.one_of(RUN, STALL, JUMP, PAUSE, RESUME, RELOAD, CHASE), max_size=20), JUMP)
def test_wherever_playback_has_been_the_targets_are_in_the_state_that_playing_up_to_here_gives(
    show: RandomShow, script: list[Step], first: Step
) -> None:
    run = Run(show)
    for step in [first, *script, Step("resume"), Step("run", ms=100)]:
        run.do(step)
    transport = run.engine.transport
    assert transport is not None
    here = transport.position_at(run.now)
    for rule in show.rules:
        sent = [outcome.cue for _, outcome in run.log if outcome.to_send and outcome.cue.origin.title == rule.name]
        expected = [cue for cue in rule.cues() if cue.position <= here]
        _check_state(sent, expected)


def _check_state(sent: list[Cue], expected: list[Cue]) -> None:
    """What a receiver was sent last against what it should have been."""
    if expected and expected[-1].phase is Phase.START:
        assert sent
        assert key_of(sent[-1]) == key_of(expected[-1])
    elif sent and sent[-1].ending is not None:
        raise AssertionError(f"{sent[-1].address} stands, and its section is over or has not begun")


# Adjustments and reloads


@settings(max_examples=80)
@given(shows(), LEADS, st.lists(st.tuples(st.integers(0, 300), st.integers(-100, 100)), max_size=12))
def test_adjustments_drop_nothing_and_repeat_nothing(
    show: RandomShow, leads: dict[str, int], adjustments: list[tuple[int, int]]
) -> None:
    run = Run(show, leads)
    run.do(Step("play", at=-1000))
    for wait, by in adjustments:
        run.do(Step("run", ms=wait))
        run.do(Step("adjust", ms=by))
    run.do(Step("run", ms=10_000))
    played = Counter(key_of(outcome.cue) for _, outcome in run.log if outcome.cause is Cause.PLAYED)
    assert played == Counter(key_of(cue) for cue in show.schedule().cues)


@st.composite
def sparse(draw: st.DrawFn) -> RandomShow:
    """Shows whose cues lie far enough apart to be told from one another after a small shift."""
    return RandomShow(
        tuple(
            RandomRule(
                name=str(number),
                target=target.name,
                look=str(number),
                kind=draw(st.sampled_from(Kind)),
                policy=PLAIN,
                spans=draw(spans(step=100)),
                ends=draw(st.booleans()),
            )
            for number, target in enumerate(TARGETS)
        )
    )


@settings(max_examples=120)
@given(
    sparse(),
    LEADS,
    st.lists(
        st.one_of(
            st.builds(Step, st.just("run"), ms=st.integers(0, 400)),
            st.builds(Step, st.just("load"), ms=st.integers(-15, 15)),
            PAUSE,
            RESUME,
        ),
        max_size=25,
    ),
)
def test_reloads_of_a_structure_that_moves_a_little_send_every_cue_once(
    show: RandomShow, leads: dict[str, int], script: list[Step]
) -> None:
    """I16: pulses once each; looks begin once and end once, in their order."""
    run = Run(show, leads)
    run.do(Step("play", at=-500))
    for step in [*script, Step("resume"), Step("run", ms=10_000), Step("stop")]:
        run.do(step)
    for rule in show.rules:
        sent = [key_of(o.cue) for _, o in run.log if o.to_send and o.cue.origin.title == rule.name]
        assert sent == [key_of(cue) for cue in sorted(rule.cues(), key=lambda cue: cue.rank)]


@settings(max_examples=50)
@given(shows(), LEADS, st.lists(st.integers(1, 400), max_size=10))
def test_reloading_the_same_sends_nothing(show: RandomShow, leads: dict[str, int], waits: list[int]) -> None:
    run = Run(show, leads)
    run.do(Step("play", at=-300))
    for wait in waits:
        run.do(Step("run", ms=wait))
        assert [outcome.cue.address for outcome in run.do(Step("load")) if outcome.to_send] == []


# Silence


@settings(max_examples=80)
@given(shows(), LEADS, EVERYTHING)
def test_a_silenced_target_gets_the_ends_of_its_looks_and_nothing_else(
    show: RandomShow, leads: dict[str, int], script: list[Step]
) -> None:
    run = Run(show, leads)
    silent: set[str] = set()
    for step in script:
        outcomes = run.do(step)
        if step.name == "silence":
            silent.add(step.target)
            assert all(o.cue.phase is Phase.END for o in outcomes if o.to_send and o.cause is not Cause.PLAYED)
        elif step.name == "release":
            silent.discard(step.target)
        else:
            assert [o.cue for o in outcomes if o.to_send and o.cue.target in silent] == []


@settings(max_examples=120)
@given(looks(), st.lists(st.one_of(PLAYBACK, SOUND), max_size=20), JUMP)
def test_a_target_that_is_heard_again_is_in_the_state_that_playing_up_to_here_gives(
    show: RandomShow, script: list[Step], first: Step
) -> None:
    ends = [Step("release", target="left"), Step("release", target="right"), Step("resume"), Step("run", ms=100)]
    run = Run(show)
    for step in [first, *script, *ends]:
        run.do(step)
    transport = run.engine.transport
    assert transport is not None
    here = transport.position_at(run.now)
    for rule in show.rules:
        sent = [outcome.cue for _, outcome in run.log if outcome.to_send and outcome.cue.origin.title == rule.name]
        _check_state(sent, [cue for cue in rule.cues() if cue.position <= here])


# Instants


@settings(max_examples=50)
@given(shows(), LEADS, st.sampled_from([0.5, 1.0, 2.0]))
def test_cues_fall_due_at_their_deadlines_and_no_sooner(show: RandomShow, leads: dict[str, int], rate: float) -> None:
    run = Run(show, leads)
    start = run.now
    run.do(Step("play", at=-1000, rate=rate))
    run.do(Step("run", ms=20_000))
    for _, outcome in run.log:
        if outcome.cause is Cause.PLAYED:
            own = outcome.cue.origin.lead
            played = (outcome.cue.position + ms(1000) - own.track) / Fraction(rate)
            deadline = start + played - own.real - ms(leads[outcome.cue.target])
            assert outcome.due == max(start, deadline)


def test_the_instants_of_a_log_are_those_of_its_steps() -> None:
    """The tests' own clock: a stall is seen at its end."""
    rule = RandomRule("0", "left", "a", Kind.STATE, PLAIN, ((100, 200),))
    run = Run(RandomShow((rule,)))
    start = run.now
    run.do(Step("play"))
    (outcome,) = run.do(Step("stall", ms=500))
    assert isinstance(outcome, Outcome)
    assert (outcome.due, outcome.verdict) == (HostNs(start + ms(100)), Verdict.LATE)
