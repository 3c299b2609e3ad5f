"""Several decks of one conductor, on trio's virtual clock."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import trio
from trio.testing import MockClock

from beatsync.clock import TrioClock
from beatsync.conductor.actions import Load, Release, Remove, Retarget, Seek, SetLead, SetTrackLead, Silence
from beatsync.conductor.conductor import Conductor
from beatsync.conductor.report import Report
from beatsync.core.leads import Lead
from beatsync.core.targets import Target
from beatsync.core.transport import Transport
from beatsync.core.units import TrackNs, ms
from beatsync.outputs.recorder import Recorder
from tests.core.shows import TARGET, schedule, song

BEATS = "  - {on: beat, send: {address: /%s, args: [bar, beat]}}"
LOOKS = '  - {on: section, send: {address: "/%s/{label}", look: one, args: [1], end: {args: [0]}}}'
SONG = song("Intro 2", "Drop 2")


@dataclass
class Booth:
    """A conductor of decks, and everything that it reported."""

    nursery: trio.Nursery
    targets: tuple[Target, ...] = (TARGET,)
    reports: list[Report] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = TrioClock()
        self.conductor = Conductor(self.targets, clock=self.clock, report=self.reports.append)
        self.recorders = {target.name: Recorder(target) for target in self.targets}
        self.conductor.connect(self.recorders)
        self.nursery.start_soon(self.conductor.run)

    def load(self, deck: str, rules: str) -> None:
        self.conductor.do(Load(deck, schedule(SONG, rules % deck, *self.targets)))

    def play(self, deck: str, at: float = 0) -> None:
        self.conductor.do(Seek(deck, Transport(self.clock.now(), TrackNs(ms(1000 * at)))))

    def told(self) -> list[str]:
        """What was sent since this was last asked."""
        texts = [
            " ".join([report.outcome.cue.address, *(str(value) for _, value in report.outcome.cue.arguments)])
            for report in self.reports
            if report.outcome.to_send
        ]
        self.reports.clear()
        return texts


async def test_two_decks_play_each_its_own_track_through_one_target(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery)
    booth.load("a", BEATS)
    booth.load("b", BEATS)
    booth.play("a")
    booth.play("b", at=0.2)
    await trio.sleep(1.1)
    assert booth.told() == ["/a 1 1", "/b 1 2", "/a 1 2", "/b 1 3", "/a 1 3"]


async def test_cues_of_two_decks_that_are_due_together_leave_together(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery)
    for deck in ("a", "b"):
        booth.load(deck, BEATS)
        booth.play(deck, at=-1)
    await trio.sleep(1.1)
    assert [(report.outcome.deck, report.outcome.due) for report in booth.reports] == [
        ("a", booth.reports[0].outcome.due),
        ("b", booth.reports[0].outcome.due),
    ]


async def test_a_deck_that_hands_over_ends_its_looks_in_the_instant_in_which_the_other_begins(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery)
    booth.conductor.do(Silence("off air", decks=("b",)))
    for deck in ("a", "b"):
        booth.load(deck, LOOKS)
        booth.play(deck, at=1)
    assert booth.told() == ["/a/Intro 1"]
    booth.conductor.do(Silence("off air", decks=("a",)), Release("off air", decks=("b",)))
    assert booth.told() == ["/a/Intro 0", "/b/Intro 1"]


async def test_a_target_that_is_muted_stays_so_for_a_deck_that_comes_later(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery)
    booth.conductor.do(Silence("muted", targets=("lights",)))
    booth.load("late", LOOKS)
    booth.play("late", at=1)
    assert booth.told() == []
    booth.conductor.do(Release("muted", targets=("lights",)))
    assert booth.told() == ["/late/Intro 1"]


async def test_a_lead_set_live_holds_for_a_deck_that_comes_later(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery)
    booth.conductor.do(SetLead("lights", Lead(ms(250))))
    booth.load("late", BEATS)
    booth.play("late", at=0.1)
    await trio.sleep(0.2)
    assert booth.told() == ["/late 1 2"]
    booth.conductor.do(SetTrackLead("late", Lead(ms(200))))
    await trio.sleep(0.3)
    assert booth.told() == ["/late 1 3"]


async def test_a_deck_that_is_removed_ends_its_looks_and_is_forgotten(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    booth = Booth(nursery)
    booth.load("a", LOOKS)
    booth.play("a", at=1)
    booth.conductor.do(Remove("a"))
    assert booth.told() == ["/a/Intro 1", "/a/Intro 0"]
    await trio.sleep(10)
    assert booth.told() == []
    assert booth.conductor.decks == ()
    assert booth.conductor.snapshot().total.balanced


async def test_other_targets_take_over_between_two_cues(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    visuals = replace(TARGET, name="visuals")
    booth = Booth(nursery)
    booth.load("a", LOOKS)
    booth.play("a", at=1)
    booth.recorders["visuals"] = Recorder(visuals)
    moved = schedule(SONG, (LOOKS % "a").replace("send: {", "send: {to: visuals, "), TARGET, visuals)
    booth.conductor.do(Retarget((visuals,)), Load("a", moved))
    assert booth.told() == ["/a/Intro 1", "/a/Intro 0", "/a/Intro 1"]
    await trio.sleep(4)
    assert len(booth.recorders["lights"].packets) == 2
    assert booth.conductor.targets == (visuals,)


async def test_the_books_of_all_decks_are_one(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    booth = Booth(nursery)
    for deck in ("a", "b", "c"):
        booth.load(deck, BEATS)
        booth.play(deck)
    await trio.sleep(20)
    totals = booth.conductor.snapshot().total
    assert (totals.due, totals.balanced) == (48, True)
