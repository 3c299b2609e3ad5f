"""The conductor: keeps engine, alarm and outputs in step.

After every input it does the same thing: send what is due, re-arm the alarm. It also sends before an input, so that
what fell due under the old state of things is decided by it. Nothing is awaited between reading the clock and sending.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count

import trio

from beatsync.clock import Clock
from beatsync.conductor.alarm import Alarm
from beatsync.conductor.tally import Tally, Totals
from beatsync.core.engine import Engine
from beatsync.core.lateness import by_lateness
from beatsync.core.schedule import Schedule
from beatsync.core.targets import Target
from beatsync.core.transport import Transport
from beatsync.core.units import DurationNs, HostNs, TrackNs
from beatsync.core.verdicts import Outcome, Verdict
from beatsync.outputs.output import Failed, Health, Output, Queued, Sent, Settled


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one due cue, for people: the engine's outcome with the network's answer worked in.

    `at`: when it was sent or decided; `lateness` is against its due instant; `position`: where playback stood.
    """

    outcome: Outcome
    at: HostNs
    position: TrackNs | None

    @property
    def lateness(self) -> DurationNs:
        """How much later than due."""
        return DurationNs(self.at - self.outcome.due)


class Conductor:
    """Plays one deck. Its methods are its inputs, called from its own loop; `run` waits for deadlines."""

    def __init__(self, targets: Iterable[Target], *, clock: Clock, report: Callable[[Report], None]) -> None:
        """`report` is called for every verdict, on the way to the next cue: it must be quick and must not raise."""
        self._engine = Engine(targets)
        self._clock = clock
        self._report = report
        self._alarm = Alarm(clock)
        self._tally = Tally()
        self._outputs: Mapping[str, Output] = {}
        self._tickets = count()
        self._queued: dict[int, Outcome] = {}
        self._drained = trio.Event()

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

    def totals(self, target: str | None = None) -> Totals:
        """The books of one target, or of all."""
        queued = sum(target in {None, outcome.cue.target} for outcome in self._queued.values())
        return self._tally.totals(target, queued=queued)

    def health(self) -> dict[str, Health]:
        """The state of each output."""
        return {name: output.health() for name, output in self._outputs.items()}

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
        self._send_due()
        self._alarm.rearm()

    def _send_due(self) -> None:
        outcomes = self._engine.advance(self._clock.now())
        for outcome in outcomes:
            self._tally.fell_due(outcome.cue.target)
            if outcome.to_send:
                self._send(outcome)
            else:
                self._close(outcome, self._clock.now())

    def _send(self, outcome: Outcome) -> None:
        ticket = next(self._tickets)
        now = self._clock.now()
        output = self._outputs.get(outcome.cue.target)
        result = output.send(outcome.cue.packet, ticket, now) if output else Failed("the target is not open")
        match result:
            case Sent():
                self._close(outcome, now)
            case Queued():
                self._queued[ticket] = outcome
            case Failed(reason):
                self._close(replace(outcome, verdict=Verdict.FAILED, reason=reason), now)

    def _close(self, outcome: Outcome, at: HostNs) -> None:
        lateness = max(0, at - outcome.due) if outcome.to_send else None
        self._tally.decided(outcome.cue.target, outcome.verdict, lateness)
        transport = self._engine.transport
        self._report(Report(outcome, at, transport.position_at(at) if transport else None))
