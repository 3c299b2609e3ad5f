"""One target of a deck: its cursors, which looks stand, which of them still have to end, and whether it is heard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from beatsync.core.cursor import HYSTERESIS, Cursor
from beatsync.core.leads import NO_LEAD, Lead
from beatsync.core.memory import TargetMemory
from beatsync.core.schedule import NO_LANES, Cue, Lanes, Look, Phase
from beatsync.core.targets import Target
from beatsync.core.transport import Transport
from beatsync.core.twins import partners_of, twin_of
from beatsync.core.units import NO_TIME, NS_PER_SECOND, DurationNs, HostNs, TrackNs

_NEVER: Final = HostNs(0)


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
class TargetState:
    """What an engine knows of one target.

    `lead` is the target's own and the track's together. `standing`: of each look the state sent last. `begun`: the
    endings still owed, each with the cue that it ends. `fired`: the cues that may fire only once and have. `renewed`:
    looks to be sent again though nothing was jumped into: a pause ended them, their receiver was away, a new schedule
    changed them. `silences`: why nothing is sent at present.
    """

    allowance: Allowance
    lead: Lead = NO_LEAD
    ahead: DurationNs = NO_TIME
    cursors: dict[Lead, Cursor] = field(default_factory=dict)
    standing: dict[str, Cue] = field(default_factory=dict)
    begun: dict[Cue, Cue] = field(default_factory=dict)
    fired: set[Cue] = field(default_factory=set)
    renewed: set[Cue] = field(default_factory=set)
    silences: dict[str, None] = field(default_factory=dict)
    _looks: dict[str, list[tuple[Cursor, Look]]] = field(default_factory=dict)

    @classmethod
    def of(cls, target: Target) -> TargetState:
        """A target of which nothing is known yet."""
        state = cls(Allowance(target.max_rate), target.lead, target.ahead)
        state.take(NO_LANES)
        return state

    def memory(self) -> TargetMemory:
        """All that it knows but its lanes and its target's rate cap."""
        return TargetMemory(
            saved=self.allowance.saved,
            counted_at=self.allowance.counted_at,
            cursors=tuple((lead, cursor.memory()) for lead, cursor in self.cursors.items()),
            standing=tuple(self.standing.values()),
            begun=tuple(self.begun.items()),
            fired=tuple(self.fired),
            renewed=tuple(self.renewed),
            silences=tuple(self.silences),
        )

    @classmethod
    def recalled(cls, memory: TargetMemory, target: Target, lanes: Lanes) -> TargetState:
        """A target's state that goes on from `memory`, whose cues are those of `lanes`. Raises LookupError."""
        state = cls.of(target)
        state.take(lanes)
        for lead, of_cursor in memory.cursors:
            state.cursors[lead].recall(of_cursor)
        state.allowance.saved, state.allowance.counted_at = memory.saved, memory.counted_at
        state.standing = {cue.look: cue for cue in memory.standing}
        state.begun = dict(memory.begun)
        state.fired = set(memory.fired)
        state.renewed = set(memory.renewed)
        state.silences = dict.fromkeys(memory.silences)
        return state

    def take(self, lanes: Lanes) -> None:
        """Begin with these lanes: nothing of them is decided."""
        self.cursors = {lead: Cursor(lane, lead + self.lead, self.ahead) for lead, lane in lanes.items()}
        self._looks = {}
        for cursor in self.cursors.values():
            for look in cursor.lane.looks:
                self._looks.setdefault(look.name, []).append((cursor, look))

    def set_lead(self, lead: Lead) -> None:
        """Be told so much earlier from now on."""
        self.lead = lead
        for of_rule, cursor in self.cursors.items():
            cursor.lead = of_rule + lead

    def retune(self, target: Target) -> None:
        """The same target with another lead, another cap; what it was sent stays sent."""
        self.allowance.max_rate = target.max_rate
        self.ahead = target.ahead
        for cursor in self.cursors.values():
            cursor.ahead = target.ahead
        self.set_lead(target.lead)

    def cursor_of(self, cue: Cue) -> Cursor:
        """The cursor in whose lane `cue` lies."""
        return self.cursors[cue.origin.lead]

    def stop(self) -> None:
        """Nothing is decided any more and nothing stands; what fires once may fire again."""
        self.standing.clear()
        self.fired.clear()
        self.renewed.clear()
        for cursor in self.cursors.values():
            cursor.stop()

    def join(self, transport: Transport, since: HostNs, until: HostNs) -> list[Cue]:
        """Everything up to `since` was decided by another, whose looks stand; returns what is over at once: buttons.

        `until`: up to when the other may have gone on.
        """
        let_go: list[Cue] = []
        for cursor in self.cursors.values():
            begun, pressed = cursor.join(transport, since, until)
            if not self.silences:
                self.begun.update((start.ending, start) for start in begun if start.ending is not None)
                let_go += pressed
        return let_go

    def join_at(self, here: TrackNs) -> None:
        """Playback is held here, by another: the looks of this place may have begun."""
        for cursor in self.cursors.values():
            if not self.silences:
                self.begun.update((start.ending, start) for start in cursor.begun_at(here) if start.ending is not None)

    def pass_by(self, transport: Transport, now: HostNs) -> list[Cue]:
        """Move every cursor over what is to be handed out by `now`."""
        return [cue for cursor in self.cursors.values() for cue in cursor.pass_by(transport, now)]

    def jump(self, here: TrackNs, *, forward: bool) -> tuple[list[Cue], list[Cue]]:
        """Move every cursor to `here`; returns what was passed over, and the ends of looks whose span was left."""
        self.renewed.clear()
        passed = [cue for cursor in self.cursors.values() for cue in cursor.jump(here, forward=forward)]
        left = [end for end, start in self.begun.items() if not start.spans(self._place(start, here))]
        return [cue for cue in passed if cue not in left], left

    def _place(self, start: Cue, here: TrackNs) -> TrackNs:
        """Where playback stands as far as the look that `start` began is concerned: its lead may be beyond `here`."""
        cursor = self.cursors.get(start.origin.lead)
        return here if cursor is None or cursor.decided is None else max(here, cursor.decided)

    # Entering a position

    def wanted(self, transport: Transport, now: HostNs) -> Iterator[Cue]:
        """The cues that put the target into the state of this position.

        Looks that have a cue from here up to the cursor's reach change by themselves.
        """
        latest: dict[str, tuple[int, Cue]] = {}
        for parts in self._looks.values():
            instant, cue = self._last(parts)
            if cue is None or not self._is_news(cue) or _changes_by_itself(parts, transport, now):
                continue
            rival = latest.get(cue.address)
            if rival is None or rival[0] <= instant:
                latest[cue.address] = (instant, cue)
        yield from sorted((cue for _, cue in latest.values()), key=lambda cue: cue.rank)

    def _last(self, parts: Iterable[tuple[Cursor, Look]]) -> tuple[int, Cue | None]:
        """What playing up to here would have left standing of a look, and its instant."""
        last: tuple[int, Cue | None] = (0, None)
        for cursor, look in parts:
            if cursor.decided is None:
                continue
            cue = look.standing_at(cursor.frontier(look))
            if cue is not None and (last[1] is None or cursor.instant(cue) >= last[0]):
                last = (cursor.instant(cue), cue)
        return last

    def _is_news(self, cue: Cue) -> bool:
        """Whether `cue` would change what stands; an ending changes nothing where the look has ended another way."""
        standing = self.standing.get(cue.look)
        if standing is None or cue.phase is Phase.START:
            return standing is not cue
        return standing.phase is Phase.START

    def forget(self) -> None:
        """The receiver may be in any state: what stands is to be sent again."""
        self.renewed.update(self.standing.values())
        self.standing.clear()

    # Other lanes

    def replace(self, lanes: Lanes, by_time: Callable[[Cursor], TrackNs | None]) -> tuple[Cue, ...]:
        """Take new lanes; returns the looks to end. What fell due by time stays decided, whatever time it has now.

        What stands and says the same goes on standing. `by_time`: up to where everything has fallen due for the cursor
        of a lead that has not been there before; None while playback does not move.
        """
        old, old_begun = self.cursors, self.begun
        self.take(lanes)
        self.begun = {}
        twins = (twin_of(cue, lanes) for cue in self.fired)
        self.fired = {twin for twin in twins if twin is not None and not twin.policy.gone_back}
        decided = [cursor.decided for cursor in old.values() if cursor.decided is not None]
        if not decided:
            return tuple(old_begun)
        for lead, cursor in self.cursors.items():
            before = old.get(lead)
            cursor.landed = before.landed if before else None
            cursor.decided = before.decided if before else by_time(cursor)
            if cursor.decided is None:
                cursor.decided = min(decided)
        self._settle(old)
        self._adopt_standing()
        return tuple(end for end, start in old_begun.items() if not self._adopt_begun(start, lanes))

    def _settle(self, old: Mapping[Lead, Cursor]) -> None:
        """Pair the cues around the cursors, which a small shift or another lead may have brought across one."""
        marks = [cursor.decided for cursor in chain(old.values(), self.cursors.values()) if cursor.decided is not None]
        first, last = TrackNs(min(marks) - 2 * HYSTERESIS), TrackNs(max(marks) + 2 * HYSTERESIS)
        before = [cue for cursor in old.values() for cue in cursor.lane.cues_within(first, last)]
        known = {cue for cursor in old.values() for cue in cursor.decided_within(first, last)}
        near = {lead: cursor.lane.cues_within(first, last) for lead, cursor in self.cursors.items()}
        partners = partners_of(before, (cue for cues in near.values() for cue in cues))
        for lead, cursor in self.cursors.items():
            cursor.settle({cue: partners[cue] for cue in near[lead]}, known)

    def _adopt_standing(self) -> None:
        renewed, self.renewed = {cue.look for cue in self.renewed}, set()
        for name, parts in self._looks.items():
            standing, (_, now) = self.standing.get(name), self._last(parts)
            if now is None:
                continue
            if standing is not None and now.says_the_same(standing):
                self.standing[name] = now
            elif name in renewed or (standing is not None and standing.phase is now.phase is Phase.START):
                self.renewed.add(now)

    def _adopt_begun(self, start: Cue, lanes: Lanes) -> bool:
        """Whether the new lanes know the look that `start` began and will end it later."""
        standing = self.standing.get(start.look)
        if standing is not None and not (_has(lanes, standing) and standing.says_the_same(start)):
            standing = None
        for twin in (twin_of(start, lanes), standing):
            if twin is not None and twin.ending is not None and self.cursor_of(twin).will_end(twin):
                self.begun[twin.ending] = twin
                return True
        return False


def _has(lanes: Lanes, cue: Cue) -> bool:
    lane = lanes.get(cue.origin.lead)
    return lane is not None and lane.has(cue)


def _changes_by_itself(parts: Iterable[tuple[Cursor, Look]], transport: Transport, now: HostNs) -> bool:
    return any(
        look.has_cue_within(cursor.frontier(look), cursor.entering_reach(transport, now))
        for cursor, look in parts
        if cursor.decided is not None
    )
