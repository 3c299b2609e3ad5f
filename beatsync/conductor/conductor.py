"""The conductor: keeps the engines of some decks, one alarm and the outputs in step.

After every input it does the same thing: send what is due, re-arm the alarm. It also sends before an input, so that
what fell due under the old state of things is decided by it. Nothing is awaited between reading the clock and sending.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Final

import trio

from beatsync.clock import Clock
from beatsync.conductor.actions import Action, Stop
from beatsync.conductor.alarm import Alarm, LoopAlarm
from beatsync.conductor.company import Company
from beatsync.conductor.dispatch import Dispatch, Handed
from beatsync.conductor.memory import ConductorMemory, Fate, Journal, NoJournal, Unfinished
from beatsync.conductor.parcels import parcels_of, volleys_of
from beatsync.conductor.report import Report, Snapshot
from beatsync.conductor.tally import Tally
from beatsync.core.lateness import by_lateness
from beatsync.core.schedule import Schedule
from beatsync.core.targets import Target
from beatsync.core.transport import Transport
from beatsync.core.units import DurationNs, HostNs, ms
from beatsync.core.verdicts import Outcome, Verdict
from beatsync.outputs.output import Failed, Output, Queued, Sent, Settled

WARM_FOR: Final = ms(0.2)
"""So long before a deadline the way to the outputs is gone once: with a cold cache it takes 0.12 ms at most in 99 of
100 cases (docs/timing.md).
"""

DIED_SENDING: Final = "the conductor died while sending it: it may have left"
DIED_BEFORE: Final = "the conductor died before it could be sent"
DIED_QUEUED: Final = "the conductor died while it waited for the receiver"


class Conductor:
    """Plays decks. Its methods are its inputs, called from its own loop; `run` waits for deadlines."""

    def __init__(
        self,
        targets: Iterable[Target],
        *,
        clock: Clock,
        report: Callable[[Report], None],
        journal: Journal | None = None,
        alarm: Alarm | None = None,
        rest: Callable[[DurationNs], None] | None = None,
    ) -> None:
        """`alarm`: on the same clock; the loop's own where none is given. `rest`: told, each time that it has been
        armed, how long nothing will be due.

        `report` is called for every verdict, after the step that it is of; it must be quick and must not raise.
        """
        self._company = Company(targets)
        self._clock = clock
        self._report = report
        self._journal: Journal = journal or NoJournal()
        self._alarm = alarm or LoopAlarm(clock)
        self._rest = rest
        self._tally = Tally()
        self._dispatch = Dispatch(clock)
        self._queued: dict[int, list[Outcome]] = {}
        self._drained = trio.Event()
        self._in_step = False
        self._woke = clock.now()

    def connect(self, outputs: Mapping[str, Output]) -> None:
        """From now on send through `outputs`, one for each target; the mapping may change under way."""
        self._dispatch.connect(outputs)

    def keep_warm_with(self, output: Output) -> None:
        """Before each deadline send something to this output, behind which there is nobody."""
        self._dispatch.keep_warm_with(output)

    # Inputs

    def do(self, *actions: Action) -> None:
        """Do all of this at one instant: nothing falls due in between.

        What is past is decided first, under the old state of things; what the actions make due, at once after them.
        """
        self._step(everything=True)
        now = self._clock.now()
        changed = {deck for action in actions for deck in self._company.apply(action, now)}
        self._journal.applied(changed)
        self._step()
        self._alarm.rearm()

    def settle(self, settled: Settled) -> None:
        """An output says what became of a queued packet."""
        outcomes = self._queued.pop(settled.ticket)
        if not self._queued:
            self._drained.set()
        for outcome in outcomes:
            self._close(_as_it_went(outcome, settled.result, settled.at), settled.at)
        if not self._in_step:
            self._journal.ends(())

    # Queries

    @property
    def targets(self) -> tuple[Target, ...]:
        """Whom it plays for."""
        return self._company.targets

    @property
    def decks(self) -> tuple[str, ...]:
        """The decks that it knows."""
        return tuple(self._company.decks)

    def track(self, deck: str) -> str:
        """What the schedule of a deck is of."""
        return self._company.tracks.get(deck, "")

    def transport(self, deck: str) -> Transport | None:
        """The line that a deck follows."""
        return self._company.transport(deck)

    def next_deadline(self, deck: str | None = None) -> HostNs | None:
        """When the next cue of a deck, or of any, is to be handed out, if nothing changes."""
        return self._company.next_deadline(deck)

    def snapshot(self) -> Snapshot:
        """The state of everything, for people."""
        waiting = Counter(outcome.cue.target for outcomes in self._queued.values() for outcome in outcomes)
        return Snapshot(
            at=self._clock.now(),
            woke=self._woke,
            deadline=self._company.next_deadline(),
            totals=self._tally.totals(waiting),
            health=self._dispatch.health(),
        )

    # Memory

    def memory(self, decks: Collection[str] | None = None) -> ConductorMemory:
        """What a successor needs to go on; only of these `decks`, and of the totals only what has changed since.

        Asked for all decks, it is all there is.
        """
        return ConductorMemory(
            decks=self._company.memory(decks),
            totals=self._tally.totals() if decks is None else self._tally.changes(),
            queued=tuple(outcome for outcomes in self._queued.values() for outcome in outcomes),
            hushed=self._company.hushed,
            tracks=self._company.tracks,
        )

    def recall(
        self,
        memory: ConductorMemory,
        schedules: Mapping[str, Schedule],
        unfinished: Unfinished | None,
        *,
        end: bool = False,
    ) -> None:
        """Go on where a conductor of the same targets died, with these schedules loaded on its decks.

        `end`: only to end its looks, as if playback had stopped when it died. What it certainly sent is counted as
        sent. What it may not have sent has failed, and says why; of that, states that still stand are sent again. What
        has fallen due since is late, and dealt with as after any stall.
        """
        self._company.recall(memory, schedules)
        self._tally = Tally(memory.totals)
        now = self._clock.now()
        lost = list(memory.queued)
        for outcome in memory.queued:
            self._close(replace(outcome, verdict=Verdict.FAILED, reason=DIED_QUEUED), now)
        if unfinished is not None:
            lost += self._finish(unfinished)
        if end:
            for deck in self._company.decks:
                self._company.apply(Stop(deck), now)
        else:
            self._company.renew(lost, now)
        self._journal.ends(self._company.decks)

    def _finish(self, unfinished: Unfinished) -> list[Outcome]:
        """Account for the step in which the predecessor died; returns what may not have arrived."""
        outcomes, _ = self._company.advance(unfinished.at)
        in_hand = self._in_hand(outcomes, unfinished)
        lost: list[Outcome] = []
        for number, outcome in enumerate(outcomes):
            self._tally.fell_due(outcome.cue.target)
            fate = unfinished.fate(number)
            if not outcome.to_send or fate is Fate.SETTLED:
                self._close(outcome, unfinished.at)
                continue
            reason = DIED_QUEUED if fate is Fate.QUEUED else DIED_SENDING if number in in_hand else DIED_BEFORE
            self._close(replace(outcome, verdict=Verdict.FAILED, reason=reason), unfinished.at)
            lost.append(outcome)
        return lost

    def _in_hand(self, outcomes: list[Outcome], unfinished: Unfinished) -> Collection[int]:
        """Those that may or may not have left: of the first volley that had not been dealt with."""
        parcels = parcels_of(outcomes, self._company.by_name, clock=self._clock, now=unfinished.at)
        volleys = volleys_of(parcels, self._company.by_name)
        open_ones = (volley for volley in volleys if unfinished.fate(volley[0].outcomes[0]) is Fate.OPEN)
        return {place for parcel in next(open_ones, ()) for place in parcel.outcomes}

    # The loop

    async def run(self) -> None:
        """Send what falls due, for as long as the task lives."""
        while True:
            deadline = self._company.next_deadline()
            self._alarm.arm(deadline, self._company.preparation)
            if self._rest is not None:
                now = self._clock.now()
                self._rest(DurationNs((deadline or now + _LONG) - now))
            await self._alarm.wait()
            self._step()

    async def wait_drained(self) -> None:
        """Return when no packet waits for a slow receiver any more."""
        while self._queued:
            self._drained = trio.Event()
            await self._drained.wait()

    def _step(self, *, everything: bool = False) -> None:
        """Decide what is due, send it, then keep the books.

        Woken a stretch before a deadline, it decides ahead what falls due then: nothing can come between. `everything`:
        decks where nothing is due are told the time as well, before an input that goes by it.
        """
        now = self._woke = self._clock.now()
        deadline = self._company.next_deadline()
        is_due = deadline is not None and deadline <= now + self._alarm.stretch + self._company.preparation
        if not is_due and not everything:
            return
        at = max(now, deadline) if deadline is not None and is_due else now
        outcomes, changed = self._company.advance(at, everything=everything)
        if not outcomes:
            return
        self._in_step = True
        parcels = parcels_of(outcomes, self._company.by_name, clock=self._clock, now=at)
        hands = self._dispatch.hands(volleys_of(parcels, self._company.by_name))
        fates = self._journal.begins(at, len(outcomes))
        if self._clock.now() < (warm := HostNs(at - WARM_FOR)):
            self._clock.stay_awake_until(warm)
            self._dispatch.prime()
        self._clock.stay_awake_until(at)
        handed = self._dispatch.send(
            hands, fates, lambda ticket, places: self._wait(ticket, [outcomes[place] for place in places])
        )
        self._in_step = False
        self._book(outcomes, {place: one for places, one in handed for place in places}, at)
        self._journal.ends(changed)

    def _wait(self, ticket: int, outcomes: list[Outcome]) -> None:
        """These have to wait for their receiver, or for their turn."""
        self._queued[ticket] = outcomes

    def _book(self, outcomes: list[Outcome], handed: Mapping[int, Handed], at: HostNs) -> None:
        """Enter a step in the books."""
        for place, outcome in enumerate(outcomes):
            self._tally.fell_due(outcome.cue.target)
            handed_at, result = handed.get(place, (at, _NOT_TO_BE_SENT))
            if not isinstance(result, Queued):
                self._close(_as_it_went(outcome, result, handed_at), handed_at)

    def _close(self, outcome: Outcome, at: HostNs) -> None:
        lateness = max(0, at - outcome.due) if outcome.to_send else None
        self._tally.decided(outcome.cue.target, outcome.verdict, lateness)
        transport = self._company.transport(outcome.deck)
        self._report(Report(outcome, at, transport.position_at(at) if transport else None))


_NOT_TO_BE_SENT: Final = Sent()
_LONG: Final = 60 * 10**9


def _as_it_went(outcome: Outcome, result: Sent | Failed, at: HostNs) -> Outcome:
    """The outcome with the verdict that its sending makes of it."""
    if not outcome.to_send:
        return outcome
    if isinstance(result, Failed):
        return replace(outcome, verdict=Verdict.FAILED, reason=result.reason)
    verdict = by_lateness(outcome.due, at)
    return outcome if verdict is outcome.verdict else replace(outcome, verdict=verdict)
