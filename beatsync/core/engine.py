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

from bisect import bisect_right, insort
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from beatsync.core.cursor import HYSTERESIS, Allowance, Cursor
from beatsync.core.fairness import by_turns
from beatsync.core.lateness import Due, by_lateness, is_too_late, overtaken
from beatsync.core.memory import EngineMemory
from beatsync.core.rules import Kind
from beatsync.core.schedule import Cue, Lane, Phase, Schedule
from beatsync.core.targets import Target
from beatsync.core.transport import Transport
from beatsync.core.units import NS_PER_MS, DurationNs, HostNs, TrackNs
from beatsync.core.verdicts import Cause, Outcome, Verdict


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
        self._holds: list[Due] = []
        self._decided_at = HostNs(0)
        self._reached = TrackNs(0)
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

    # Memory

    def memory(self) -> EngineMemory:
        """All that it knows but its schedule, as a value."""
        return EngineMemory(
            transport=self._transport,
            cursors={name: cursor.memory() for name, cursor in self._cursors.items()},
            owed=tuple(self._owed),
            holds=tuple(self._holds),
            decided_at=self._decided_at,
            reached=self._reached,
            entered=self._entered,
            pass_number=self._pass,
        )

    @classmethod
    def recalled(cls, memory: EngineMemory, schedule: Schedule, targets: Iterable[Target]) -> Engine:
        """An engine that goes on from `memory`, which was of this schedule and these targets."""
        engine = cls(targets)
        for name, cursor in engine._cursors.items():
            lane = schedule.lanes.get(name, Lane(name, (), ()))
            engine._cursors[name] = Cursor.recalled(memory.cursors[name], lane, cursor.allowance.max_rate)
        engine._transport = memory.transport
        engine._owed = list(memory.owed)
        engine._holds = list(memory.holds)
        engine._decided_at = memory.decided_at
        engine._reached = memory.reached
        engine._entered = memory.entered
        engine._pass = memory.pass_number
        return engine

    # Inputs

    def load(self, schedule: Schedule) -> None:
        """Take a new schedule. What has fallen due by time stays decided; looks that it does not know any more end."""
        now = self._decided_at
        for name, cursor in self._cursors.items():
            self._end(cursor.replace(schedule.lanes.get(name, Lane(name, (), ()))), now)
        self._entered = self._transport is None
        self._enter_all(now)

    def seek(self, transport: Transport, now: HostNs) -> None:
        """Playback jumped, started or stopped: from `now` on it follows `transport`."""
        before, self._transport = self._transport, transport
        self._decided_at = max(self._decided_at, now)
        here = transport.position_at(_landing(transport, now))
        passed: list[Cue] = []
        if before is None:
            passed = self._jump(here, now, forward=None)
        else:
            self._reach(before, now)
            if abs(here - self._reached) > HYSTERESIS:
                passed = self._jump(here, now, forward=here > self._reached)
        if before and before.moving and not transport.moving:
            self._pause(now)
        sent = self._send_passed(passed, now) if transport.moving else set()
        entered = self._enter_all(now, besides=sent)
        for cue in passed:
            if cue not in sent and cue not in entered:
                self._decide(cue, Verdict.SKIPPED, Cause.PLAYED, now, reason="a seek passed over it")

    def adjust(self, transport: Transport) -> None:
        """The same playback, better known. Where nothing plays there is nothing to know better."""
        before = self._transport
        if before is None:
            return
        now, self._transport = self._decided_at, transport
        self._reach(before, now)
        self._reached = TrackNs(self._reached + transport.position_at(now) - before.position_at(now))

    def set_lead(self, target: str, lead: DurationNs) -> None:
        """From now on `target` is told so much earlier; what that makes due at once is due now."""
        self._cursors[target].lead = lead

    def chase(self, target: str, now: HostNs) -> None:
        """The receiver may have forgotten everything (it was away): put it into the state of the present position.

        Where that is still to be entered, as while scrubbing in a pause, it is so for this receiver too.
        """
        cursor = self._cursors[target]
        cursor.forget()
        if self._transport is not None and self._entered:
            self._enter(cursor, self._transport, now)

    def renew(self, lost: Iterable[Cue], now: HostNs) -> None:
        """These did not reach their receivers, though they were decided: endings go again, and states that still stand.

        A pulse that was lost stays lost: nobody knows whether it left after all.
        """
        self._decided_at = max(self._decided_at, now)
        for cue in lost:
            cursor = self._cursors[cue.target]
            standing = cursor.standing.get(cue.look)
            if cue.phase is Phase.END:
                self._decide(cue, Verdict.SENT, Cause.ENDING, now)
                if standing is not None:
                    cursor.standing[cue.look] = standing
            elif standing is cue:
                cursor.renewed.add(cue)
        for cursor in self._cursors.values():
            for cue in cursor.renewed:
                cursor.standing.pop(cue.look, None)
                self._entered = False
        self._enter_all(now)

    def stop(self, now: HostNs) -> None:
        """Playback is over: every look ends, and nothing is due until the next seek."""
        self._decided_at = max(self._decided_at, now)
        for cursor in self._cursors.values():
            self._end(tuple(cursor.begun), now)
            cursor.stop()
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
        """Everything that has fallen due by `now`, decided, in the order in which it fell due, targets by turns."""
        played = self._played(now)
        late = overtaken(played, now, refused=lambda cue: bool(self._refusal(cue)))
        for due, cue in sorted([*self._released(now), *played], key=lambda item: item[0]):
            if _is_held(cue):
                self._decide(cue, by_lateness(due, now), Cause.ENDING, due)
                continue
            verdict, reason = self._judged(cue, due, now, is_overtaken=cue in late)
            self._decide(cue, verdict, Cause.PLAYED, due, reason=reason)
            self._hold(cue, verdict, now)
        self._decided_at = max(self._decided_at, now)
        outcomes, self._owed = self._owed, []
        return by_turns(outcomes)

    def _released(self, now: HostNs) -> list[Due]:
        """The holds that are over."""
        count = bisect_right(self._holds, now, key=lambda hold: hold[0])
        released = self._holds[:count]
        del self._holds[:count]
        return released

    def _played(self, now: HostNs) -> list[Due]:
        """What the cursors pass, in order, each with when it fell due: its deadline, or the input that has only just
        made it due, such as an adjustment or a longer lead, if that was later.
        """
        transport = self._transport
        if transport is None or not transport.moving:
            return []
        deadlines = [
            (transport.host_at(cue.position) - cursor.lead, cue)
            for cursor in self._cursors.values()
            for cue in cursor.pass_to(transport.position_at(HostNs(now + cursor.lead)))
        ]
        deadlines.sort(key=lambda item: (item[0], item[1].rank))
        return [(HostNs(max(deadline, self._decided_at)), cue) for deadline, cue in deadlines]

    def _judged(self, cue: Cue, due: HostNs, now: HostNs, *, is_overtaken: bool) -> tuple[Verdict, str]:
        allowance = self._cursors[cue.target].allowance
        if refusal := self._refusal(cue):
            return Verdict.SUPPRESSED, refusal
        if is_overtaken or is_too_late(cue, due, now):
            by = ", and overtaken by a later cue" if is_overtaken else ""
            return Verdict.DROPPED, f"{(now - due) // NS_PER_MS} ms late{by}"
        if cue.kind is Kind.PULSE and cue.phase is Phase.START and not allowance.spend(now):
            return Verdict.SUPPRESSED, f"more than {allowance.max_rate} pulses in a second"
        return by_lateness(due, now), ""

    def _refusal(self, cue: Cue) -> str:
        """Why a cue is not sent, whenever it comes; empty if it may be."""
        cursor = self._cursors[cue.target]
        if cue.phase is Phase.END:
            return "" if cue in cursor.begun else "its look is not standing"
        return "already fired, and the rule says once" if cue in cursor.fired else ""

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
        if cue.kind is Kind.STATE and not _is_held(cue):
            cursor.standing[cue.look] = cue
        if cue.phase is Phase.START:
            if not cue.policy.gone_back:
                cursor.fired.add(cue)
            if cue.ending is not None and cue.hold is None:
                cursor.begun[cue.ending] = cue

    def _owe(self, cue: Cue, cause: Cause, now: HostNs, *, refusal: str = "") -> None:
        """A cue that falls due out of turn, because of an input."""
        verdict = Verdict.SUPPRESSED if refusal else Verdict.SENT
        self._decide(cue, verdict, cause, now, reason=refusal)
        self._hold(cue, verdict, now)

    def _hold(self, cue: Cue, verdict: Verdict, now: HostNs) -> None:
        """Arrange for the end of a cue that holds for a time of its own."""
        if cue.ending is not None and cue.hold is not None and verdict in {Verdict.SENT, Verdict.LATE}:
            insort(self._holds, (HostNs(now + cue.hold), cue.ending), key=lambda hold: hold[0])

    def _end(self, ends: Iterable[Cue], now: HostNs) -> None:
        for end in ends:
            self._decide(end, Verdict.SENT, Cause.ENDING, now)

    # Jumps and pauses

    def _reach(self, transport: Transport, now: HostNs) -> None:
        """Note how far playback has come. It is what a seek is measured by: small steps that add up are a jump."""
        if transport.moving:
            self._reached = max(self._reached, transport.position_at(now))

    def _jump(self, here: TrackNs, now: HostNs, *, forward: bool | None) -> list[Cue]:
        """Move every cursor, end the looks whose span was left; returns what was passed over.

        `forward` is None where playback comes from nowhere: then nothing was passed over.
        """
        self._entered = False
        self._reached = here
        self._pass += forward is False
        passed: list[Cue] = []
        for cursor in self._cursors.values():
            over = cursor.jump(here, forward=forward is True)
            place = max(here, cursor.decided or here)
            left = tuple(end for end, start in cursor.begun.items() if not start.spans(place))
            self._end(left, now)
            passed += [cue for cue in over if cue not in left]
        return [] if forward is None else passed

    def _send_passed(self, passed: Iterable[Cue], now: HostNs) -> set[Cue]:
        """Of what was passed over, send what its rule wants sent all the same; returns that."""
        wanted = [cue for cue in passed if cue.policy.skipped_over]
        for cue in wanted:
            self._owe(cue, Cause.PLAYED, now, refusal=self._refusal(cue))
        return set(wanted)

    def _pause(self, now: HostNs) -> None:
        for cursor in self._cursors.values():
            paused = {end: start for end, start in cursor.begun.items() if start.policy.ends_on_pause}
            self._end(paused, now)
            cursor.renewed.update(paused.values())
            self._entered = self._entered and not paused

    # Entering a position

    def _enter_all(self, now: HostNs, *, besides: Collection[Cue] = ()) -> set[Cue]:
        """Enter the position, once, as soon as playback moves; returns what that decided.

        `besides`: cues that have been decided already.
        """
        if self._entered or self._transport is None or not self._transport.moving:
            return set()
        self._entered = True
        decided = len(self._owed)
        for cursor in self._cursors.values():
            self._enter(cursor, self._transport, now, besides=besides)
            for cue in cursor.enter_pulses(self._transport.position_at(now)):
                if cue not in besides:
                    self._owe(cue, Cause.CHASE, now, refusal=self._refusal(cue))
        return {outcome.cue for outcome in self._owed[decided:]}

    def _enter(self, cursor: Cursor, transport: Transport, now: HostNs, *, besides: Collection[Cue] = ()) -> None:
        """Send what playing up to here would have left standing."""
        reach = transport.position_at(HostNs(now + max(cursor.lead, 0)))
        for cue in [cue for cue in cursor.wanted(reach) if cue not in besides]:
            refusal = ""
            if cue.phase is Phase.START and cue not in cursor.renewed:
                ignored = "" if cue.policy.jumped_into else "jumped into, and the rule says to ignore that"
                refusal = self._refusal(cue) or ignored
            self._owe(cue, Cause.CHASE, now, refusal=refusal)
        cursor.renewed.clear()


def _is_held(cue: Cue) -> bool:
    """Whether the cue is an ending that falls due in real time, so long after the cue that it ends."""
    return cue.phase is Phase.END and cue.hold is not None


def _landing(transport: Transport, now: HostNs) -> HostNs:
    """When playback landed where the transport says: at its anchor, if word of that has only just come, else now.

    A cue right at the place landed on is due, though playback is past it by the time that word took.
    """
    return transport.host if 0 <= now - transport.host <= HYSTERESIS else now
