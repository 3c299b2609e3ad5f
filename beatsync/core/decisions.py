"""What an engine has decided and not handed out yet, and what that leaves behind: looks that stand, ends owed."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping

from beatsync.core.lateness import by_lateness, is_too_late
from beatsync.core.memory import Held
from beatsync.core.rules import Kind
from beatsync.core.schedule import Cue, Phase
from beatsync.core.target_state import TargetState
from beatsync.core.units import NS_PER_MS, HostNs
from beatsync.core.verdicts import Cause, Outcome, Verdict


class Decisions:
    """Outcomes in the order in which they were decided, and the holds that are running."""

    def __init__(self, deck: str, states: Mapping[str, TargetState]) -> None:
        """`states`: of the targets that the cues go to; the engine's own mapping."""
        self._deck = deck
        self._states = states
        self.owed: list[Outcome] = []
        self.holds: list[Held] = []
        self.pass_number = 1

    def take(self) -> list[Outcome]:
        """Hand everything out."""
        outcomes, self.owed = self.owed, []
        return outcomes

    def decide(self, cue: Cue, verdict: Verdict, cause: Cause, due: HostNs, *, reason: str = "") -> None:
        """Note the outcome, and which looks stand after it."""
        outcome = Outcome(self._deck, cue, verdict, cause, due, self.pass_number, reason)
        self.owed.append(outcome)
        state = self._states[cue.target]
        if cue.phase is Phase.END:
            state.begun.pop(cue, None)
        if not outcome.to_send:
            return
        if cue.kind is Kind.STATE and not is_held(cue):
            state.standing[cue.look] = cue
        if cue.phase is Phase.START:
            if not cue.policy.gone_back:
                state.fired.add(cue)
            if cue.ending is not None and cue.hold is None:
                state.begun[cue.ending] = cue

    def owe(self, cue: Cue, cause: Cause, now: HostNs, *, refusal: str = "") -> None:
        """A cue that falls due out of turn, because of an input."""
        verdict = Verdict.SUPPRESSED if refusal else Verdict.SENT
        self.decide(cue, verdict, cause, now, reason=refusal)
        if not refusal:
            self.hold(cue, now)

    def end(self, ends: Iterable[Cue], now: HostNs) -> None:
        """These looks end out of turn."""
        for end in ends:
            self.decide(end, Verdict.SENT, Cause.ENDING, now)

    def judge(self, cue: Cue, due: HostNs, now: HostNs, *, overtaken: bool) -> None:
        """A cue that playback has reached."""
        verdict, reason = self._judged(cue, due, now, overtaken=overtaken)
        self.decide(cue, verdict, Cause.PLAYED, due, reason=reason)
        if verdict is Verdict.SENT or verdict is Verdict.LATE:
            self.hold(cue, max(due, now))

    def _judged(self, cue: Cue, due: HostNs, now: HostNs, *, overtaken: bool) -> tuple[Verdict, str]:
        if refusal := self.refusal(cue):
            return Verdict.SUPPRESSED, refusal
        if overtaken or is_too_late(cue, due, now):
            by = ", and overtaken by a later cue" if overtaken else ""
            return Verdict.DROPPED, f"{(now - due) // NS_PER_MS} ms late{by}"
        if cue.kind is Kind.PULSE and cue.phase is Phase.START:
            allowance = self._states[cue.target].allowance
            if not allowance.spend(now):
                return Verdict.SUPPRESSED, f"more than {allowance.max_rate} pulses in a second"
        return by_lateness(due, now), ""

    def refusal(self, cue: Cue) -> str:
        """Why a cue is not sent, whenever it comes; empty if it may be."""
        state = self._states[cue.target]
        if cue.phase is Phase.END:
            return "" if cue in state.begun else "its look is not standing"
        if state.silences:
            return next(iter(state.silences))
        return "already fired, and the rule says once" if cue in state.fired else ""

    # Holds

    def hold(self, cue: Cue, now: HostNs) -> None:
        """Arrange for the end of a cue that was sent, if it holds for a time of its own.

        A button that is pressed again before it was let go is let go once, after the second time.
        """
        if cue.ending is not None and cue.hold is not None:
            self.holds[:] = [held for held in self.holds if not _is_same_button(held.cue, cue.ending)]
            due = HostNs(now + cue.hold)
            out = HostNs(due - self._states[cue.target].ahead)
            insort(self.holds, Held(out, due, cue.ending), key=lambda held: held.out)

    def released(self, now: HostNs) -> list[Held]:
        """The holds that are over by `now`; they run no more."""
        count = bisect_right(self.holds, now, key=lambda held: held.out)
        released = self.holds[:count]
        del self.holds[:count]
        return released

    def release(self, now: HostNs, *, targets: Iterable[str]) -> None:
        """The holds of these targets are over, before their time."""
        names = set(targets)
        for held in [held for held in self.holds if held.cue.target in names]:
            self.holds.remove(held)
            self.decide(held.cue, Verdict.SENT, Cause.ENDING, min(held.due, now))


def is_held(cue: Cue) -> bool:
    """Whether the cue is an ending that falls due in real time, so long after the cue that it ends."""
    return cue.phase is Phase.END and cue.hold is not None


def _is_same_button(one: Cue, other: Cue) -> bool:
    return one.origin == other.origin and one.address == other.address
