"""Several feeds for one deck: who leads, and that the deck never jumps by more than they differ."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from beatsync.core.engine import Engine
from beatsync.core.estimator import Estimator
from beatsync.core.failover import HAND_BACK, Failover
from beatsync.core.observation import Character, Following, Observation, TrackHint, WhenLost
from beatsync.core.playback import Adjusted, Held, Jumped, Paused, TrackChanged, Verdict
from beatsync.core.quality import State
from beatsync.core.schedule import Schedule
from beatsync.core.transport import Transport
from beatsync.core.units import DurationNs, TrackNs, ms, ns_from_seconds, seconds_from_ns
from tests.core.following import BARE, SILENT, STATED, host, kinds
from tests.core.shows import TARGET, schedule, song

IMPATIENT = Following(freewheel=ms(2000), when_lost=WhenLost.HOLD)
EVERY = 0.05


def beats() -> Schedule:
    return schedule(song("Intro 32", bpm=120), "  - {on: beat, send: {address: /beat}}", TARGET)


@dataclass
class Desk:
    """Feeds that follow one player, each off by a little, and the deck that they lead."""

    off: tuple[float, ...] = (0.0, 0.0)
    characters: tuple[Character, ...] = (BARE, BARE)
    hand_back: DurationNs = HAND_BACK
    schedule: Schedule | None = None
    line: Transport | None = None
    verdicts: list[Verdict] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    largest: float = 0.0

    def __post_init__(self) -> None:
        self.failover = Failover([Estimator(one, IMPATIENT) for one in self.characters], hand_back=self.hand_back)
        self.engine = Engine((TARGET,))
        if self.schedule is not None:
            self.engine.load(self.schedule)

    def plays(self, start: float, end: float, position: float, *, heard: tuple[int, ...] = (0, 1)) -> list[Verdict]:
        """From `start` to `end` the player plays on from `position`, and these feeds say so."""
        before = len(self.verdicts)
        for index in range(round((end - start) / EVERY)):
            for feed in heard:
                when = start + index * EVERY + feed * 0.01
                self.says(feed, when, position + index * EVERY + feed * 0.01 + self.off[feed])
        return self.verdicts[before:]

    def says(
        self,
        feed: int,
        at: float,
        position: float | None = None,
        *,
        playing: bool | None = None,
        track: TrackHint | None = None,
    ) -> list[Verdict]:
        """One feed says something."""
        before, now = len(self.verdicts), host(at)
        self.waits(at)
        stands = None if position is None else TrackNs(ns_from_seconds(position))
        observation = Observation(host=now, position=stands, playing=playing, track=track)
        self._apply(at, self.failover.observe(feed, observation, now))
        self.waits(at)
        return self.verdicts[before:]

    def waits(self, until: float) -> list[Verdict]:
        """Time passes."""
        before = len(self.verdicts)
        while (due := self.failover.next_deadline()) is not None and due <= host(until):
            self._advance_engine(due)
            self._apply(seconds_from_ns(due) - 1000.0, self.failover.advance(due))
        self._advance_engine(host(until))
        return self.verdicts[before:]

    def _advance_engine(self, until: int) -> None:
        while (cue := self.engine.next_deadline()) is not None and cue <= until:
            self.sent += [out.cue.position / 1e9 for out in self.engine.advance(cue) if out.to_send]

    def _apply(self, at: float, verdict: Verdict) -> None:
        if isinstance(verdict, Held):
            return
        now, before, after = host(at), self.line, verdict.transport
        if before is not None and after is not None:
            self.largest = max(self.largest, abs(after.position_at(now) - before.position_at(now)) / 1e9)
        self.verdicts.append(verdict)
        self.line = after
        assert self.failover.transport == after
        if after is None:
            self.engine.stop(now)
        elif isinstance(verdict, Adjusted):
            self.engine.adjust(after)
        else:
            self.engine.seek(after, now)

    def position(self, at: float) -> float:
        assert self.line is not None
        return self.line.position_at(host(at)) / 1e9


def test_one_feed_alone_is_passed_through() -> None:
    desk, alone = Desk((0.0,), (STATED,)), Estimator(STATED, IMPATIENT)
    for index in range(100):
        observation = Observation(host=host(index * EVERY), position=TrackNs(ms(1000 + index * 50)), playing=True)
        now = observation.host
        assert desk.failover.observe(0, observation, now) == alone.observe(observation, now)
        assert desk.failover.next_deadline() == alone.next_deadline()
        while (due := alone.next_deadline()) is not None and due <= now:
            assert desk.failover.advance(now) == alone.advance(now)
        assert desk.failover.transport == alone.transport
        assert desk.failover.quality(now) == alone.quality(now)


def test_the_first_feed_leads_and_the_others_only_listen() -> None:
    desk = Desk((0.0, 0.08))
    desk.plays(0.0, 5.0, 10.0)
    assert desk.failover.leader == 0
    assert desk.position(5.0) == pytest.approx(15.0, abs=0.002)


def test_the_next_one_leads_where_the_first_has_never_been_heard() -> None:
    desk = Desk()
    desk.plays(0.0, 1.0, 10.0, heard=(1,))
    assert desk.failover.leader == 1
    assert desk.position(1.0) == pytest.approx(11.0, abs=0.002)


@pytest.mark.parametrize("off", [-0.2, -0.06, -0.015, 0.015, 0.06, 0.2])
def test_a_change_of_leader_moves_the_deck_by_no_more_than_they_differ(off: float) -> None:
    """F1"""
    desk = Desk((0.0, off), schedule=beats())
    desk.plays(0.0, 5.0, 1.2)
    desk.largest = 0.0
    desk.plays(5.0, 9.0, 6.2, heard=(1,))
    assert desk.failover.leader == 1
    assert desk.largest <= abs(off) + 0.003
    assert desk.position(9.0) == pytest.approx(10.2 + off, abs=0.003)
    if abs(off) <= 0.1:
        assert desk.sent == [1.5 + index * 0.5 for index in range(len(desk.sent))]


def test_it_takes_a_second_of_silence_and_no_loss_yet() -> None:
    desk = Desk()
    desk.plays(0.0, 5.0, 10.0)
    desk.plays(5.0, 5.9, 15.0, heard=(1,))
    assert desk.failover.leader == 0
    desk.plays(5.9, 6.1, 15.9, heard=(1,))
    assert desk.failover.leader == 1


def test_a_small_difference_is_slewed_across() -> None:
    desk = Desk((0.0, 0.012))
    desk.plays(0.0, 5.0, 10.0)
    desk.largest = 0.0
    verdicts = desk.plays(5.0, 9.0, 15.0, heard=(1,))
    assert kinds(verdicts) == []
    assert desk.largest < 0.001


def test_the_preferred_feed_leads_again_when_it_has_been_good_for_a_while() -> None:
    """F2"""
    desk = Desk((0.0, 0.05), schedule=beats())
    desk.plays(0.0, 5.0, 1.2)
    desk.plays(5.0, 10.0, 6.2, heard=(1,))
    desk.plays(10.0, 14.0, 11.2)
    assert desk.failover.leader == 1
    desk.plays(14.0, 16.0, 15.2)
    assert desk.failover.leader == 0
    assert desk.position(16.0) == pytest.approx(17.2, abs=0.003)
    assert desk.sent == [1.5 + index * 0.5 for index in range(len(desk.sent))]


def test_how_long_a_while_is_can_be_set() -> None:
    desk = Desk(hand_back=ms(1000))
    desk.plays(0.0, 5.0, 10.0)
    desk.plays(5.0, 10.0, 15.0, heard=(1,))
    desk.plays(10.0, 11.5, 20.0)
    assert desk.failover.leader == 0


def test_a_feed_that_comes_and_goes_does_not_make_the_deck_change_sides() -> None:
    desk = Desk((0.0, 0.03))
    desk.plays(0.0, 5.0, 10.0)
    desk.plays(5.0, 8.0, 15.0, heard=(1,))
    for second in range(8, 40, 4):
        desk.plays(float(second), second + 2.0, second + 10.0)
        desk.plays(second + 2.0, second + 4.0, second + 12.0, heard=(1,))
        assert desk.failover.leader == 1


def test_when_all_are_lost_the_leader_says_what_becomes_of_playback() -> None:
    desk = Desk()
    desk.plays(0.0, 5.0, 10.0)
    assert kinds(desk.waits(20.0)) == ["Lost"]
    assert desk.line is not None
    assert not desk.line.moving


def test_whoever_comes_back_first_leads() -> None:
    desk = Desk()
    desk.plays(0.0, 5.0, 10.0)
    desk.waits(20.0)
    verdicts = desk.plays(20.0, 22.0, 25.0, heard=(1,))
    assert kinds(verdicts) == ["Jumped"]
    assert desk.failover.leader == 1
    assert desk.position(22.0) == pytest.approx(27.0, abs=0.003)


def test_a_feed_that_plays_something_else_is_jumped_to() -> None:
    desk = Desk((0.0, 60.0))
    desk.plays(0.0, 5.0, 10.0)
    verdicts = desk.plays(5.0, 9.0, 15.0, heard=(1,))
    (jump,) = [verdict for verdict in verdicts if isinstance(verdict, Jumped)]
    assert jump.why == "another feed leads"
    assert jump.went_to - (jump.went_from or 0) == pytest.approx(60e9, abs=5e6)


def test_a_pause_that_the_leader_says_is_a_pause_whatever_the_others_say() -> None:
    desk = Desk(characters=(STATED, BARE))
    desk.says(0, 0.0, 10.0, playing=True)
    desk.plays(0.05, 5.0, 10.05)
    assert kinds(desk.says(0, 5.0, 15.0, playing=False)) == ["Paused"]
    for index in range(100):
        desk.says(0, 5.05 + index * EVERY, 15.0)
        desk.says(1, 5.06 + index * EVERY, 15.06 + index * EVERY)
    assert desk.failover.leader == 0
    assert desk.line is not None
    assert not desk.line.moving


def test_a_leader_whose_silence_may_be_a_pause_gives_way_to_one_that_is_heard() -> None:
    desk = Desk(characters=(SILENT, BARE))
    desk.plays(0.0, 5.0, 10.0)
    verdicts = desk.plays(5.0, 8.0, 15.0, heard=(1,))
    assert isinstance(verdicts[-1], Jumped | Adjusted)
    assert desk.failover.leader == 1
    assert desk.position(8.0) == pytest.approx(18.0, abs=0.003)


def test_a_new_leader_that_is_paused_pauses_the_deck() -> None:
    desk = Desk(characters=(BARE, STATED))
    desk.says(1, 0.0, 10.0, playing=True)
    desk.plays(0.05, 5.0, 10.05)
    desk.says(1, 5.0, 15.0, playing=False)
    verdicts = [verdict for index in range(60) for verdict in desk.says(1, 5.05 + index * EVERY, 15.0)]
    assert isinstance(verdicts[-1], Paused)
    assert desk.failover.leader == 1


def test_another_track_of_the_leader_is_passed_on_and_it_goes_on_leading() -> None:
    desk = Desk(characters=(STATED, BARE))
    desk.says(0, 0.0, 10.0, playing=True, track=TrackHint(id="1"))
    desk.plays(0.05, 5.0, 10.05)
    assert kinds(desk.says(0, 5.0, track=TrackHint(id="2"))) == ["TrackChanged"]
    desk.says(1, 5.01, 0.01)
    assert desk.failover.leader == 0
    assert kinds(desk.says(0, 5.05, 0.05)) == ["Jumped"]
    assert desk.failover.track == TrackHint(id="2")


def test_a_new_leader_that_names_another_track_says_so() -> None:
    desk = Desk(characters=(STATED, STATED))
    desk.says(0, 0.0, 10.0, playing=True, track=TrackHint(title="One"))
    desk.says(1, 0.01, 70.0, playing=True, track=TrackHint(title="Two"))
    desk.off = (0.0, 60.0)
    desk.plays(0.05, 5.0, 10.05)
    verdicts = desk.plays(5.0, 8.0, 15.0, heard=(1,))
    (changed,) = [verdict for verdict in verdicts if isinstance(verdict, TrackChanged)]
    assert changed.track == TrackHint(title="Two")
    assert desk.position(8.0) == pytest.approx(78.0, abs=0.003)


def test_a_new_leader_that_names_the_same_track_otherwise_does_not() -> None:
    desk = Desk(characters=(STATED, STATED))
    desk.says(0, 0.0, 10.0, playing=True, track=TrackHint(title="One"))
    desk.says(1, 0.01, 10.01, playing=True, track=TrackHint(file="/music/one.flac"))
    desk.plays(0.05, 5.0, 10.05)
    assert kinds(desk.plays(5.0, 8.0, 15.0, heard=(1,))) == []
    assert desk.failover.track == TrackHint(title="One")


def test_a_leader_that_only_says_that_nothing_plays_gives_way_after_a_while() -> None:
    desk = Desk(characters=(STATED, BARE))
    for index in range(60):
        desk.says(0, index * EVERY, playing=False)
        desk.says(1, index * EVERY + 0.01, 10.0 + index * EVERY)
    assert desk.failover.leader == 1


def test_quality_is_that_of_the_leader() -> None:
    desk = Desk()
    desk.plays(0.0, 5.0, 10.0)
    desk.plays(5.0, 8.0, 15.0, heard=(1,))
    assert desk.failover.quality(host(8.0)).state is State.LOCKED
    assert desk.failover.feeds[0].quality(host(8.0)).state is State.LOST


def test_every_due_advance_moves_its_deadline() -> None:
    desk = Desk((0.0, 0.05), (STATED, SILENT))
    desk.says(0, 0.0, 10.0, playing=True)
    desk.plays(0.05, 2.0, 10.05)
    for _ in range(2000):
        due = desk.failover.next_deadline()
        assert due is not None
        if due > host(60.0):
            return
        desk.failover.advance(due)
    raise AssertionError("it stands still")
