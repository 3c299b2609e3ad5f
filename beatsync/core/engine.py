"""The engine: cursors over one deck's schedule. It is handed `now` and returns what is due; it sends nothing.

Rules
  1. A cue falls due when the transport reaches its position, less its leads. Deadlines are computed from the
     transport when asked, never stored: a seek or a better estimate replaces the line, nothing is rescheduled.
  2. `seek` is a fact about playback: it jumped, started or stopped. What lies behind the new position is not owed;
     what lies ahead is, again if playback went back. What it passed over going forward is skipped.
  3. `adjust` is a fact about our knowledge: the cursors stay where they are, nothing is dropped and nothing repeated.
  4. Jumps no longer than HYSTERESIS are the same place: a wobble of the feed never fires a cue twice.
  5. A look that was begun is ended: where its span ends, and on every other way out of it.
  6. The position landed in is entered once: of each look the cue that playing up to there would have left standing.
  7. Nothing falls due while playback does not move, except the endings of looks.
  8. A pulse later than its limit is dropped. Of several late cues of one look or address only the last is sent.
  9. A target that is silenced gets the ends of its looks, then nothing; when it is heard again, its present state.

Every due cue becomes exactly one Outcome. Targets are independent: each has its own cursors and lead.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from beatsync.core.cursor import HYSTERESIS, Cursor
from beatsync.core.decisions import Decisions, is_held
from beatsync.core.fairness import by_turns
from beatsync.core.lateness import Due, by_lateness, overtaken
from beatsync.core.leads import NO_LEAD, Lead
from beatsync.core.memory import EngineMemory
from beatsync.core.schedule import NO_LANES, Cue, Phase, Schedule
from beatsync.core.target_state import TargetState
from beatsync.core.targets import Target
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs, TrackNs
from beatsync.core.verdicts import Cause, Outcome, Verdict

MAIN_DECK: Final = "main"
"""The deck of a show that has only one."""

MISSED: Final = "missed: nobody was there to send it, or to note that it was sent"


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody has looked after a playback that went on.

    `since`: up to when it is known that somebody did; `until`: up to when somebody may have, without leaving word.
    `pass_number`: the pass that it was in; None for the engine's own.
    """

    since: HostNs
    until: HostNs
    pass_number: int | None = None


class Engine:
    """Decides which cue is due when. Not a task, not a thread: whoever owns it calls it."""

    def __init__(self, targets: Iterable[Target], *, deck: str = MAIN_DECK) -> None:
        """`targets`: their names, leads and rate caps."""
        self._states = {target.name: TargetState.of(target) for target in targets}
        self._decisions = Decisions(deck, self._states)
        self._leads = {name: state.lead for name, state in self._states.items()}
        self._track_lead = NO_LEAD
        self._transport: Transport | None = None
        self._decided_at = HostNs(0)
        self._reached = TrackNs(0)
        self._entered = True

    @property
    def transport(self) -> Transport | None:
        """The line that is followed; None before the first seek and after a stop."""
        return self._transport

    @property
    def leads(self) -> Mapping[str, Lead]:
        """The lead of each target at present, without the track's."""
        return MappingProxyType(self._leads)

    @property
    def track_lead(self) -> Lead:
        """The lead of everything at present."""
        return self._track_lead

    # Memory

    def memory(self) -> EngineMemory:
        """All that it knows but its schedule, as a value."""
        return EngineMemory(
            transport=self._transport,
            leads=dict(self._leads),
            track_lead=self._track_lead,
            targets={name: state.memory() for name, state in self._states.items()},
            owed=tuple(self._decisions.owed),
            holds=tuple(self._decisions.holds),
            decided_at=self._decided_at,
            reached=self._reached,
            entered=self._entered,
            pass_number=self._decisions.pass_number,
        )

    @classmethod
    def recalled(
        cls, memory: EngineMemory, schedule: Schedule, targets: Iterable[Target], *, deck: str = MAIN_DECK
    ) -> Engine:
        """An engine that goes on from `memory`, which was of this schedule and these targets. Raises LookupError."""
        engine = cls((), deck=deck)
        for target in targets:
            lanes = schedule.targets.get(target.name, NO_LANES)
            engine._states[target.name] = TargetState.recalled(memory.targets[target.name], target, lanes)
        engine._leads = dict(memory.leads)
        engine.set_track_lead(memory.track_lead)
        engine._decisions.owed = list(memory.owed)
        engine._decisions.holds = list(memory.holds)
        engine._decisions.pass_number = memory.pass_number
        engine._transport = memory.transport
        engine._decided_at = memory.decided_at
        engine._reached = memory.reached
        engine._entered = memory.entered
        return engine

    # Inputs

    def load(self, schedule: Schedule) -> None:
        """Take a new schedule. What has fallen due by time stays decided; looks that it does not know any more end."""
        now = self._decided_at
        for name, state in self._states.items():
            self._decisions.end(state.replace(schedule.targets.get(name, NO_LANES), self._due_by_time), now)
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
        self._land(passed, now, reason="a seek passed over it")

    def rejoin(self, transport: Transport, gap: Gap, now: HostNs) -> None:
        """Playback is found going on along `transport`, which another engine of this schedule followed until it died.

        What fell due before the gap stays decided, though nobody knows how. What fell due since is skipped, as by a
        seek. Where playback does not move nothing can have been missed: that is a seek, into looks that may stand.
        """
        if gap.pass_number is not None:
            self._decisions.pass_number = gap.pass_number
        if not transport.moving:
            self.seek(transport, now)
            for state in self._states.values():
                state.join_at(transport.position_at(now))
            return
        self._transport = transport
        self._decided_at = max(self._decided_at, now)
        since, until = min(gap.since, now), min(gap.until, now)
        self._reached = transport.position_at(since)
        for state in self._states.values():
            self._decisions.end(state.join(transport, since, until), now)
        passed = self._jump(transport.position_at(now), now, forward=True)
        passed += [cue for state in self._states.values() for cue in state.pass_by(transport, until)]
        self._land(passed, now, reason=MISSED)

    def _land(self, passed: Collection[Cue], now: HostNs, *, reason: str) -> None:
        """Enter the position that a jump has led to, and account for what it passed over."""
        sent = self._send_passed(passed, now) if self._transport and self._transport.moving else set()
        entered = self._enter_all(now, besides=sent)
        for cue in passed:
            if cue not in sent and cue not in entered:
                self._decisions.decide(cue, Verdict.SKIPPED, Cause.PLAYED, now, reason=reason)

    def adjust(self, transport: Transport) -> None:
        """The same playback, better known. Where nothing plays there is nothing to know better."""
        before = self._transport
        if before is None:
            return
        now, self._transport = self._decided_at, transport
        self._reach(before, now)
        self._reached = TrackNs(self._reached + transport.position_at(now) - before.position_at(now))

    def retarget(self, targets: Iterable[Target], now: HostNs) -> None:
        """Other targets from now on, or the same ones with other leads and caps. Looks on those that go are ended.

        A schedule that knows the new ones comes next.
        """
        self._decided_at = max(self._decided_at, now)
        wanted = {target.name: target for target in targets}
        for name in [name for name in self._states if name not in wanted]:
            self._decisions.end(tuple(self._states[name].begun), now)
            self._decisions.release(now, targets=[name])
            del self._states[name], self._leads[name]
        for name, target in wanted.items():
            self._leads[name] = target.lead
            if name not in self._states:
                self._states[name] = TargetState.of(target)
                if self._transport is not None:
                    self._states[name].jump(self._transport.position_at(now), forward=False)
            self._states[name].retune(replace(target, lead=target.lead + self._track_lead))

    def set_lead(self, target: str, lead: Lead) -> None:
        """From now on `target` is told so much earlier; what that makes due at once is due now."""
        self._leads[target] = lead
        self._states[target].set_lead(lead + self._track_lead)

    def set_track_lead(self, lead: Lead) -> None:
        """From now on every target is told so much earlier, beside its own lead."""
        self._track_lead = lead
        for name, state in self._states.items():
            state.set_lead(self._leads[name] + lead)

    def chase(self, target: str, now: HostNs) -> None:
        """The receiver may have forgotten everything (it was away): put it into the state of the present position.

        Where that is still to be entered, as while scrubbing in a pause, it is so for this receiver too.
        """
        state = self._states[target]
        state.forget()
        if self._transport is not None and self._entered:
            self._enter(state, self._transport, now)

    def silence(self, reason: str, targets: Iterable[str], now: HostNs) -> None:
        """For this reason these targets get the ends of their looks, and then nothing until they are released."""
        self._decided_at = max(self._decided_at, now)
        for name in targets:
            state = self._states[name]
            if not state.silences:
                state.renewed.update(state.standing.values())
                self._decisions.end(tuple(state.begun), now)
                self._decisions.release(now, targets=[name])
                state.standing.clear()
            state.silences[reason] = None

    def release(self, reason: str, targets: Iterable[str], now: HostNs) -> None:
        """The reason is gone. Where it was the only one, the target is put into the state of the present position."""
        self._decided_at = max(self._decided_at, now)
        for name in targets:
            state = self._states[name]
            if reason in state.silences:
                del state.silences[reason]
                self._hear_again(state, now)

    def _hear_again(self, state: TargetState, now: HostNs) -> None:
        if state.silences or self._transport is None or not self._entered:
            return
        if self._transport.moving:
            self._enter(state, self._transport, now)
        else:
            self._entered = False

    def fire(self, cues: Iterable[Cue], now: HostNs) -> None:
        """Somebody wants these sent now, whatever plays and whoever is silenced."""
        self._decided_at = max(self._decided_at, now)
        for cue in cues:
            self._decisions.owe(cue, Cause.COMMAND, now)

    def renew(self, lost: Iterable[Cue], now: HostNs) -> None:
        """These did not reach their receivers, though they were decided: endings go again, and states that still stand.

        What has fallen due since comes in between: it is as late as it is, and may have replaced what was lost. A pulse
        that was lost stays lost: nobody knows whether it left after all.
        """
        cues = tuple(cue for cue in lost if cue.target in self._states)  # a target may have gone since
        for cue in cues:
            if cue.phase is Phase.END:
                self._end_again(cue, now)
        self._fall_due(now)
        for cue in cues:
            state = self._states[cue.target]
            if state.standing.get(cue.look) is cue and cue.phase is not Phase.END:
                state.renewed.add(cue)
        for state in self._states.values():
            for cue in state.renewed:
                state.standing.pop(cue.look, None)
                self._entered = False
        self._enter_all(now)

    def _end_again(self, end: Cue, now: HostNs) -> None:
        state = self._states[end.target]
        standing = state.standing.get(end.look)
        self._decisions.decide(end, Verdict.SENT, Cause.ENDING, now)
        if standing is not None:
            state.standing[end.look] = standing

    def stop(self, now: HostNs) -> None:
        """Playback is over: every look ends, and nothing is due until the next seek."""
        self._decided_at = max(self._decided_at, now)
        for state in self._states.values():
            self._decisions.end(tuple(state.begun), now)
            state.stop()
        self._decisions.release(now, targets=self._states)
        self._transport = None
        self._decisions.pass_number += 1

    # Queries

    def next_deadline(self) -> HostNs | None:
        """When to call `advance` next; None when nothing will fall due by itself."""
        if self._decisions.owed:
            return min(self._decisions.owed[0].due, self._decided_at)
        deadlines = [held.out for held in self._decisions.holds[:1]]
        if self._transport is not None and self._transport.moving:
            deadlines += [
                deadline
                for state in self._states.values()
                for cursor in state.cursors.values()
                if (deadline := cursor.next_deadline(self._transport)) is not None
            ]
        return min(deadlines, default=None)

    def count_due(self, now: HostNs) -> int:
        """How many cues would be handed out at `now`, holds aside; a query too."""
        transport = self._transport
        if transport is None or not transport.moving:
            return 0
        cursors = (cursor for state in self._states.values() for cursor in state.cursors.values())
        return sum(cursor.count_due(transport, now) for cursor in cursors)

    # The step

    def advance(self, now: HostNs) -> list[Outcome]:
        """Everything that has fallen due by `now`, decided, in the order in which it fell due, targets by turns."""
        self._fall_due(now)
        return by_turns(self._decisions.take())

    def _fall_due(self, now: HostNs) -> None:
        """Decide everything that has fallen due by `now`."""
        decisions = self._decisions
        played = self._played(now)
        late = overtaken(played, now, refused=lambda cue: bool(decisions.refusal(cue)))
        released = [(held.due, held.cue) for held in decisions.released(now)]
        for due, cue in sorted([*released, *played], key=lambda item: item[0]) if released else played:
            if is_held(cue):
                decisions.decide(cue, by_lateness(due, now), Cause.ENDING, due)
            else:
                decisions.judge(cue, due, now, overtaken=cue in late)
        self._decided_at = max(self._decided_at, now)

    def _played(self, now: HostNs) -> list[Due]:
        """What the cursors pass, in order, each with when it fell due: its deadline, or the input that has only just
        made it due, such as an adjustment or a longer lead, if that was later.
        """
        transport = self._transport
        if transport is None or not transport.moving:
            return []
        deadlines = [
            (max(cursor.lead.deadline(transport, cue.position), self._decided_at), cue)
            for state in self._states.values()
            for cursor in state.cursors.values()
            for cue in cursor.pass_by(transport, now)
        ]
        if len(deadlines) > 1:
            deadlines.sort(key=lambda item: (item[0], item[1].rank))
        return deadlines

    def _due_by_time(self, cursor: Cursor) -> TrackNs | None:
        """Up to where everything has fallen due for a cursor; None while playback does not move."""
        transport = self._transport
        if transport is None or not transport.moving:
            return None
        return cursor.lead.reach(transport, HostNs(self._decided_at + cursor.ahead))

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
        self._decisions.pass_number += forward is False
        passed: list[Cue] = []
        for state in self._states.values():
            over, left = state.jump(here, forward=forward is True)
            self._decisions.end(left, now)
            passed += over
        return [] if forward is None else passed

    def _send_passed(self, passed: Iterable[Cue], now: HostNs) -> set[Cue]:
        """Of what was passed over, send what its rule wants sent all the same; returns that."""
        wanted = [cue for cue in passed if cue.policy.skipped_over]
        for cue in wanted:
            self._decisions.owe(cue, Cause.PLAYED, now, refusal=self._decisions.refusal(cue))
        return set(wanted)

    def _pause(self, now: HostNs) -> None:
        for state in self._states.values():
            paused = {end: start for end, start in state.begun.items() if start.policy.ends_on_pause}
            self._decisions.end(paused, now)
            state.renewed.update(paused.values())
            self._entered = self._entered and not paused

    # Entering a position

    def _enter_all(self, now: HostNs, *, besides: Collection[Cue] = ()) -> set[Cue]:
        """Enter the position, once, as soon as playback moves; returns what that decided.

        `besides`: cues that have been decided already.
        """
        if self._entered or self._transport is None or not self._transport.moving:
            return set()
        self._entered = True
        decided = len(self._decisions.owed)
        here = self._transport.position_at(now)
        for state in self._states.values():
            self._enter(state, self._transport, now, besides=besides)
            for cue in [cue for cursor in state.cursors.values() for cue in cursor.enter_pulses(here)]:
                if cue not in besides:
                    self._decisions.owe(cue, Cause.CHASE, now, refusal=self._decisions.refusal(cue))
        return {outcome.cue for outcome in self._decisions.owed[decided:]}

    def _enter(self, state: TargetState, transport: Transport, now: HostNs, *, besides: Collection[Cue] = ()) -> None:
        """Send what playing up to here would have left standing; to one that is silenced nothing is owed."""
        if state.silences:
            return
        for cue in [cue for cue in state.wanted(transport, now) if cue not in besides]:
            refusal = ""
            if cue.phase is Phase.START and cue not in state.renewed:
                ignored = "" if cue.policy.jumped_into else "jumped into, and the rule says to ignore that"
                refusal = self._decisions.refusal(cue) or ignored
            self._decisions.owe(cue, Cause.CHASE, now, refusal=refusal)
        state.renewed.clear()


def _landing(transport: Transport, now: HostNs) -> HostNs:
    """When playback landed where the transport says: at its anchor, if word of that has only just come, else now.

    A cue right at the place landed on is due, though playback is past it by the time that word took.
    """
    return transport.host if 0 <= now - transport.host <= HYSTERESIS else now
