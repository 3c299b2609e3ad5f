"""Engine, alarm and outputs in step, on trio's virtual clock."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
import trio
from trio.testing import MockClock

from beatsync.clock import TrioClock
from beatsync.conductor.actions import Chase, Load
from beatsync.conductor.conductor import Conductor
from beatsync.conductor.deck import Deck, Playback
from beatsync.conductor.report import Report
from beatsync.config.configuration import StartArmed, StartAt, StartNow
from beatsync.core.engine import MAIN_DECK
from beatsync.core.leads import Lead
from beatsync.core.targets import Target
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs, TrackNs, WallNs, ms
from beatsync.core.verdicts import Cause, Verdict
from beatsync.feeds.start import transport_of_start
from beatsync.outputs.output import Failed, Health, Queued, SendResult, Sent, Settled
from beatsync.outputs.recorder import Recorder
from tests.core.shows import TARGET, schedule, song

BEATS = "  - {on: beat, send: {address: /beat, args: [bar, beat]}}"
STROBE = "  - {on: section, when: {label: Drop}, send: {address: /strobe, args: [1], end: {args: [0]}}}"
SONG = song("Intro 2", "Drop 2")


@dataclass
class Stage:
    """A conductor with a recorder for each target, and everything that it reported."""

    nursery: trio.Nursery
    rules: str = BEATS
    targets: tuple[Target, ...] = (TARGET,)
    reports: list[Report] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = TrioClock()
        self.conductor = Conductor(self.targets, clock=self.clock, report=self.reports.append)
        self.recorders = {target.name: Recorder(target) for target in self.targets}
        self.conductor.connect(self.recorders)
        self.conductor.do(Load(MAIN_DECK, schedule(SONG, self.rules, *self.targets)))
        self.deck = Deck(SONG, self.conductor, self.clock)
        self.nursery.start_soon(self.conductor.run)

    @property
    def texts(self) -> list[str]:
        return [f"{report.outcome.verdict} {report.outcome.cue.address}" for report in self.reports]


async def test_every_cue_is_sent_at_its_very_instant(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    stage = Stage(nursery)
    start = stage.clock.now()
    stage.deck.play()
    await stage.deck.wait_ended()
    sent_at = [at - start for at, _ in stage.recorders["lights"].packets]
    assert sent_at == [beat * 5 * 10**8 for beat in range(16)]
    assert {report.lateness for report in stage.reports} == {0}
    totals = stage.conductor.snapshot().total
    assert (totals.due, totals.of(Verdict.SENT), totals.lateness.max) == (16, 16, 0)


async def test_each_target_is_told_by_its_own_lead(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    early, late = replace(TARGET, name="early", lead=Lead(ms(100))), replace(TARGET, name="late", lead=Lead(ms(-50)))
    rules = "  - {on: beat, send: {to: [early, late], address: /beat}}"
    stage = Stage(nursery, rules, (early, late))
    start = stage.clock.now()
    stage.deck.play()
    await stage.deck.wait_ended()
    assert [at - start for at, _ in stage.recorders["early"].packets][:2] == [0, ms(400)]
    assert [at - start for at, _ in stage.recorders["late"].packets][:2] == [ms(50), ms(550)]
    assert stage.conductor.snapshot().totals["late"].due == 16


async def test_a_seek_wakes_the_conductor_from_a_long_wait(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    stage = Stage(nursery, STROBE)
    stage.deck.play()
    await trio.sleep(1)
    assert stage.texts == []
    stage.deck.seek(TrackNs(3_900_000_000))
    await trio.sleep(0.2)
    assert stage.texts == ["sent /strobe"]


async def test_a_send_that_fails_is_accounted_for(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    stage = Stage(nursery)
    stage.recorders["lights"].fault = "no way to that network"
    stage.deck.play()
    await stage.deck.wait_ended()
    totals = stage.conductor.snapshot().total
    assert (totals.due, totals.of(Verdict.FAILED)) == (16, 16)
    assert totals.balanced
    assert stage.reports[0].outcome.reason == "no way to that network"


class Slow:
    """An output that queues everything; the test says what becomes of it."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.tickets: list[int] = []

    def send(self, _packet: bytes, ticket: int, _now: HostNs) -> SendResult:
        self.tickets.append(ticket)
        return Queued()

    def health(self) -> Health:
        return Recorder(self.target).health()


async def test_a_queued_packet_gets_its_verdict_when_its_fate_is_known(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    stage = Stage(nursery)
    slow = Slow(TARGET)
    stage.conductor.connect({"lights": slow})
    stage.deck.play()
    await trio.sleep(1.2)
    assert stage.conductor.snapshot().total.queued == 3
    assert stage.conductor.snapshot().total.balanced
    first, second, third = slow.tickets
    stage.conductor.settle(Settled(first, Failed("too old"), stage.clock.now()))
    stage.conductor.settle(Settled(second, Sent(), HostNs(stage.reports[0].outcome.due + ms(501))))
    stage.conductor.settle(Settled(third, Sent(), stage.clock.now()))
    await stage.conductor.wait_drained()
    assert stage.texts == ["failed /beat", "sent /beat", "late /beat"]


async def test_a_receiver_that_comes_back_is_chased(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    """N10."""
    stage = Stage(nursery, f"{STROBE}\n{BEATS}")
    stage.deck.play()
    await trio.sleep(4.1)
    stage.reports.clear()
    stage.conductor.do(Chase("lights"))
    assert [(report.outcome.cue.address, report.outcome.cause) for report in stage.reports] == [
        ("/strobe", Cause.CHASE)
    ]


async def test_stopping_ends_every_look(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    stage = Stage(nursery, STROBE)
    stage.deck.play()
    await trio.sleep(4.1)
    stage.deck.stop()
    assert [report.outcome.cue.arguments[0][1] for report in stage.reports] == [1, 0]
    assert stage.deck.state().playback is Playback.ARMED
    await trio.sleep(10)
    assert len(stage.reports) == 2


async def test_a_deck_says_what_it_does(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    stage = Stage(nursery)
    deck = stage.deck
    assert deck.state().playback is Playback.ARMED
    deck.follow(Transport(HostNs(stage.clock.now() + ms(1000)), TrackNs(0)))
    assert deck.state().playback is Playback.COUNTDOWN
    await trio.sleep(2)
    assert (deck.state().playback, deck.state().position) == (Playback.PLAYING, 10**9)
    deck.pause()
    await trio.sleep(5)
    assert (deck.state().playback, deck.state().position) == (Playback.PAUSED, 10**9)
    deck.play()
    await trio.sleep(20)
    assert deck.state().playback is Playback.ENDED


def test_a_start_in_the_past_gives_a_position_and_one_in_the_future_a_countdown() -> None:
    """F14."""
    now, wall = HostNs(5_000), WallNs(10**18)
    past = transport_of_start(StartAt(WallNs(wall - 7_000)), now=now, wall=wall)
    future = transport_of_start(StartAt(WallNs(wall + 7_000)), now=now, wall=wall)
    assert past is not None
    assert future is not None
    assert (past.position_at(now), future.position_at(now)) == (7_000, -7_000)
    assert transport_of_start(StartNow(), now=now, wall=wall) == Transport(now, TrackNs(0))
    assert transport_of_start(StartArmed(), now=now, wall=wall) is None


@pytest.mark.parametrize("step", [3600, -3600, 86_400, -86_400, 1])
async def test_a_step_of_the_wall_clock_changes_nothing_after_the_start(
    step: int,
    nursery: trio.Nursery,
    autojump_clock: MockClock,
) -> None:
    """H1: an hour, a day, a leap second; civil time is read once."""

    class SteppingClock(TrioClock):
        offset = 0

        def wall(self) -> WallNs:
            return WallNs(super().wall() + self.offset)

    stage = Stage(nursery)
    clock = stage.clock = SteppingClock()
    start = clock.now()
    at = StartAt(WallNs(clock.wall() + ms(1000)))
    transport = transport_of_start(at, now=clock.now(), wall=clock.wall())
    assert transport is not None
    stage.deck.follow(transport)
    await trio.sleep(2.1)
    clock.offset = step * 10**9
    await stage.deck.wait_ended()
    assert [sent - start for sent, _ in stage.recorders["lights"].packets] == [
        ms(1000) + beat * 5 * 10**8 for beat in range(16)
    ]
