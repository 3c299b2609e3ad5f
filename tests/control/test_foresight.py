"""What lies ahead of a deck, for whoever asks now and then. Nothing is missed, nothing comes twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.conductor.actions import (
    Action,
    Adjust,
    Load,
    Release,
    Seek,
    SetLead,
    SetTrackLead,
    Silence,
    Stop,
)
from beatsync.conductor.company import Company
from beatsync.core.engine import MAIN_DECK
from beatsync.core.leads import Lead
from beatsync.core.schedule import Phase, Schedule
from beatsync.core.targets import Carrier, Target
from beatsync.core.transport import PAUSED, Transport, rate_of
from beatsync.core.units import DurationNs, HostNs, TrackNs, ms
from beatsync.core.verdicts import Cause, Outcome
from beatsync.decks.course import KEPT, MOST, Foreseen, Mark
from beatsync.decks.foresight import RESTS_AFTER, Foresight, Outlook
from tests.core import random_shows as shows
from tests.core.shows import TARGET, schedule, song, written

SONG = song("Intro 4 1", "Drop 4 4")
"""Sixteen seconds, a beat every half second."""

BEATS = "- {on: beat, send: {to: lights, address: /beat, args: [bar, beat]}}"
SECTIONS = "- {on: section, send: {to: lights, address: '/section/{label}', end: {address: /dark}}}"
BUTTON = "- {on: downbeat, send: {to: lights, address: /go, args: [1], end: {address: /go, args: [0], after: 50ms}}}"
START = HostNs(10**12)


@dataclass
class Stage:
    """A conductor, its twin, and somebody who looks now and then. `sent`: what the conductor did send."""

    schedule: Schedule
    targets: tuple[Target, ...] = (TARGET,)
    now: HostNs = START
    sent: list[Outcome] = field(default_factory=list)
    mark: Mark | None = None
    shown: dict[tuple[int, int], Outcome] = field(default_factory=dict)

    def __post_init__(self) -> None:
        load = Load(MAIN_DECK, self.schedule, "song")
        self.company = Company(self.targets)
        self.company.apply(load, HostNs(0))
        self.foresight = Foresight(self.targets, [load])
        self.foresight.look(MAIN_DECK, now=START, ahead=DurationNs(0))  # somebody is there: it does not rest

    def do(self, *actions: Action) -> None:
        """The conductor is told this, and so is its twin."""
        self._send(self.now)
        for action in actions:
            self.company.apply(action, self.now)
        self._take(self.company.advance(self.now, everything=True)[0])
        self.foresight.note(actions, self.now)

    def run(self, seconds: float) -> None:
        """Time passes."""
        self.now = HostNs(self.now + round(seconds * 10**9))
        self._send(self.now)

    def _send(self, until: HostNs) -> None:
        while (deadline := self.company.next_deadline()) is not None and deadline <= until:
            self._take(self.company.advance(deadline)[0])

    def _take(self, outcomes: Sequence[Outcome]) -> None:
        self.sent += [outcome for outcome in outcomes if outcome.to_send]

    def look(self, ahead: float = 10) -> Outlook:
        """Look, keep what is shown, and strike out what is void."""
        length = DurationNs(round(ahead * 10**9))
        outlook = self.foresight.look(MAIN_DECK, now=self.now, ahead=length, mark=self.mark)
        if outlook.void_after is not None:
            self.shown = {
                key: one
                for key, one in self.shown.items()
                if key[0] == outlook.generation or one.due <= outlook.void_after
            }
        self.shown |= {(one.generation, one.number): one.outcome for one in outlook.cues}
        self.mark = outlook.mark
        return outlook

    # Told in words

    def play(self, at: float, rate: float = 1.0) -> None:
        """Playback jumps."""
        self.do(Seek(MAIN_DECK, Transport(self.now, TrackNs(round(at * 10**9)), rate_of(rate))))

    def pause(self) -> None:
        """Hold the position."""
        self.do(Seek(MAIN_DECK, Transport(self.now, self.position, PAUSED)))

    def adjust(self, by_ms: float, rate: float = 1.0) -> None:
        """The same playback, better known."""
        self.do(Adjust(MAIN_DECK, Transport(self.now, TrackNs(self.position + ms(by_ms)), rate_of(rate))))

    @property
    def position(self) -> TrackNs:
        """Where playback stands."""
        transport = self.company.transport(MAIN_DECK)
        return TrackNs(0) if transport is None else transport.position_at(self.now)

    def told(self, cues: Sequence[Foreseen]) -> list[str]:
        """`2.500 /beat 1 2`: in so many seconds."""
        return [f"{(one.outcome.due - self.now) / 10**9:.3f} {written(one.outcome)}" for one in cues]


def test_the_cues_of_the_next_seconds_come_with_their_instants() -> None:
    stage = Stage(schedule(SONG, BEATS))
    stage.play(0.75)
    assert stage.told(stage.look(ahead=1.5).cues) == ["0.250 /beat 1 3", "0.750 /beat 1 4", "1.250 /beat 2 1"]


def test_with_a_mark_only_what_is_new_is_shown() -> None:
    stage = Stage(schedule(SONG, BEATS))
    stage.play(0.75)
    first = stage.look(ahead=1.5)
    stage.run(1)
    second = stage.look(ahead=1.5)
    assert (first.anew, second.anew) == (True, False)
    assert stage.told(second.cues) == ["0.750 /beat 2 2", "1.250 /beat 2 3"]
    assert (second.generation, second.void_after) == (first.generation, None)


def test_a_target_that_is_told_earlier_is_told_earlier_here_too() -> None:
    """With leads in real time and in track time, at twice the rate."""
    target = Target(name="lights", carrier=Carrier.UDP, host="h", port=1, lead=Lead(ms(100), ms(200)))
    stage = Stage(schedule(SONG, BEATS, target), (target,))
    stage.play(0.0, rate=2)
    assert stage.told(stage.look(ahead=0.3).cues) == ["0.050 /beat 1 2", "0.300 /beat 1 3"]


def test_a_lead_that_changes_moves_what_was_shown_and_voids_nothing() -> None:
    stage = Stage(schedule(SONG, BEATS))
    stage.play(0.0)
    before = stage.look(ahead=0.6)
    stage.do(SetLead("lights", Lead(ms(40))), SetTrackLead(MAIN_DECK, Lead(ms(10))))
    after = stage.look(ahead=0.6)
    assert stage.told(before.cues) == ["0.500 /beat 1 2"]
    assert stage.told(after.cues)[-1] == "0.450 /beat 1 2"
    assert (after.generation, after.void_after) == (before.generation, None)
    assert after.cues[-1].number == before.cues[-1].number


def test_a_button_is_let_go_though_that_is_beyond_what_was_asked_for() -> None:
    stage = Stage(schedule(SONG, BUTTON))
    stage.play(0.0)
    stage.run(1.9)
    assert stage.told(stage.look(ahead=0.11).cues) == ["0.100 /go 1"]
    stage.run(0.11)
    assert stage.told(stage.look(ahead=0.11).cues)[-1] == "0.040 /go 0"


def test_in_a_loop_every_pass_brings_its_cues_again_under_other_numbers() -> None:
    """A player that jumps back a bar, a hundred times: each time everything of it is due again."""
    stage = Stage(schedule(SONG, BEATS))
    stage.look()
    stage.play(2.0)
    for _ in range(100):
        stage.look(ahead=10)
        stage.run(1.9)
        stage.play(2.0)
    stage.run(2.0)
    assert stage.look().generation > 100
    played = [one for one in stage.shown.values() if one.due <= stage.now]
    assert len(played) == len(stage.sent) == 101 * 4 + 1  # from beat to beat, and the beat after the last pass
    assert sorted(one.due for one in played) == sorted(one.due for one in stage.sent)


def test_a_pause_voids_what_was_ahead_and_going_on_brings_it_again() -> None:
    stage = Stage(schedule(SONG, BEATS))
    stage.play(0.0)
    stage.look()
    stage.run(0.75)
    stage.pause()
    paused = stage.look()
    assert (paused.cues, paused.void_after) == ((), stage.now)
    stage.run(60)
    assert stage.look().cues == ()
    stage.do(Seek(MAIN_DECK, Transport(stage.now, stage.position)))
    assert stage.told(stage.look(ahead=0.3).cues) == ["0.250 /beat 1 3"]


def test_a_look_that_a_seek_ends_is_ended_and_what_it_enters_is_entered() -> None:
    stage = Stage(schedule(SONG, SECTIONS))
    stage.play(0.0)
    stage.look(ahead=1)
    stage.run(0.5)
    stage.play(9.0)
    assert stage.told(stage.look(ahead=1).cues) == ["0.000 /dark", "0.000 /section/Drop"]


def test_whoever_comes_in_the_middle_is_told_what_stands() -> None:
    stage = Stage(schedule(SONG, SECTIONS))
    stage.play(0.0)
    stage.run(3)
    outlook = stage.look(ahead=1)
    assert [cue.address for cue in outlook.standing] == ["/section/Intro"]
    assert outlook.cues == ()
    assert stage.look().standing == ()


def test_at_the_end_there_is_nothing_ahead_but_the_last_ending() -> None:
    stage = Stage(schedule(SONG, SECTIONS))
    stage.play(15.0)
    assert stage.told(stage.look().cues) == ["1.000 /dark"]
    stage.run(2)
    assert stage.look().cues == ()
    stage.do(Stop(MAIN_DECK))
    assert stage.look().cues == ()


def test_what_is_muted_is_not_ahead_and_comes_back_with_its_state() -> None:
    stage = Stage(schedule(SONG, SECTIONS + "\n" + BEATS))
    stage.play(0.75)
    stage.look()
    stage.do(Silence("mute", None, ("lights",)))
    assert stage.told(stage.look(ahead=1).cues) == ["0.000 /dark"]
    stage.do(Release("mute", None, ("lights",)))
    assert stage.told(stage.look(ahead=0.3).cues) == ["0.000 /section/Intro", "0.250 /beat 1 3"]


def test_a_better_estimate_moves_what_was_shown_and_voids_nothing() -> None:
    stage = Stage(schedule(SONG, BEATS))
    stage.play(0.0)
    first = stage.look(ahead=1)
    stage.adjust(20)
    moved = stage.look(ahead=1)
    assert stage.told(moved.cues)[1:] == ["0.480 /beat 1 2", "0.980 /beat 1 3"]
    assert moved.generation == first.generation
    stage.adjust(0.4)
    assert stage.look(ahead=0.9).cues == ()


def test_another_rate_is_another_generation() -> None:
    stage = Stage(schedule(SONG, BEATS))
    stage.play(0.0)
    first = stage.look(ahead=1)
    stage.adjust(0, rate=1.1)
    second = stage.look(ahead=1)
    assert second.generation == first.generation + 1
    assert stage.told(second.cues) == ["0.455 /beat 1 2", "0.909 /beat 1 3"]


def test_another_schedule_of_the_same_track_voids_what_was_ahead() -> None:
    stage = Stage(schedule(SONG, BEATS))
    stage.play(0.0)
    stage.look(ahead=3)
    stage.run(0.75)
    stage.do(Load(MAIN_DECK, schedule(SONG, BEATS.replace("/beat", "/other")), "song"))
    assert stage.told(stage.look(ahead=0.8).cues) == ["0.250 /other 1 3", "0.750 /other 1 4"]


def test_whoever_has_not_looked_for_long_begins_anew() -> None:
    stage = Stage(schedule(SONG, BEATS))
    stage.play(0.0)
    stage.look(ahead=1)
    stage.run(2 + KEPT / 10**9)
    assert stage.look().anew


def test_whoever_has_not_looked_for_long_goes_on_where_nothing_was_sent() -> None:
    stage = Stage(schedule(SONG, BEATS))
    stage.play(0.0)
    stage.run(0.75)
    stage.pause()
    stage.look()
    stage.run(3600)
    assert not stage.look().anew
    stage.do(Seek(MAIN_DECK, Transport(stage.now, stage.position)))
    assert stage.told(stage.look(ahead=0.3).cues) == ["0.250 /beat 1 3"]


def test_a_mark_of_the_future_or_of_nowhere_begins_anew() -> None:
    stage = Stage(schedule(SONG, BEATS))
    stage.play(0.0)
    stage.mark = Mark(99, 0, HostNs(stage.now + 10**9))
    assert stage.look().anew


def test_so_many_lie_ahead_at_most_and_the_others_come_as_time_goes_by() -> None:
    rule = "- {on: every 1/16 beat, send: {to: lights, address: /tick}}"
    fast = schedule(song("Drop 200", bpm=400), rule)
    stage = Stage(fast)
    stage.play(0.0)
    first = stage.look(ahead=60)
    assert MOST <= len(first.cues) < MOST + 10
    assert first.mark.until < stage.now + 60 * 10**9
    stage.run(1)
    second = stage.look(ahead=60)
    assert len({one.number for one in (*first.cues, *second.cues)}) == MOST + 106


STEPS = st.one_of(
    shows.RUN,
    shows.RUN,
    shows.JUMP,
    shows.PAUSE,
    shows.RESUME,
    shows.STOP,
    shows.WOBBLE,
    shows.ADJUST,
    shows.LEAD,
    shows.TRACK_LEAD,
    shows.SILENCE,
    shows.RELEASE,
    shows.RELOAD,
)


def _action(stage: Stage, show: shows.RandomShow, step: shows.Step) -> Action | None:
    """What a conductor is told for a step of a random script."""
    transport = stage.company.transport(MAIN_DECK)
    if transport is not None and step.name in {"pause", "resume", "wobble", "adjust"}:
        rate = {"pause": PAUSED, "resume": rate_of(1)}.get(step.name, transport.rate)
        line = Transport(stage.now, TrackNs(stage.position + ms(step.ms)), rate)
        return Adjust(MAIN_DECK, line) if step.name == "adjust" else Seek(MAIN_DECK, line)
    others: dict[str, Action] = {
        "play": Seek(MAIN_DECK, Transport(stage.now, TrackNs(ms(step.at)), rate_of(step.rate))),
        "stop": Stop(MAIN_DECK),
        "lead": SetLead(step.target, Lead(ms(step.ms))),
        "track lead": SetTrackLead(MAIN_DECK, Lead(ms(step.ms))),
        "silence": Silence("muted", None, (step.target,)),
        "release": Release("muted", None, (step.target,)),
        "load": Load(MAIN_DECK, show.schedule(step.ms), "song"),
    }
    return others.get(step.name)


@pytest.mark.parametrize("patience", [1, 4])
@given(show=shows.shows(), script=st.lists(STEPS, max_size=30))
def test_whoever_looks_now_and_then_knows_of_every_cue_that_was_sent_once_and_of_no_other(
    show: shows.RandomShow, script: list[shows.Step], patience: int
) -> None:
    """`patience`: at every step, or at every fourth. Whatever is told to the conductor in between."""
    stage = Stage(show.schedule(), shows.TARGETS)
    stage.look()
    for number, step in enumerate(script):
        if step.name == "run":
            stage.run(min(step.ms, KEPT / 10**6 / patience - 1) / 1000)
        else:
            action = _action(stage, show, step)
            stage.do(*([] if action is None else [action]))
        if number % patience == 0:
            stage.look()
    stage.run(0)
    stage.look()
    known = [one for one in stage.shown.values() if one.due <= stage.now]
    assert len(known) == len(stage.sent)
    for told, sent in zip(_sorted(known), _sorted(stage.sent), strict=True):
        assert shows.key_of(told.cue) == shows.key_of(sent.cue)
        assert abs(told.due - sent.due) <= ms(1)


def _sorted(outcomes: Sequence[Outcome]) -> list[Outcome]:
    return sorted(outcomes, key=lambda one: (shows.key_of(one.cue), one.due))


# Resting

LONGEST_LEAD = ms(1000)


@given(show=shows.shows(), script=st.lists(STEPS, max_size=20))
def test_whoever_looks_after_a_rest_sees_what_lies_ahead_as_one_who_has_looked_all_the_time(
    show: shows.RandomShow, script: list[shows.Step]
) -> None:
    """Ends aside: whether what they end has begun, or was jumped into and left out, is not known after a rest. Nor is
    what has been sent already of what lies no further ahead or behind than the leads.
    """
    stage = Stage(show.schedule(), shows.TARGETS)
    rested = Foresight(shows.TARGETS, [Load(MAIN_DECK, stage.schedule, "song")])
    for step in script:
        if step.name == "run":
            stage.run(step.ms / 1000)
            rested.advance(stage.now)
        elif (action := _action(stage, show, step)) is not None:
            stage.do(action)
            rested.note([action], stage.now)
    awake, anew = (
        twin.look(MAIN_DECK, now=stage.now, ahead=DurationNs(10 * 10**9)) for twin in (stage.foresight, rested)
    )
    beyond = HostNs(stage.now + LONGEST_LEAD)
    assert _played(anew, beyond) == _played(awake, beyond)


def _played(outlook: Outlook, beyond: HostNs) -> list[tuple[object, ...]]:
    cues = [one.outcome for one in outlook.cues if one.outcome.cause is Cause.PLAYED and one.outcome.due > beyond]
    return sorted((shows.key_of(one.cue), one.due) for one in cues if one.cue.phase is not Phase.END)


def test_a_twin_that_nobody_asks_any_more_rests_and_whoever_asks_then_begins_anew() -> None:
    stage = Stage(schedule(song("Intro 4 1", "Drop 40 4"), BEATS + "\n" + SECTIONS))
    stage.play(0.75)
    stage.look(ahead=1.5)
    stage.run(RESTS_AFTER / 10**9 + 0.1)
    stage.foresight.advance(stage.now)
    stage.run(1.0)
    outlook = stage.look(ahead=1.0)
    assert outlook.anew
    assert [cue.address for cue in outlook.standing] == ["/section/Drop"]
    assert stage.told(outlook.cues) == ["0.150 /beat 32 1", "0.650 /beat 32 2"]
