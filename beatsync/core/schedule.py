"""The schedule: every cue of a track, in track time, encoded. A value that never changes; playback moves along it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from heapq import heappop, heappush, merge
from types import MappingProxyType
from typing import Final, Protocol, TypeAlias

from beatsync.core.leads import NO_LEAD, Lead
from beatsync.core.notes import Note
from beatsync.core.osc import Tag, Value
from beatsync.core.rules import Kind, Policy
from beatsync.core.track import Section
from beatsync.core.units import DurationNs, TrackNs


class Phase(IntEnum):
    """Whether a cue begins its look or ends it. At one position endings come first."""

    END = 0
    START = 1


class Place(Protocol):
    """Where in the music a cue belongs, for people: `name` is `Drop 2 · bar 65`, `count` is `65.1`."""

    @property
    def name(self) -> str:
        """The section and the bar."""
        ...

    @property
    def count(self) -> str:
        """`bar.beat`, or nothing without bars."""
        ...

    @property
    def section(self) -> Section | None:
        """The section that the moment belongs to, where that is known."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What all cues of one send of a rule have in common. `title` is what people call the rule: `rules[3] 'strobe'`.

    `order` settles which of several cues at one position goes first. `look`: cues with the same one on a target replace
    each other. `lead` is the rule's own, beside its target's and the track's. `hold`: their looks end so long after
    the cue was sent, in real time, not at a place in the track.
    """

    title: str
    order: int
    target: str
    look: str
    kind: Kind
    policy: Policy
    lead: Lead = NO_LEAD
    hold: DurationNs | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cue:
    """One message to one target at one track position; two cues are the same only if they are one object.

    [`position`, `until`) is the cue's span. `ending`: the cue that ends this one's look; it falls due at its own
    position, or `hold` after this one was sent. `why` is the rule and the moment it came from.
    """

    position: TrackNs
    until: TrackNs
    phase: Phase
    address: str
    arguments: tuple[tuple[Tag, Value], ...]
    packet: bytes
    origin: Origin
    place: Place
    ending: Cue | None = None

    @property
    def target(self) -> str:
        """Where it goes."""
        return self.origin.target

    @property
    def order(self) -> int:
        """Its turn among the cues at one position."""
        return self.origin.order

    @property
    def look(self) -> str:
        """The look that it begins or ends."""
        return self.origin.look

    @property
    def hold(self) -> DurationNs | None:
        """How long after it was sent its look ends; None where that is at a place in the track."""
        return self.origin.hold

    @property
    def kind(self) -> Kind:
        """A pulse or a state."""
        return self.origin.kind

    @property
    def policy(self) -> Policy:
        """What becomes of it where playback does not simply reach it."""
        return self.origin.policy

    @property
    def why(self) -> str:
        """`rules[3] 'strobe' · Drop 2 · bar 65`, followed by `· end` where the cue ends a look."""
        end = " · end" if self.phase is Phase.END else ""
        return f"{self.origin.title} · {self.place.name}{end}"

    @property
    def types(self) -> str:
        """The OSC type tags: `,if`."""
        return "," + "".join(tag for tag, _ in self.arguments)

    @property
    def rank(self) -> tuple[int, int, int]:
        """What cues are sorted by: position, endings first, the rules' order."""
        return (self.position, self.phase, self.origin.order)

    def spans(self, position: TrackNs) -> bool:
        """Whether `position` lies inside the cue's span. An empty one, at the track's end, lasts from there on."""
        return self.position <= position and (position < self.until or self.is_endless)

    @property
    def is_endless(self) -> bool:
        """Whether the span has no end in the track: what it begins lasts until playback stops or goes back."""
        return self.until <= self.position

    def says_the_same(self, other: Cue) -> bool:
        """Whether both do the same: the same message, ended by the same message."""
        ends = (self.ending and self.ending.packet, other.ending and other.ending.packet)
        return (self.packet, self.phase, self.hold) == (other.packet, other.phase, other.hold) and ends[0] == ends[1]


@dataclass(frozen=True, slots=True)
class Look:
    """The cues of one look in one lane, in order: the starts of states and their ends."""

    name: str
    positions: Sequence[TrackNs]
    cues: Sequence[Cue]

    def standing_at(self, position: TrackNs) -> Cue | None:
        """What playing up to `position` would have left standing: the last cue before it."""
        index = bisect_left(self.positions, position) - 1
        return self.cues[index] if index >= 0 else None

    def has_cue_within(self, first: TrackNs, last: TrackNs) -> bool:
        """Whether a cue of this look falls into [first, last]."""
        index = bisect_left(self.positions, first)
        return index < len(self.positions) and self.positions[index] <= last


@dataclass(frozen=True, slots=True)
class Lane:
    """The cues of one target whose rules have one lead, in order, with what a seek needs to know of them.

    `entered`: the pulses that are sent when a seek lands inside their span.
    """

    cues: Sequence[Cue] = ()
    positions: Sequence[TrackNs] = ()
    looks: tuple[Look, ...] = ()
    entered: Sequence[Cue] = ()

    def has(self, cue: Cue) -> bool:
        """Whether `cue` is one of this lane's."""
        return any(other is cue for other in self.cues_within(cue.position, cue.position))

    def cues_within(self, first: TrackNs, last: TrackNs) -> Sequence[Cue]:
        """The cues in [first, last]."""
        return self.cues[bisect_left(self.positions, first) : bisect_right(self.positions, last)]


NO_CUES: Final = Lane()
Lanes: TypeAlias = Mapping[Lead, Lane]
"""One target's lanes by the leads of their rules; one without cues for a target that has none."""

NO_LANES: Final[Lanes] = MappingProxyType({NO_LEAD: NO_CUES})


@dataclass(frozen=True, slots=True)
class Schedule:
    """All cues of a track by target and by their rules' leads; `notes`: what a person should know of it."""

    targets: Mapping[str, Lanes]
    notes: tuple[Note, ...] = ()

    @property
    def lanes(self) -> Iterator[Lane]:
        """All lanes."""
        return (lane for lanes in self.targets.values() for lane in lanes.values())

    @property
    def cues(self) -> Iterable[Cue]:
        """All cues in the order in which they fall due with no leads."""
        return merge(*(lane.cues for lane in self.lanes), key=lambda cue: cue.rank)

    def cues_of(self, target: str) -> Iterable[Cue]:
        """The cues of one target, in that order."""
        return merge(*(lane.cues for lane in self.targets.get(target, NO_LANES).values()), key=lambda cue: cue.rank)

    def __len__(self) -> int:
        return sum(len(lane.cues) for lane in self.lanes)


def schedule_of(cues: Iterable[Cue], notes: Sequence[Note] = ()) -> Schedule:
    """A schedule of cues in any order."""
    builder = ScheduleBuilder()
    for cue in sorted(cues, key=lambda cue: cue.rank):
        builder.add(cue)
    return builder.built(notes)


class ScheduleBuilder:
    """Builds a schedule of cues that come one by one, those of each lane by their ranks; endings may come early."""

    def __init__(self) -> None:
        self._lanes: dict[str, dict[Lead, _LaneBuilder]] = {}

    def add(self, cue: Cue) -> None:
        """The next one of its lane. Raises ValueError where it is out of order."""
        origin = cue.origin
        lanes = self._lanes.setdefault(origin.target, {})
        lane = lanes.get(origin.lead)
        if lane is None:
            lane = lanes[origin.lead] = _LaneBuilder()
        lane.add(cue)

    def built(self, notes: Sequence[Note] = ()) -> Schedule:
        """The schedule. What was collected becomes its own."""
        targets = {
            target: MappingProxyType({lead: lane.built() for lead, lane in lanes.items()})
            for target, lanes in self._lanes.items()
        }
        return Schedule(MappingProxyType(targets), tuple(notes))


class _LaneBuilder:
    def __init__(self) -> None:
        self._cues: list[Cue] = []
        self._positions: list[TrackNs] = []
        self._looks: dict[str, tuple[list[TrackNs], list[Cue]]] = {}
        self._entered: list[Cue] = []
        self._early: list[tuple[tuple[int, int, int], int, Cue]] = []
        self._came = 0

    def add(self, cue: Cue) -> None:
        self._came += 1
        if cue.phase is Phase.END:
            heappush(self._early, (cue.rank, self._came, cue))
            return
        while self._early and self._early[0][0] < cue.rank:
            self._append(heappop(self._early)[-1])
        self._append(cue)

    def _append(self, cue: Cue) -> None:
        if self._positions and cue.position < self._positions[-1]:
            raise ValueError("the cues of a lane are out of order")
        self._cues.append(cue)
        self._positions.append(cue.position)
        if cue.kind is Kind.STATE:
            positions, cues = self._looks.setdefault(cue.look, ([], []))
            positions.append(cue.position)
            cues.append(cue)
        elif cue.phase is Phase.START and cue.policy.jumped_into:
            self._entered.append(cue)

    def built(self) -> Lane:
        while self._early:
            self._append(heappop(self._early)[-1])
        looks = tuple(Look(name, tuple(positions), tuple(cues)) for name, (positions, cues) in self._looks.items())
        return Lane(tuple(self._cues), tuple(self._positions), looks, tuple(self._entered))
