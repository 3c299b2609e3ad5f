"""One lane's place in time: how much of it is decided."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from beatsync.core.leads import Lead
from beatsync.core.memory import CursorMemory
from beatsync.core.rules import Kind
from beatsync.core.schedule import Cue, Lane, Look
from beatsync.core.transport import Transport
from beatsync.core.units import DurationNs, HostNs, TrackNs, ms

HYSTERESIS: Final = ms(30)
"""Jumps up to this are taken for a wobble of the feed (faults.md, section 6)."""

_BEFORE_EVERYTHING: Final = TrackNs(-(1 << 62))


@dataclass(slots=True)
class Cursor:
    """Everything before `index` in the lane is decided; `decided` is the track position up to which that is so.

    `lead` is that of rule, target and track together; `ahead`: how much earlier still what is due is handed out, tagged
    with its instant. `settled`: cues ahead of the cursor that are decided all the same: an earlier schedule had them at
    another time. `landed`: while a jump is still to be entered, the position from which on nothing was decided before.
    """

    lane: Lane
    lead: Lead
    ahead: DurationNs
    index: int = 0
    decided: TrackNs | None = None
    settled: set[Cue] = field(default_factory=set)
    landed: TrackNs | None = None

    def memory(self) -> CursorMemory:
        """All that it knows but its lane and its lead."""
        return CursorMemory(
            index=self.index,
            decided=self.decided,
            landed=self.landed,
            settled=tuple(self.settled),
        )

    def recall(self, memory: CursorMemory) -> None:
        """Go on from `memory`, whose cues are those of the lane."""
        self.index = memory.index
        self.decided = memory.decided
        self.landed = memory.landed
        self.settled = set(memory.settled)

    # In host time

    def next_deadline(self, transport: Transport) -> HostNs | None:
        """When the next cue is to be handed out. Only for a transport that moves."""
        if self.index >= len(self.lane.positions):
            return None
        return HostNs(self.lead.deadline(transport, self.lane.positions[self.index]) - self.ahead)

    def count_due(self, transport: Transport, now: HostNs) -> int:
        """How many cues are to be handed out by `now`."""
        position = self.lead.reach(transport, HostNs(now + self.ahead))
        return max(0, bisect_right(self.lane.positions, position, lo=self.index) - self.index)

    def pass_by(self, transport: Transport, now: HostNs) -> Sequence[Cue]:
        """Move over everything that is to be handed out by `now`; never backwards."""
        position = self.lead.reach(transport, HostNs(now + self.ahead))
        self.decided = position if self.decided is None else max(self.decided, position)
        if self.index >= len(self.lane.positions) or self.lane.positions[self.index] > position:
            return ()
        return self._move_to(bisect_right(self.lane.positions, position, lo=self.index))

    def entering_reach(self, transport: Transport, now: HostNs) -> TrackNs:
        """Where what is entered at `now` ends: up to there looks change by themselves."""
        early = Lead(DurationNs(max(self.lead.real, 0)), DurationNs(max(self.lead.track, 0)))
        return early.reach(transport, HostNs(now + self.ahead))

    # Along the lane

    def jump(self, here: TrackNs, *, forward: bool) -> Sequence[Cue]:
        """Move to `here`: what lies before it is decided, what lies at it or after it is not.

        Returns what was passed over. Forward, what a lead has already sent stays decided.
        """
        index = bisect_left(self.lane.positions, here)
        if forward and self.decided is not None:
            if self.landed is None:
                self.landed = TrackNs(self.decided + 1)
            self.decided = max(self.decided, TrackNs(here - 1))
            return self._move_to(max(index, self.index))
        self.landed = _BEFORE_EVERYTHING
        self.decided = TrackNs(here - 1)
        passed = self._move_to(index) if index >= self.index else ()
        self.index = index
        self.settled.clear()
        return passed

    def join(self, transport: Transport, since: HostNs, until: HostNs) -> tuple[list[Cue], list[Cue]]:
        """Another cursor, which is gone, has passed what was to be handed out by `since`, and maybe more `until` then.

        Only for a transport that moves. Returns what may have been begun and not ended, and the ends of holds that may
        not have been over by then.
        """
        self.decided = self.lead.reach(transport, HostNs(since + self.ahead))
        self.index = bisect_right(self.lane.positions, self.decided)
        furthest = self.lead.reach(transport, HostNs(until + self.ahead))
        starts = [cue for cue in self.lane.cues_within(_BEFORE_EVERYTHING, furthest) if cue.ending is not None]
        begun = [cue for cue in starts if cue.hold is None and self.will_end(cue)]
        pressed = {
            (cue.order, cue.address): cue.ending
            for cue in starts
            if cue.hold is not None and self.lead.deadline(transport, cue.position) + cue.hold > since
        }
        return begun, [end for end in pressed.values() if end is not None]

    def begun_at(self, here: TrackNs) -> list[Cue]:
        """What has begun before `here`, and ends after it."""
        before = self.lane.cues[: bisect_left(self.lane.positions, here)]
        return [cue for cue in before if cue.ending is not None and cue.hold is None and cue.spans(here)]

    def _move_to(self, index: int) -> Sequence[Cue]:
        cues = self.lane.cues[self.index : index]
        self.index = index
        if not self.settled:
            return cues
        return tuple(cue for cue in cues if cue not in self.settled)

    def stop(self) -> None:
        """Nothing is decided any more."""
        self.settled.clear()
        self.decided = self.landed = None

    # What is decided

    def frontier(self, look: Look) -> TrackNs:
        """The first position at which a cue of `look` may still be undecided. Only where something is decided."""
        assert self.decided is not None
        if not self.settled:
            return TrackNs(self.decided + 1)
        settled = (cue.position for cue in self.settled if cue.look == look.name and cue.kind is Kind.STATE)
        return TrackNs(max([self.decided, *settled]) + 1)

    def instant(self, cue: Cue) -> int:
        """What orders the cues of several lanes: when each is due at the recorded rate."""
        return cue.position - self.lead.track - self.lead.real

    def enter_pulses(self, here: TrackNs) -> tuple[Cue, ...]:
        """The pulses that the last jump has brought playback into, and which are to be sent then.

        One that is still undecided, right where playback landed, is not among them: playback comes to it.
        """
        landed, self.landed = self.landed, None
        if landed is None or self.decided is None:
            return ()
        last = self.decided
        return tuple(
            cue for cue in self.lane.entered if landed <= cue.position <= last and cue.position < here < cue.until
        )

    def will_end(self, start: Cue) -> bool:
        """Whether the end of what `start` began is still to come. Only where something is decided."""
        assert self.decided is not None
        return start.is_endless or (start.until > self.decided and start.ending not in self.settled)

    def decided_within(self, first: TrackNs, last: TrackNs) -> set[Cue]:
        """The cues in [first, last] that are decided."""
        near = self.lane.cues_within(first, last)
        start = bisect_left(self.lane.positions, first)
        return {cue for index, cue in enumerate(near, start=start) if index < self.index or cue in self.settled}

    def settle(self, partners: Mapping[Cue, Cue | None], known: AbstractSet[Cue]) -> None:
        """A cue whose time moved across the cursor is neither sent twice nor lost: it is decided if its old self was.

        `partners`: this lane's cues near the cursor, each with its old self; `known`: the old ones that are decided.
        """
        assert self.decided is not None
        now = self.decided
        open_again = {cue for cue, old in partners.items() if cue.position <= now and old and old not in known}
        if open_again:
            self.decided = TrackNs(min(cue.position for cue in open_again) - 1)
        self.index = bisect_right(self.lane.positions, self.decided)
        self.settled = {
            cue
            for cue, old in partners.items()
            if cue.position > self.decided and cue not in open_again and (cue.position <= now or old in known)
        }
