"""The engine: a cursor over the schedule for each target. It is handed `now` and returns what is due; it sends nothing.

Rules
  1. A cue falls due when the transport reaches its position, less the target's lead. Deadlines are computed from the
     transport when asked, never stored: a seek or a better estimate replaces the line, nothing is rescheduled.
  2. `seek` is a fact about playback: it jumped, started or stopped. What lies behind the new position is not owed;
     what lies ahead is, again if playback went back. What it passed over going forward is skipped.
  3. `adjust` is a fact about our knowledge: the cursors stay where they are, nothing is dropped and nothing repeated.
  4. Jumps no longer than HYSTERESIS are the same place: a wobble of the feed never fires a cue twice.
  5. A look that was begun is ended: where its span ends, and on every other way out of it.
  6. The position landed in is entered once: of each look the cue that playing up to there would have left standing.
  7. Nothing falls due while playback does not move, except the endings of looks.
  8. A pulse later than its limit is dropped. Of several late cues of one look or address only the last is sent.

Every due cue becomes exactly one Outcome. Targets are independent: each has its own cursor and lead.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from beatsync.core.cursor import HYSTERESIS, Allowance, Cursor
from beatsync.core.rules import Kind
from beatsync.core.schedule import Cue, Lane, Phase, Schedule
from beatsync.core.targets import Target
from beatsync.core.transport import Transport
from beatsync.core.units import NS_PER_MS, DurationNs, HostNs, TrackNs, ms
from beatsync.core.verdicts import Cause, Outcome, Verdict

LATE_AFTER: Final = ms(20)
"""A cue sent later than this is marked late: half a frame of a slow receiver."""


class Engine:
    """Decides which cue is due when. Not a task, not a thread: whoever owns it calls it."""

    def __init__(self, targets: Iterable[Target]) -> None:
        """`targets`: their names, leads and rate caps."""
        self._cursors: dict[str, Cursor] = {
            target.name: Cursor(Lane(target.name, (), ()), target.lead, Allowance(target.max_rate))
            for target in targets
        }
        self._transport: Transport | None = None
        self._owed: list[Outcome] = []
        self._holds: list[tuple[HostNs, Cue]] = []
        self._decided_at = HostNs(0)
        self._entered = True
        self._pass = 1

    @property
    def transport(self) -> Transport | None:
        """The line that is followed; None before the first seek and after a stop."""
        return self._transport

    @property
    def leads(self) -> Mapping[str, DurationNs]:
        """The lead of each target at present."""
        return MappingProxyType({name: cursor.lead for name, cursor in self._cursors.items()})

    # Inputs

    def load(self, schedule: Schedule) -> None:
        """Take a new schedule. What has fallen due by time stays decided; looks that it does not know any more end."""
        now = self._decided_at
        for name, cursor in self._cursors.items():
            replacement = cursor.replace(schedule.lanes.get(name, Lane(name, (), ())))
            self._end(cursor, replacement.ends, now)
            for cue in replacement.overdue:
                self._owe(cue, Cause.PLAYED, now)
        self._entered = self._transport is None
        self._enter_all(now)

    def seek(self, transport: Transport, now: HostNs) -> None:
        """Playback jumped, started or stopped: from `now` on it follows `transport`."""
        before, self._transport = self._transport, transport
        self._decided_at = max(self._decided_at, now)
        here = transport.position_at(now)
        was = before.position_at(now) if before else None
        passed: list[Cue] = []
        if was is None or abs(here - was) > HYSTERESIS:
            passed = self._jump(was, here, now)
        if before and before.moving and not transport.moving:
            self._pause(now)
        entered = self._enter_all(now)
        for cue in passed:
            if cue not in entered:
                self._decide(cue, Verdict.SKIPPED, Cause.PLAYED, now, reason="a seek passed over it")

    def adjust(self, transport: Transport) -> None:
        """The same playback, better known."""
        self._transport = transport

    def set_lead(self, target: str, lead: DurationNs) -> None:
        """From now on `target` is told so much earlier; what that makes due at once is due now."""
        self._cursors[target].lead = lead

    def chase(self, target: str, now: HostNs) -> None:
        """The receiver may have forgotten everything (it was away): put it into the state of the present position."""
        cursor = self._cursors[target]
        cursor.standing.clear()
        if self._transport is not None:
            self._enter(cursor, self._transport, now)

    def stop(self, now: HostNs) -> None:
        """Playback is over: every look ends, and nothing is due until the next seek."""
        self._decided_at = max(self._decided_at, now)
        for cursor in self._cursors.values():
            self._end(cursor, tuple(cursor.begun), now)
            cursor.standing.clear()
            cursor.decided = None
        for due, cue in self._holds:
            self._decide(cue, Verdict.SENT, Cause.ENDING, min(due, now))
        self._holds.clear()
        self._transport = None
        self._pass += 1

    # Queries

    def next_deadline(self) -> HostNs | None:
        """When to call `advance` next; None when nothing will fall due by itself."""
        if self._owed:
            return self._owed[0].due
        deadlines = [due for due, _ in self._holds[:1]]
        if self._transport is not None and self._transport.moving:
            deadlines += [
                HostNs(self._transport.host_at(position) - cursor.lead)
                for cursor in self._cursors.values()
                if (position := cursor.next_position) is not None
            ]
        return min(deadlines, default=None)

    # The step

    def advance(self, now: HostNs) -> list[Outcome]:
        """Everything that has fallen due by `now`, decided, in the order in which it fell due."""
        self._release_holds(now)
        due = self._played(now)
        overtaken = self._overtaken(due, now)
        for due_at, cue in due:
            verdict, reason = self._judged(cue, due_at, now, overtaken=cue in overtaken)
            self._decide(cue, verdict, Cause.PLAYED, due_at, reason=reason)
            self._hold(cue, verdict, now)
        self._decided_at = max(self._decided_at, now)
        outcomes, self._owed = self._owed, []
        return outcomes

    def _played(self, now: HostNs) -> list[tuple[HostNs, Cue]]:
        """What the cursors pass, each with when it fell due, sorted."""
        transport = self._transport
        if transport is None or not transport.moving:
            return []
        due = [
            (HostNs(transport.host_at(cue.position) - cursor.lead), cue)
            for cursor in self._cursors.values()
            for cue in cursor.pass_to(transport.position_at(HostNs(now + cursor.lead)))
        ]
        due.sort(key=lambda item: (item[0], item[1].phase, item[1].order))
        return due

    def _overtaken(self, due: list[tuple[HostNs, Cue]], now: HostNs) -> set[Cue]:
        """The late cues that a later one of the same look, or the same address, makes pointless."""
        overtaken: set[Cue] = set()
        seen: set[tuple[str, Kind, str]] = set()
        for due_at, cue in reversed(due):
            key = (cue.target, cue.kind, cue.look if cue.kind is Kind.STATE else cue.address)
            if cue.phase is Phase.START and key in seen and self._lateness(due_at, now) > LATE_AFTER:
                overtaken.add(cue)
            seen.add(key)
        return overtaken

    def _judged(self, cue: Cue, due: HostNs, now: HostNs, *, overtaken: bool) -> tuple[Verdict, str]:
        cursor = self._cursors[cue.target]
        lateness = self._lateness(due, now)
        limit = cue.policy.late_limit
        if cue.phase is Phase.END:
            if cue not in cursor.begun:
                return Verdict.SUPPRESSED, "its look is not standing"
        elif cue in cursor.fired:
            return Verdict.SUPPRESSED, "already fired, and the rule says once"
        elif overtaken:
            return Verdict.DROPPED, f"{lateness // NS_PER_MS} ms late, and overtaken by a later cue"
        elif limit is not None and lateness > limit:
            return Verdict.DROPPED, f"{lateness // NS_PER_MS} ms late"
        elif cue.kind is Kind.PULSE and not cursor.allowance.spend(now):
            return Verdict.SUPPRESSED, f"more than {cursor.allowance.max_rate} pulses in a second"
        return (Verdict.LATE if lateness > LATE_AFTER else Verdict.SENT), ""

    def _lateness(self, due: HostNs, now: HostNs) -> int:
        """How late `due` is. What an adjustment or a lead has only just made due is not late."""
        return now - max(due, self._decided_at)

    # Decisions

    def _decide(self, cue: Cue, verdict: Verdict, cause: Cause, due: HostNs, *, reason: str = "") -> None:
        """Note the outcome, and which looks stand after it."""
        outcome = Outcome(cue, verdict, cause, due, self._pass, reason)
        self._owed.append(outcome)
        cursor = self._cursors[cue.target]
        if cue.phase is Phase.END:
            cursor.begun.pop(cue, None)
        if not outcome.to_send:
            return
        if cue.kind is Kind.STATE and (cue.phase is Phase.START or cue.hold is None):
            cursor.standing[cue.look] = cue
        if cue.phase is Phase.START:
            if not cue.policy.gone_back:
                cursor.fired.add(cue)
            if cue.ending is not None and cue.hold is None:
                cursor.begun[cue.ending] = cue

    def _owe(self, cue: Cue, cause: Cause, now: HostNs) -> None:
        """A cue that falls due out of turn, because of an input."""
        self._decide(cue, Verdict.SENT, cause, now)
        self._hold(cue, Verdict.SENT, now)

    def _hold(self, cue: Cue, verdict: Verdict, now: HostNs) -> None:
        """Arrange for the end of a cue that holds for a time of its own."""
        if cue.ending is not None and cue.hold is not None and verdict in {Verdict.SENT, Verdict.LATE}:
            self._holds.append((HostNs(now + cue.hold), cue.ending))
            self._holds.sort(key=lambda hold: hold[0])

    def _release_holds(self, now: HostNs) -> None:
        count = bisect_right(self._holds, now, key=lambda hold: hold[0])
        for due, cue in self._holds[:count]:
            self._decide(cue, Verdict.SENT, Cause.ENDING, due)
        del self._holds[:count]

    # Jumps

    def _jump(self, was: TrackNs | None, here: TrackNs, now: HostNs) -> list[Cue]:
        """Move every cursor, end the looks whose span was left; returns what was passed over and is not sent."""
        self._entered = False
        forward = was is not None and here > was
        self._pass += was is not None and not forward
        skipped: list[Cue] = []
        for cursor in self._cursors.values():
            passed = cursor.jump(here, forward=forward)
            place = max(here, cursor.decided or here)
            left = tuple(end for end, start in cursor.begun.items() if not start.spans(place))
            self._end(cursor, left, now)
            for cue in passed if was is not None else ():
                if cue.policy.skipped_over and self._transport is not None and self._transport.moving:
                    self._owe(cue, Cause.PLAYED, now)
                elif cue not in left:
                    skipped.append(cue)
        return skipped

    def _pause(self, now: HostNs) -> None:
        for cursor in self._cursors.values():
            ends = tuple(end for end, start in cursor.begun.items() if start.policy.ends_on_pause)
            self._end(cursor, ends, now)
            self._entered = self._entered and not ends

    def _end(self, cursor: Cursor, ends: Iterable[Cue], now: HostNs) -> None:
        for end in ends:
            self._decide(end, Verdict.SENT, Cause.ENDING, now)
            cursor.begun.pop(end, None)

    def _enter_all(self, now: HostNs) -> set[Cue]:
        """Enter the position, once, as soon as playback moves; returns what that decided."""
        if self._entered or self._transport is None or not self._transport.moving:
            return set()
        self._entered = True
        decided = len(self._owed)
        for cursor in self._cursors.values():
            self._enter(cursor, self._transport, now)
            for cue in cursor.entered(self._transport.position_at(now)):
                self._owe(cue, Cause.CHASE, now)
        return {outcome.cue for outcome in self._owed[decided:]}

    def _enter(self, cursor: Cursor, transport: Transport, now: HostNs) -> None:
        """Send what playing up to here would have left standing."""
        reach = transport.position_at(HostNs(now + max(cursor.lead, 0)))
        for cue in tuple(cursor.wanted(reach)):
            if cue in cursor.fired:
                reason = "already fired, and the rule says once"
                self._decide(cue, Verdict.SUPPRESSED, Cause.CHASE, now, reason=reason)
            elif cue.phase is Phase.START and not cue.policy.jumped_into:
                reason = "jumped into, and the rule says to ignore that"
                self._decide(cue, Verdict.SUPPRESSED, Cause.CHASE, now, reason=reason)
            else:
                self._owe(cue, Cause.CHASE, now)
