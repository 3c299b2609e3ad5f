"""The conductor: keeps engine, alarm and outputs in step.

After every input it does the same thing: send what is due, re-arm the alarm. It also sends before an input, so that
what fell due under the old state of things is decided by it. Nothing is awaited between reading the clock and sending.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import Final

import trio

from beatsync.clock import Clock
from beatsync.conductor.alarm import Alarm, LoopAlarm
from beatsync.conductor.memory import ConductorMemory, Fate, Journal, NoJournal, Unfinished
from beatsync.conductor.report import Report, Snapshot
from beatsync.conductor.tally import Tally
from beatsync.core.engine import Engine
from beatsync.core.lateness import by_lateness
from beatsync.core.schedule import Schedule
from beatsync.core.targets import Target
from beatsync.core.transport import Transport
from beatsync.core.units import DurationNs, HostNs, TrackNs
from beatsync.core.verdicts import Outcome, Verdict
from beatsync.outputs.output import Failed, Output, Queued, SendResult, Sent, Settled

DIED_SENDING: Final = "the conductor died while sending it: it may have left"
DIED_BEFORE: Final = "the conductor died before it could be sent"
DIED_QUEUED: Final = "the conductor died while it waited for the receiver"


class Conductor:
    """Plays one deck. Its methods are its inputs, called from its own loop; `run` waits for deadlines."""

    def __init__(
        self,
        targets: Iterable[Target],
        *,
        clock: Clock,
        report: Callable[[Report], None],
        journal: Journal | None = None,
        alarm: Alarm | None = None,
    ) -> None:
        """`alarm`: on the same clock; the loop's own where none is given.

        `report` is called for every verdict, on the way to the next cue: it must be quick and must not raise.
        """
        self._targets = tuple(targets)
        self._engine = Engine(self._targets)
        self._clock = clock
        self._report = report
        self._journal: Journal = journal or NoJournal()
        self._alarm = alarm or LoopAlarm(clock)
        self._tally = Tally()
        self._outputs: Mapping[str, Output] = {}
        self._tickets = count()
        self._queued: dict[int, Outcome] = {}
        self._drained = trio.Event()
        self._dealing = False
        self._woke = clock.now()

    def connect(self, outputs: Mapping[str, Output]) -> None:
        """From now on send through `outputs`, one for each target."""
        self._outputs = outputs

    # Inputs

    def load(self, schedule: Schedule) -> None:
        """A new schedule; what has fired stays fired."""
        with self._input():
            self._engine.load(schedule)

    def seek(self, transport: Transport) -> None:
        """Playback jumped, started or stopped."""
        with self._input() as now:
            self._engine.seek(transport, now)

    def adjust(self, transport: Transport) -> None:
        """The same playback, better known."""
        with self._input():
            self._engine.adjust(transport)

    def set_lead(self, target: str, lead: DurationNs) -> None:
        """Tell `target` so much earlier."""
        with self._input():
            self._engine.set_lead(target, lead)

    def chase(self, target: str) -> None:
        """The receiver came back: put it into the state of the present position."""
        with self._input() as now:
            self._engine.chase(target, now)

    def stop(self) -> None:
        """Playback is over: end every look."""
        with self._input() as now:
            self._engine.stop(now)

    def settle(self, settled: Settled) -> None:
        """An output says what became of a queued packet."""
        outcome = self._queued.pop(settled.ticket)
        if not self._queued:
            self._drained.set()
        match settled.result:
            case Sent():
                self._close(replace(outcome, verdict=by_lateness(outcome.due, settled.at)), settled.at)
            case Failed(reason):
                self._close(replace(outcome, verdict=Verdict.FAILED, reason=reason), settled.at)
        if not self._dealing:
            self._journal.ends()

    # Queries

    @property
    def transport(self) -> Transport | None:
        """The line that is followed."""
        return self._engine.transport

    def position(self) -> TrackNs | None:
        """Where playback stands now."""
        transport = self._engine.transport
        return transport.position_at(self._clock.now()) if transport else None

    def next_deadline(self) -> HostNs | None:
        """When the next cue falls due, if nothing changes."""
        return self._engine.next_deadline()

    def snapshot(self) -> Snapshot:
        """The state of everything, for people."""
        return Snapshot(
            at=self._clock.now(),
            woke=self._woke,
            deadline=self._engine.next_deadline(),
            totals=self._tally.totals(Counter(outcome.cue.target for outcome in self._queued.values())),
            health={name: output.health() for name, output in self._outputs.items()},
        )

    # Memory

    def memory(self) -> ConductorMemory:
        """What a successor needs to go on."""
        return ConductorMemory(
            engine=self._engine.memory(),
            totals=self._tally.totals(),
            queued=tuple(self._queued.values()),
        )

    def recall(self, memory: ConductorMemory, schedule: Schedule, unfinished: Unfinished | None) -> None:
        """Go on where a conductor of the same targets died, with this schedule loaded.

        What it certainly sent is counted as sent. What it may not have sent has failed, and says why; of that, states
        that still stand are sent again. What has fallen due since is late, and dealt with as after any stall.
        """
        self._engine = Engine.recalled(memory.engine, schedule, self._targets)
        self._tally = Tally(memory.totals)
        now = self._clock.now()
        lost = list(memory.queued)
        for outcome in memory.queued:
            self._close(replace(outcome, verdict=Verdict.FAILED, reason=DIED_QUEUED), now)
        if unfinished is not None:
            lost += self._finish(unfinished)
        self._engine.renew((outcome.cue for outcome in lost), now)
        self._journal.ends()

    def _finish(self, unfinished: Unfinished) -> list[Outcome]:
        """Account for the step in which the predecessor died; returns what may not have arrived."""
        lost: list[Outcome] = []
        fates = unfinished.fates
        for number, outcome in enumerate(self._engine.advance(unfinished.at)):
            self._tally.fell_due(outcome.cue.target)
            if not outcome.to_send or fates[number : number + 1] == (Fate.SETTLED,):
                self._close(outcome, unfinished.at)
                continue
            reason = DIED_QUEUED if number < len(fates) else DIED_SENDING if number == len(fates) else DIED_BEFORE
            self._close(replace(outcome, verdict=Verdict.FAILED, reason=reason), unfinished.at)
            lost.append(outcome)
        return lost

    # The loop

    async def run(self) -> None:
        """Send what falls due, for as long as the task lives."""
        while True:
            await self._alarm.wait(self._engine.next_deadline())
            self._send_due()

    async def wait_drained(self) -> None:
        """Return when no packet waits for a slow receiver any more."""
        while self._queued:
            self._drained = trio.Event()
            await self._drained.wait()

    @contextmanager
    def _input(self) -> Iterator[HostNs]:
        self._send_due()
        yield self._clock.now()
        self._journal.applied()
        self._send_due()
        self._alarm.rearm()

    def _send_due(self) -> None:
        """Decide what is due, send it, then keep the books.

        Woken a stretch before a deadline, it decides ahead what falls due then: nothing can come between.
        """
        now = self._woke = self._clock.now()
        deadline = self._engine.next_deadline()
        ahead = deadline is not None and now < deadline <= now + self._alarm.stretch
        at = deadline if deadline is not None and ahead else now
        outcomes = self._engine.advance(at)
        if not outcomes:
            return
        self._journal.begins(at)
        self._dealing = True
        self._clock.stay_awake_until(at)
        dealt = [(outcome, *self._deal(outcome)) for outcome in outcomes]
        self._dealing = False
        for outcome, sent_at, result in dealt:
            self._keep(outcome, sent_at, result)
        self._journal.ends()

    def _deal(self, outcome: Outcome) -> tuple[HostNs, SendResult]:
        """Send it, if it is to be sent; returns when, and how that went."""
        now = self._clock.now()
        if not outcome.to_send:
            self._journal.dealt(Fate.SETTLED)
            return now, Sent()
        ticket = next(self._tickets)
        output = self._outputs.get(outcome.cue.target)
        result = output.send(outcome.cue.packet, ticket, now) if output else Failed("the target is not open")
        if isinstance(result, Queued):
            self._queued[ticket] = outcome
            self._journal.dealt(Fate.QUEUED)
        else:
            self._journal.dealt(Fate.SETTLED)
        return now, result

    def _keep(self, outcome: Outcome, at: HostNs, result: SendResult) -> None:
        """Enter it in the books."""
        self._tally.fell_due(outcome.cue.target)
        match result:
            case Sent():
                self._close(_as_late_as(outcome, at), at)
            case Failed(reason):
                self._close(replace(outcome, verdict=Verdict.FAILED, reason=reason), at)
            case Queued():
                pass

    def _close(self, outcome: Outcome, at: HostNs) -> None:
        lateness = max(0, at - outcome.due) if outcome.to_send else None
        self._tally.decided(outcome.cue.target, outcome.verdict, lateness)
        transport = self._engine.transport
        self._report(Report(outcome, at, transport.position_at(at) if transport else None))


def _as_late_as(outcome: Outcome, at: HostNs) -> Outcome:
    """The outcome with the verdict that its sending at `at` makes of it."""
    verdict = by_lateness(outcome.due, at) if outcome.to_send else outcome.verdict
    return outcome if verdict is outcome.verdict else replace(outcome, verdict=verdict)
