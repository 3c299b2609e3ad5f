"""Whatever playback and the outputs do, every due cue is accounted for and every look that began is ended."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from beatsync.clock import TrioClock
from beatsync.conductor.actions import Load
from beatsync.conductor.conductor import Conductor
from beatsync.conductor.report import Report
from beatsync.core.engine import MAIN_DECK
from beatsync.core.schedule import Phase
from beatsync.core.targets import Target
from beatsync.core.units import HostNs
from beatsync.core.verdicts import Verdict
from beatsync.outputs.output import Failed, Health, Queued, SendResult, Sent, Settled
from beatsync.outputs.recorder import Recorder
from tests.conductor.steps import action_of
from tests.core.random_shows import (
    ADJUST,
    CHASE,
    JUMP,
    LEAD,
    PAUSE,
    RELEASE,
    RELOAD,
    RESUME,
    RUN,
    SILENCE,
    STOP,
    TARGETS,
    RandomShow,
    Step,
    shows,
)

ANSWERS = st.lists(st.sampled_from(["sent", "failed", "queued"]), min_size=1, max_size=7)
SCRIPTS = st.lists(
    st.one_of(RUN, RUN, JUMP, PAUSE, RESUME, ADJUST, LEAD, RELOAD, CHASE, SILENCE, RELEASE, STOP), max_size=15
)


class Moody:
    """An output that takes, refuses and queues by turns; what is queued waits until `settle_all`."""

    def __init__(self, target: Target, answers: Iterator[str]) -> None:
        self.target = target
        self._answers = answers
        self._waiting: list[int] = []

    def send(self, _packet: bytes, ticket: int, _now: HostNs) -> SendResult:
        answer = next(self._answers)
        if answer == "queued":
            self._waiting.append(ticket)
            return Queued()
        return Sent() if answer == "sent" else Failed("no luck")

    def settle_all(self, conductor: Conductor, now: HostNs) -> None:
        for number, ticket in enumerate(self._waiting):
            conductor.settle(Settled(ticket, Sent() if number % 2 else Failed("too old"), now))
        self._waiting.clear()

    def health(self) -> Health:
        return Recorder(self.target).health()


class Booth:
    """A conductor with moody outputs, and a script's hand on it."""

    def __init__(self, show: RandomShow, answers: list[str]) -> None:
        self.show = show
        self.clock = TrioClock()
        self.reports: list[Report] = []
        self.conductor = Conductor(TARGETS, clock=self.clock, report=self.reports.append)
        turns = cycle(answers)
        self.outputs = {target.name: Moody(target, turns) for target in TARGETS}
        self.conductor.connect(self.outputs)
        self.conductor.do(Load(MAIN_DECK, show.schedule()))

    async def do(self, step: Step) -> None:
        """Let one thing happen."""
        if step.name == "run":
            await trio.sleep(step.ms / 1000)
        before = self.conductor.transport(MAIN_DECK)
        action = action_of(step, now=self.clock.now(), before=before, schedule=self.show.schedule())
        if action is not None:
            self.conductor.do(action)

    def settle_all(self) -> None:
        """Everything that was queued gets its end."""
        for output in self.outputs.values():
            output.settle_all(self.conductor, self.clock.now())


async def perform(show: RandomShow, answers: list[str], script: list[Step]) -> None:
    booth = Booth(show, answers)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(booth.conductor.run)
        for step in [*script, Step("stop")]:
            await booth.do(step)
            assert all(totals.balanced for totals in booth.conductor.snapshot().totals.values())
        booth.settle_all()
        with trio.fail_after(1):
            await booth.conductor.wait_drained()
        nursery.cancel_scope.cancel()
    check_books(booth)


def check_books(booth: Booth) -> None:
    """The reports and the totals are two accounts of one thing."""
    totals = booth.conductor.snapshot().total
    assert totals.balanced
    assert totals.queued == 0
    assert totals.due == len(booth.reports)
    for verdict in Verdict:
        assert totals.of(verdict) == sum(report.outcome.verdict is verdict for report in booth.reports)
    assert totals.lateness.count == totals.of(Verdict.SENT) + totals.of(Verdict.LATE)
    tried = {Verdict.SENT, Verdict.LATE, Verdict.FAILED}
    ended = [r.outcome.cue for r in booth.reports if r.outcome.verdict in tried and r.outcome.cue.phase is Phase.END]
    assert {cue.address for cue in ended} >= {
        report.outcome.cue.ending.address
        for report in booth.reports
        if report.outcome.verdict in tried and report.outcome.cue.ending is not None
    }


@settings(max_examples=60, deadline=None)
@given(shows(), ANSWERS, SCRIPTS)
def test_the_books_balance_after_every_step(show: RandomShow, answers: list[str], script: list[Step]) -> None:
    trio.run(perform, show, answers, script, clock=MockClock(autojump_threshold=0))


@settings(max_examples=40, deadline=None)
@given(shows(), SCRIPTS)
def test_in_virtual_time_nothing_is_late(show: RandomShow, script: list[Step]) -> None:
    async def play() -> None:
        booth = Booth(show, ["sent"])
        async with trio.open_nursery() as nursery:
            nursery.start_soon(booth.conductor.run)
            for step in script:
                await booth.do(step)
            nursery.cancel_scope.cancel()
        assert {report.lateness for report in booth.reports} <= {0}

    trio.run(play, clock=MockClock(autojump_threshold=0))
