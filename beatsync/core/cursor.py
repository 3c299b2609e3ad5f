"""One target's place in its lane: what is decided, which looks stand, which of them still have to end."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from beatsync.core.schedule import Cue, Lane, Phase
from beatsync.core.units import NS_PER_SECOND, DurationNs, HostNs, TrackNs, ms

HYSTERESIS: Final = ms(30)
"""Jumps up to this are taken for a wobble of the feed (faults.md, section 6)."""


_NEVER: Final = HostNs(0)


@dataclass(frozen=True, slots=True)
class Replacement:
    """What a new lane leaves to be done: looks to end, and cues that slipped behind the cursor undecided."""

    ends: tuple[Cue, ...]
    overdue: tuple[Cue, ...]


@dataclass(slots=True)
class Allowance:
    """How many more pulses may go out: a second's worth saved up, spent one by one. All in nanoseconds of waiting."""

    max_rate: int
    saved: int = NS_PER_SECOND
    counted_at: HostNs = _NEVER

    def spend(self, now: HostNs) -> bool:
        """Whether one more may go now; if so it is counted."""
        self.saved = min(NS_PER_SECOND, self.saved + now - self.counted_at)
        self.counted_at = now
        price = NS_PER_SECOND // self.max_rate
        if self.saved < price:
            return False
        self.saved -= price
        return True


@dataclass(slots=True)
class Cursor:
    """Everything before `index` in the lane is decided; `decided` is the track position up to which that is so.

    `standing`: of each look the state sent last. `begun`: the endings still owed, each with the cue that it ends.
    `fired`: the cues that may fire only once and have. `settled`: cues ahead of the cursor that an earlier schedule
    already decided under another time.
    """

    lane: Lane
    lead: DurationNs
    allowance: Allowance
    index: int = 0
    decided: TrackNs | None = None
    standing: dict[str, Cue] = field(default_factory=dict)
    begun: dict[Cue, Cue] = field(default_factory=dict)
    fired: set[Cue] = field(default_factory=set)
    settled: set[Cue] = field(default_factory=set)

    @property
    def next_position(self) -> TrackNs | None:
        """Where the next cue lies."""
        return self.lane.positions[self.index] if self.index < len(self.lane.positions) else None

    def pass_to(self, position: TrackNs) -> tuple[Cue, ...]:
        """Move over everything up to and at `position`; never backwards."""
        self.decided = position if self.decided is None else max(self.decided, position)
        return self._move_to(bisect_right(self.lane.positions, position, lo=self.index))

    def jump(self, here: TrackNs, *, forward: bool) -> tuple[Cue, ...]:
        """Move to `here`: what lies before it is decided, what lies at it or after it is not.

        Returns what was passed over. Forward, what a lead has already sent stays decided.
        """
        index = bisect_left(self.lane.positions, here)
        if forward and self.decided is not None:
            self.decided = max(self.decided, TrackNs(here - 1))
            index = max(index, self.index)
        else:
            self.decided = TrackNs(here - 1)
        if index >= self.index:
            return self._move_to(index)
        self.index = index
        return ()

    def _move_to(self, index: int) -> tuple[Cue, ...]:
        cues = self.lane.cues[self.index : index]
        self.index = index
        if not self.settled:
            return cues
        return tuple(cue for cue in cues if cue not in self.settled)

    def wanted(self, reach: TrackNs) -> Iterator[Cue]:
        """The cues that put the target into the state of this position.

        Looks that have a cue from here up to `reach` change by themselves.
        """
        if self.decided is None:
            return
        frontier = TrackNs(self.decided + 1)
        latest: dict[str, Cue] = {}
        for look in self.lane.looks:
            cue = look.standing_at(frontier)
            if cue is not None and not look.has_cue_within(frontier, reach) and self._is_news(cue):
                rival = latest.get(cue.address)
                if rival is None or rival.position <= cue.position:
                    latest[cue.address] = cue
        yield from sorted(latest.values(), key=lambda cue: cue.rank)

    def _is_news(self, cue: Cue) -> bool:
        """Whether `cue` would change what stands; an ending changes nothing where the look has ended another way."""
        standing = self.standing.get(cue.look)
        if standing is None or cue.phase is Phase.START:
            return standing is not cue
        return standing.phase is Phase.START

    def entered(self, here: TrackNs) -> Iterator[Cue]:
        """The pulses whose span `here` lies in and which are to be sent then."""
        return (cue for cue in self.lane.entered if cue.position < here < cue.until)

    def replace(self, lane: Lane) -> Replacement:
        """Take a new lane. What fell due by time stays decided, and what stands and says the same goes on standing."""
        old, old_index, old_begun = self.lane, self.index, self.begun
        self.lane, self.begun, self.settled = lane, {}, set()
        self.fired = {twin for cue in self.fired if (twin := _twin(cue, lane))}
        if self.decided is None:
            self.index = 0
            return Replacement(tuple(old_begun), ())
        self.index = bisect_right(lane.positions, self.decided)
        self._adopt_standing()
        ends = tuple(end for end, start in old_begun.items() if not self._adopt_begun(start))
        return Replacement(ends, self._reconcile(old, old_index))

    def _adopt_standing(self) -> None:
        assert self.decided is not None
        for look in self.lane.looks:
            standing, now = self.standing.get(look.name), look.standing_at(TrackNs(self.decided + 1))
            if standing is not None and now is not None and now.says_the_same(standing):
                self.standing[look.name] = now

    def _adopt_begun(self, start: Cue) -> bool:
        """Whether the new lane knows the look that `start` began and will end it later."""
        twin = self.standing.get(start.look)
        if twin is None or not self.lane.has(twin) or not twin.says_the_same(start):
            twin = _twin(start, self.lane)
        if twin is None or twin.ending is None or self.decided is None or twin.until <= self.decided:
            return False
        self.begun[twin.ending] = twin
        return True

    def _reconcile(self, old: Lane, old_index: int) -> tuple[Cue, ...]:
        """A cue whose time moved across the cursor is neither sent twice nor lost: match it with its old self."""
        assert self.decided is not None
        just_decided = old.cues_within(TrackNs(self.decided - HYSTERESIS), TrackNs(self.decided + HYSTERESIS))
        before = [cue for cue in just_decided if cue in old.cues[:old_index]]
        after = [cue for cue in just_decided if cue not in before]
        ahead = self.lane.cues_within(TrackNs(self.decided + 1), TrackNs(self.decided + HYSTERESIS))
        behind = self.lane.cues_within(TrackNs(self.decided - HYSTERESIS), self.decided)
        self.settled = {cue for cue in ahead if any(_same_cue(cue, known) for known in before)}
        return tuple(
            cue
            for cue in behind
            if any(_same_cue(cue, known) for known in after) and not any(_same_cue(cue, known) for known in before)
        )


def _same_cue(one: Cue, other: Cue) -> bool:
    """Whether two cues are the same one at slightly different times."""
    return abs(one.position - other.position) <= HYSTERESIS and (one.look, one.address, one.phase, one.kind) == (
        other.look,
        other.address,
        other.phase,
        other.kind,
    )


def _twin(cue: Cue, lane: Lane) -> Cue | None:
    """The cue of another lane that is `cue`, give or take a wobble."""
    near = lane.cues_within(TrackNs(cue.position - HYSTERESIS), TrackNs(cue.position + HYSTERESIS))
    return next((twin for twin in near if _same_cue(twin, cue) and twin.says_the_same(cue)), None)
