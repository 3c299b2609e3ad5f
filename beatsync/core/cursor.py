"""One target's place in its lane: what is decided, which looks stand, which of them still have to end."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from beatsync.core.memory import CursorMemory
from beatsync.core.rules import Kind
from beatsync.core.schedule import Cue, Lane, Look, Phase
from beatsync.core.units import NS_PER_SECOND, DurationNs, HostNs, TrackNs, ms

HYSTERESIS: Final = ms(30)
"""Jumps up to this are taken for a wobble of the feed (faults.md, section 6)."""

_NEVER: Final = HostNs(0)
_BEFORE_EVERYTHING: Final = TrackNs(-(1 << 62))


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

    `settled`: cues ahead of the cursor that are decided all the same: an earlier schedule had them at another time.
    `standing`: of each look the state sent last. `begun`: the endings still owed, each with the cue that it ends.
    `fired`: the cues that may fire only once and have. `renewed`: looks to be sent again though nothing was jumped
    into: a pause ended them, their receiver was away, a new schedule changed them. `landed`: while a jump is still to
    be entered, the position from which on nothing was decided before it.
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
    renewed: set[Cue] = field(default_factory=set)
    landed: TrackNs | None = None

    def memory(self) -> CursorMemory:
        """All that it knows but its lane and its target's rate cap."""
        return CursorMemory(
            lead=self.lead,
            saved=self.allowance.saved,
            counted_at=self.allowance.counted_at,
            index=self.index,
            decided=self.decided,
            landed=self.landed,
            standing=tuple(self.standing.values()),
            begun=tuple(self.begun.items()),
            fired=tuple(self.fired),
            settled=tuple(self.settled),
            renewed=tuple(self.renewed),
        )

    @classmethod
    def recalled(cls, memory: CursorMemory, lane: Lane, max_rate: int) -> Cursor:
        """A cursor that goes on from `memory`, whose cues are those of `lane`."""
        return cls(
            lane,
            memory.lead,
            Allowance(max_rate, memory.saved, memory.counted_at),
            index=memory.index,
            decided=memory.decided,
            landed=memory.landed,
            standing={cue.look: cue for cue in memory.standing},
            begun=dict(memory.begun),
            fired=set(memory.fired),
            settled=set(memory.settled),
            renewed=set(memory.renewed),
        )

    @property
    def next_position(self) -> TrackNs | None:
        """Where the next cue lies."""
        return self.lane.positions[self.index] if self.index < len(self.lane.positions) else None

    # Along the lane

    def pass_to(self, position: TrackNs) -> tuple[Cue, ...]:
        """Move over everything up to and at `position`; never backwards."""
        self.decided = position if self.decided is None else max(self.decided, position)
        return self._move_to(bisect_right(self.lane.positions, position, lo=self.index))

    def jump(self, here: TrackNs, *, forward: bool) -> tuple[Cue, ...]:
        """Move to `here`: what lies before it is decided, what lies at it or after it is not.

        Returns what was passed over. Forward, what a lead has already sent stays decided.
        """
        self.renewed.clear()
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

    def _move_to(self, index: int) -> tuple[Cue, ...]:
        cues = self.lane.cues[self.index : index]
        self.index = index
        if not self.settled:
            return cues
        return tuple(cue for cue in cues if cue not in self.settled)

    def stop(self) -> None:
        """Nothing is decided any more and nothing stands."""
        self.standing.clear()
        self.renewed.clear()
        self.settled.clear()
        self.decided = self.landed = None

    # Entering a position

    def wanted(self, reach: TrackNs) -> Iterator[Cue]:
        """The cues that put the target into the state of this position.

        Looks that have a cue from here up to `reach` change by themselves.
        """
        if self.decided is None:
            return
        latest: dict[str, Cue] = {}
        for look in self.lane.looks:
            frontier = self._frontier(look)
            cue = look.standing_at(frontier)
            if cue is not None and not look.has_cue_within(frontier, reach) and self._is_news(cue):
                rival = latest.get(cue.address)
                if rival is None or rival.position <= cue.position:
                    latest[cue.address] = cue
        yield from sorted(latest.values(), key=lambda cue: cue.rank)

    def _frontier(self, look: Look) -> TrackNs:
        """The first position at which a cue of `look` may still be undecided."""
        assert self.decided is not None
        settled = (cue.position for cue in self.settled if cue.look == look.name and cue.kind is Kind.STATE)
        return TrackNs(max([self.decided, *settled]) + 1)

    def _is_news(self, cue: Cue) -> bool:
        """Whether `cue` would change what stands; an ending changes nothing where the look has ended another way."""
        standing = self.standing.get(cue.look)
        if standing is None or cue.phase is Phase.START:
            return standing is not cue
        return standing.phase is Phase.START

    def enter_pulses(self, here: TrackNs) -> tuple[Cue, ...]:
        """The pulses that the last jump has brought playback into, and which are to be sent then."""
        landed, self.landed = self.landed, None
        if landed is None:
            return ()
        return tuple(cue for cue in self.lane.entered if landed <= cue.position < here < cue.until)

    def forget(self) -> None:
        """The receiver may be in any state: what stands is to be sent again."""
        self.renewed.update(self.standing.values())
        self.standing.clear()

    # Another lane

    def replace(self, lane: Lane) -> tuple[Cue, ...]:
        """Take a new lane; returns the looks to end. What fell due by time stays decided, whatever time it has now.

        What stands and says the same goes on standing.
        """
        old, old_index, old_begun, old_settled = self.lane, self.index, self.begun, self.settled
        self.lane, self.index, self.begun, self.settled = lane, 0, {}, set()
        twins = (_twin(cue, lane) for cue in self.fired)
        self.fired = {twin for twin in twins if twin is not None and not twin.policy.gone_back}
        if self.decided is None:
            return tuple(old_begun)
        near = _around(old, self.decided)
        first = bisect_left(old.positions, near[0].position) if near else 0
        known = {cue for index, cue in enumerate(near, start=first) if index < old_index or cue in old_settled}
        self._settle(_partners(near, _around(lane, self.decided)), known)
        self._adopt_standing()
        return tuple(end for end, start in old_begun.items() if not self._adopt_begun(start))

    def _settle(self, partners: dict[Cue, Cue | None], known: set[Cue]) -> None:
        """A cue whose time moved across the cursor is neither sent twice nor lost: it is decided if its old self was.

        `partners`: the new lane's cues near the cursor, each with its old self.
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

    def _adopt_standing(self) -> None:
        renewed, self.renewed = {cue.look for cue in self.renewed}, set()
        for look in self.lane.looks:
            standing, now = self.standing.get(look.name), look.standing_at(self._frontier(look))
            if now is None:
                continue
            if standing is not None and now.says_the_same(standing):
                self.standing[look.name] = now
            elif look.name in renewed or (standing is not None and standing.phase is now.phase is Phase.START):
                self.renewed.add(now)

    def _adopt_begun(self, start: Cue) -> bool:
        """Whether the new lane knows the look that `start` began and will end it later."""
        standing = self.standing.get(start.look)
        if standing is not None and not (self.lane.has(standing) and standing.says_the_same(start)):
            standing = None
        for twin in (_twin(start, self.lane), standing):
            if twin is not None and twin.ending is not None and self._will_end(twin):
                self.begun[twin.ending] = twin
                return True
        return False

    def _will_end(self, start: Cue) -> bool:
        assert self.decided is not None
        return start.is_endless or (start.until > self.decided and start.ending not in self.settled)


def _around(lane: Lane, position: TrackNs) -> tuple[Cue, ...]:
    """The cues that a small shift may have brought, or may bring, across `position`."""
    return lane.cues_within(TrackNs(position - 2 * HYSTERESIS), TrackNs(position + 2 * HYSTERESIS))


def _partners(old: Iterable[Cue], new: Iterable[Cue]) -> dict[Cue, Cue | None]:
    """The old self of each new cue, the nearest pairs first; each old cue is the self of one new cue at most."""
    before = tuple(old)
    partners: dict[Cue, Cue | None] = dict.fromkeys(new)
    pairs = [(abs(cue.position - self.position), cue, self) for cue in partners for self in before if _same(cue, self)]
    taken: set[Cue] = set()
    for _, cue, self in sorted(pairs, key=lambda pair: pair[0]):
        if partners[cue] is None and self not in taken:
            partners[cue] = self
            taken.add(self)
    return partners


def _same(one: Cue, other: Cue) -> bool:
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
    twins = (twin for twin in near if _same(twin, cue) and twin.says_the_same(cue))
    return min(twins, key=lambda twin: abs(twin.position - cue.position), default=None)
