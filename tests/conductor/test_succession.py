"""A conductor is killed at any point; its successor goes on, and the books name whatever was lost or doubled."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage

from beatsync.conductor.actions import Action, Load, Retarget
from beatsync.conductor.alarm import LoopAlarm
from beatsync.conductor.conductor import DIED_SENDING, Conductor
from beatsync.conductor.memory import Fates
from beatsync.conductor.process.keeper import Coming, Keeper, Told
from beatsync.conductor.report import Report
from beatsync.conductor.tally import total_of
from beatsync.conductor.wire.memories import reports_of
from beatsync.conductor.wire.tables import NOTHING_LOADED, Loaded, as_loaded
from beatsync.core.engine import MAIN_DECK
from beatsync.core.rules import Kind, Policy
from beatsync.core.schedule import Phase
from beatsync.core.targets import Target
from beatsync.core.units import HostNs, WallNs, ms
from beatsync.core.verdicts import Verdict
from beatsync.outputs.output import Health, SendResult, Sent
from beatsync.outputs.recorder import Recorder
from tests.conductor.steps import action_of
from tests.core.random_shows import (
    ADJUST,
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
    RandomRule,
    RandomShow,
    Step,
    shows,
)

SCRIPTS = st.lists(
    st.one_of(RUN, RUN, STALL, JUMP, PAUSE, RESUME, ADJUST, LEAD, RELOAD, SILENCE, RELEASE, STOP), max_size=15
)

MOURNING = st.integers(0, 10).map(lambda steps: 70 * steps)


class Killed(BaseException):
    """SIGKILL, as far as a function can tell."""


@dataclass
class Fuse:
    """Burns down by one wherever a process might die, and kills when it is out."""

    left: int

    def burn(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed


@dataclass
class HandClock:
    """Time goes when it is told to."""

    instant: HostNs

    def now(self) -> HostNs:
        return self.instant

    def wall(self) -> WallNs:
        return WallNs(self.instant)

    def host_of(self, wall: WallNs) -> HostNs:
        return HostNs(wall)

    def wall_of(self, host: HostNs) -> WallNs:
        return WallNs(host)

    def stay_awake_until(self, instant: HostNs) -> None:
        self.instant = max(self.instant, instant)


class Early(LoopAlarm):
    """Wakes half a millisecond before the deadline, as timers of the kernel's are set to."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__(clock)
        self.stretch = ms(0.5)


@dataclass
class Receiver:
    """Takes every packet; the sender may die just before or just after."""

    target: Target
    fuse: Fuse
    packets: list[bytes] = field(default_factory=list)

    def send(self, packet: bytes, _ticket: int, _now: HostNs) -> SendResult:
        self.fuse.burn()
        self.packets.append(packet)
        self.fuse.burn()
        return Sent()

    def health(self) -> Health:
        return Recorder(self.target).health()


class MortalKeeper(Keeper):
    """A keeper that may die before and after each entry."""

    fuse: Fuse

    def begins(self, at: HostNs, count: int) -> Fates:
        self.fuse.burn()
        fates = super().begins(at, count)
        self.fuse.burn()
        return MortalFates(fates, self.fuse)

    def ends(self, decks: Collection[str]) -> None:
        self.fuse.burn()
        super().ends(decks)

    def applied(self, decks: Collection[str]) -> None:
        self.fuse.burn()
        super().applied(decks)
        self.fuse.burn()


@dataclass
class MortalFates:
    """The fates of a step; who notes one may die just afterwards."""

    fates: Fates
    fuse: Fuse

    def __setitem__(self, place: int, fate: int) -> None:
        self.fates[place] = fate
        self.fuse.burn()


class House:
    """A daemon's view of one conductor after another: what it tells them, what it hears, what the receivers hear."""

    def __init__(self, show: RandomShow, directory: Path, fuse: Fuse, *, mourning: int = 0) -> None:
        """`mourning`: for how many milliseconds there is no conductor after a death."""
        self.directory = directory
        self.fuse = fuse
        self.mourning = ms(mourning)
        self.clock = HandClock(HostNs(10**12))
        self.loaded = as_loaded(show.schedule())
        self.number = 0
        self.heard = 0
        self.reports: list[Report] = []
        self.receivers = {target.name: Receiver(target, fuse) for target in TARGETS}
        self.start()
        self.give(self.load, loaded=self.loaded)

    @property
    def load(self) -> Load:
        return Load(MAIN_DECK, self.loaded.numbering.schedule)

    def start(self) -> None:
        """A conductor that goes on from what the journal has, if it has anything."""
        self.keeper = MortalKeeper(self.directory, self.hear)
        self.keeper.fuse = self.fuse
        left = self.keeper.find()
        targets = left.targets if left else TARGETS
        self.conductor = Conductor(
            targets, clock=self.clock, report=self.keeper.note, journal=self.keeper, alarm=Early(self.clock)
        )
        self.conductor.connect(self.receivers)
        self.keeper.follow(targets, "show", self.conductor.memory)
        if left is not None:
            self.hear(Told(left.step, left.applied, (), left.reports))
            schedules = {deck: loaded.numbering.schedule for deck, loaded in left.loaded.items()}
            self.conductor.recall(left.memory, schedules, left.unfinished)

    def hear(self, told: Told) -> None:
        self.fuse.burn()
        if told.step > self.heard:
            self.heard = told.step
            for record in told.reports:
                known = self.loaded if record.digest else NOTHING_LOADED
                self.reports += reports_of(record, known.numbering)

    def give(self, *actions: Action, loaded: Loaded | None = None) -> None:
        """An input, given again to the successor of a conductor that died without having applied it."""
        self.number += 1
        self.survive(lambda: self._give_once(actions, loaded))

    def _give_once(self, actions: tuple[Action, ...], loaded: Loaded | None) -> None:
        if self.keeper.last_applied < self.number:
            if loaded is not None:
                self.keeper.schedules.begin(loaded.digest)
                for part in loaded.parts:
                    self.keeper.schedules.add(part)
                self.keeper.schedules.finish()
            targets = next((action.targets for action in actions if isinstance(action, Retarget)), None)
            coming = Coming(number=self.number, loaded={MAIN_DECK: loaded} if loaded else {}, targets=targets)
            self.keeper.expect(coming)
            self.conductor.do(*actions)

    def survive(self, act: Callable[[], None]) -> None:
        """Do it; should the conductor die on the way, start another and do it again."""
        while True:
            try:
                act()
            except Killed:
                self.keeper.close(politely=False)
                self.clock.instant = HostNs(self.clock.instant + self.mourning)
                self.start()
            else:
                return

    def run_until(self, end: HostNs) -> None:
        while (deadline := self.conductor.next_deadline()) is not None and deadline <= end:
            self.clock.instant = max(self.clock.instant, HostNs(deadline - ms(0.5)))
            self.survive(self.send_due)
        self.clock.instant = end

    def send_due(self) -> None:
        self.conductor._step()

    def do(self, step: Step) -> None:
        now = self.clock.now()
        before = self.conductor.transport(MAIN_DECK)
        action = action_of(step, now=now, before=before, schedule=self.loaded.numbering.schedule)
        match step.name:
            case "run":
                self.run_until(HostNs(now + ms(step.ms)))
            case "stall":
                self.clock.instant = HostNs(now + ms(step.ms))
            case "load":
                self.give(self.load, loaded=self.loaded)
            case _ if action is not None:
                self.give(action)


def check_books(house: House) -> None:
    totals = total_of(house.conductor.snapshot().totals.values())
    assert totals.balanced
    assert totals.due == len(house.reports)
    for verdict in Verdict:
        assert totals.of(verdict) == sum(report.outcome.verdict is verdict for report in house.reports)
    received = Counter(packet for receiver in house.receivers.values() for packet in receiver.packets)
    sent = Counter(report.outcome.cue.packet for report in house.reports if report.outcome.to_send)
    doubtful = Counter(report.outcome.cue.packet for report in house.reports if report.outcome.reason == DIED_SENDING)
    for packet in {*received, *sent}:
        assert sent[packet] <= received[packet] <= sent[packet] + doubtful[packet]


@settings(max_examples=200)
@given(shows(), SCRIPTS, st.lists(st.integers(1, 60), min_size=1, max_size=6), MOURNING)
def test_whenever_conductors_are_killed_the_books_name_what_was_lost_or_doubled(
    show: RandomShow, script: list[Step], deaths: list[int], mourning: int
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        fuse = Fuse(0)
        house = House(show, Path(directory), fuse, mourning=mourning)
        for number, step in enumerate([Step("play"), *script, Step("run", ms=500), Step("stop"), Step("run")]):
            fuse.left = deaths[number] if number < len(deaths) else 0
            house.do(step)
        check_books(house)
        check_looks(house)
        house.keeper.close(politely=True)


def check_looks(house: House) -> None:
    """After the stop no target is left in a look that began."""
    for target, receiver in house.receivers.items():
        cues = {cue.packet: cue for cue in house.loaded.numbering.cues if cue.target == target}
        for look in {cue.look for cue in cues.values() if cue.ending is not None and cue.hold is None}:
            its = [cues[packet] for packet in receiver.packets if packet in cues and cues[packet].look == look]
            begun = {cue.ending for cue in its if cue.phase is Phase.START and cue.ending and cue.hold is None}
            for end in begun:
                assert end is not None
                starts = [n for n, cue in enumerate(its) if cue.ending is end]
                assert any(cue is end for cue in its[starts[-1] :]), end.address


# What is lost on the way


LOOK = RandomRule("0", "left", "a", Kind.STATE, PLAIN, ((0, 400), (400, 800)), ends=True)
HIT = RandomRule("1", "left", "b", Kind.PULSE, Policy(jumped_into=False, late_limit=ms(100)), ((400, 500),))


def deaths_while_sending(
    directory: Path, nth: int, *, rules: tuple[RandomRule, ...] = (LOOK, HIT), mourning: int = 0
) -> tuple[list[str], list[str]]:
    """What the receiver got, and the verdicts, where the conductor dies just before its nth packet leaves."""
    fuse = Fuse(0)
    house = House(RandomShow(rules), directory, fuse, mourning=mourning)
    grave = house.receivers["left"] = Grave(house.receivers["left"].target, fuse, dies_at=nth)
    house.conductor.connect(house.receivers)
    house.do(Step("play", at=-100))
    house.do(Step("run", ms=1000))
    house.do(Step("stop"))
    check_books(house)
    texts = [OscMessage(packet).address for packet in grave.packets]
    house.keeper.close(politely=True)
    return texts, [str(report.outcome.verdict) for report in house.reports]


@settings(max_examples=60)
@given(shows(), st.integers(0, 1000), st.integers(1, 12))
def test_a_conductor_that_dies_while_its_targets_change_hands_is_succeeded_by_one_that_has_the_right_ones(
    show: RandomShow, at: int, death: int
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        fuse = Fuse(0)
        house = House(show, Path(directory), fuse)
        house.give(Retarget(TARGETS[:1]), house.load, loaded=house.loaded)
        house.do(Step("play"))
        for targets in (TARGETS, TARGETS[:1], TARGETS):
            house.do(Step("stall", ms=at))
            fuse.left = death
            house.give(Retarget(targets), house.load, loaded=house.loaded)
            assert house.conductor.targets == targets
        house.do(Step("run", ms=500))
        house.do(Step("stop"))
        check_books(house)
        check_looks(house)
        house.keeper.close(politely=True)


@dataclass
class Grave(Receiver):
    """Its sender dies once, just before the packet of this number leaves."""

    dies_at: int = 0

    def send(self, packet: bytes, ticket: int, now: HostNs) -> SendResult:
        if len(self.packets) == self.dies_at - 1:
            self.dies_at = 0
            raise Killed
        return super().send(packet, ticket, now)


def test_a_state_and_an_ending_that_died_with_their_conductor_are_sent_by_the_next(tmp_path: Path) -> None:
    texts, verdicts = deaths_while_sending(tmp_path, 2)
    assert texts == ["/a/START/0/0", "/a/END/0/0", "/a/START/0/1", "/a/END/0/1"]
    assert Counter(verdicts) == Counter({"sent": 4, "failed": 3})


def test_a_pulse_that_died_with_its_conductor_is_not_sent_again(tmp_path: Path) -> None:
    texts, verdicts = deaths_while_sending(tmp_path, 4)
    assert texts == ["/a/START/0/0", "/a/END/0/0", "/a/START/0/1", "/a/END/0/1"]
    assert Counter(verdicts) == Counter({"sent": 4, "failed": 1})


BEATS = RandomRule(
    "1",
    "left",
    "b",
    Kind.PULSE,
    Policy(jumped_into=False, late_limit=ms(100)),
    tuple((n, n) for n in range(0, 900, 100)),
)


def test_pulses_that_fell_due_while_there_was_no_conductor_are_late_and_not_fired_in_a_burst(tmp_path: Path) -> None:
    """H3, for a conductor that is replaced: of a dead one's time the successor sends what a stalled one would."""
    texts, verdicts = deaths_while_sending(tmp_path, 3, rules=(BEATS,), mourning=350)
    assert texts == [f"/b/START/1/{number}" for number in (0, 1, 5, 6, 7, 8)]
    assert Counter(verdicts) == Counter({"sent": 5, "failed": 1, "dropped": 2, "late": 1})


def test_a_look_that_changed_while_there_was_no_conductor_is_sent_as_it_is_now(tmp_path: Path) -> None:
    look = RandomRule("0", "left", "a", Kind.STATE, PLAIN, ((0, 200), (200, 400), (400, 800)), ends=True)
    texts, verdicts = deaths_while_sending(tmp_path, 1, rules=(look,), mourning=500)
    assert texts == ["/a/END/0/0", "/a/START/0/2", "/a/END/0/2"]
    assert verdicts.count("failed") == 1
