"""Engine, alarm and outputs in step, on trio's virtual clock."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import trio
from trio.testing import MockClock

from beatsync.clock import TrioClock
from beatsync.conductor.actions import Chase, Load, Seek, Stop
from beatsync.conductor.conductor import Conductor
from beatsync.conductor.report import Report
from beatsync.core.engine import MAIN_DECK
from beatsync.core.leads import Lead
from beatsync.core.targets import Target
from beatsync.core.transport import Transport
from beatsync.core.units import NS_PER_SECOND, HostNs, TrackNs, ms
from beatsync.core.verdicts import Cause, Verdict
from beatsync.outputs.output import Failed, Health, Queued, SendResult, Sent, Settled
from beatsync.outputs.recorder import Recorder
from tests.core.shows import TARGET, schedule, song

BEATS = "  - {on: beat, send: {address: /beat, args: [bar, beat]}}"
STROBE = "  - {on: section, when: {label: Drop}, send: {address: /strobe, args: [1], end: {args: [0]}}}"
SONG = song("Intro 2", "Drop 2")
TOP = TrackNs(0)


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
        self.nursery.start_soon(self.conductor.run)

    def play(self, position: TrackNs = TOP) -> None:
        """Playback is at `position` now."""
        self.conductor.do(Seek(MAIN_DECK, Transport(self.clock.now(), position)))

    async def play_to_the_end(self) -> None:
        """Play the whole song."""
        self.play()
        await trio.sleep(SONG.duration / NS_PER_SECOND + 1)

    @property
    def texts(self) -> list[str]:
        return [f"{report.outcome.verdict} {report.outcome.cue.address}" for report in self.reports]


async def test_every_cue_is_sent_at_its_very_instant(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    stage = Stage(nursery)
    start = stage.clock.now()
    await stage.play_to_the_end()
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
    await stage.play_to_the_end()
    assert [at - start for at, _ in stage.recorders["early"].packets][:2] == [0, ms(400)]
    assert [at - start for at, _ in stage.recorders["late"].packets][:2] == [ms(50), ms(550)]
    assert stage.conductor.snapshot().totals["late"].due == 16


async def test_a_seek_wakes_the_conductor_from_a_long_wait(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    stage = Stage(nursery, STROBE)
    stage.play()
    await trio.sleep(1)
    assert stage.texts == []
    stage.play(TrackNs(3_900_000_000))
    await trio.sleep(0.2)
    assert stage.texts == ["sent /strobe"]


async def test_a_send_that_fails_is_accounted_for(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    stage = Stage(nursery)
    stage.recorders["lights"].fault = "no way to that network"
    await stage.play_to_the_end()
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
    stage.play()
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
    stage.play()
    await trio.sleep(4.1)
    stage.reports.clear()
    stage.conductor.do(Chase("lights"))
    assert [(report.outcome.cue.address, report.outcome.cause) for report in stage.reports] == [
        ("/strobe", Cause.CHASE)
    ]


async def test_stopping_ends_every_look(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    stage = Stage(nursery, STROBE)
    stage.play()
    await trio.sleep(4.1)
    stage.conductor.do(Stop(MAIN_DECK))
    assert [report.outcome.cue.arguments[0][1] for report in stage.reports] == [1, 0]
    await trio.sleep(10)
    assert len(stage.reports) == 2
