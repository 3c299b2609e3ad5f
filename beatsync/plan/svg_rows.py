"""Which cue is drawn in which row: a lane for each target, a row in it for each look or address. No pixels.

Every cue of the schedule is in exactly one mark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from beatsync.core.leads import NO_LEAD, Lead
from beatsync.core.rules import Kind
from beatsync.core.schedule import Cue, Phase, Schedule
from beatsync.core.targets import Target
from beatsync.plan.svg_axis import Run, closest_for, runs

_MOST_ROWS: Final = 12
_MOST_ROWS_OF_ALL: Final = 144


@dataclass(frozen=True, slots=True)
class Mark:
    """One cue with the one that ends it, if that has a place in the track.

    `at`, `end_at`: where the two are drawn; `until`: the end of the span; `stands`: how long its look stays after that,
    since nothing ends it; `released`: where one that is held for a time is planned to end. Positions
    in ns, `at` <= `until` <= `stands`.
    """

    cue: Cue
    end: Cue | None
    at: int
    end_at: int
    until: int
    stands: int
    released: int | None = None

    @property
    def count(self) -> int:
        """How many cues it is."""
        return 1 if self.end is None else 2


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a lane, its marks in order. `kind`: states are drawn as spans, pulses as strokes.

    `runs`: which neighbours are drawn as one.
    """

    label: str
    kind: Kind
    marks: tuple[Mark, ...]
    positions: tuple[int, ...]
    runs: tuple[Run, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetLane:
    """What one target gets. `url` is empty where the target is not known."""

    name: str
    url: str
    lead: Lead
    count: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class _Frame:
    """What is drawn: [`first`, `last`) of track time."""

    first: int
    last: int

    def nearest(self, position: int) -> int:
        """The position, or the nearest one that is drawn."""
        return min(max(position, self.first), self.last - 1)


def lanes_of(schedule: Schedule, targets: Sequence[Target], *, first: int, last: int) -> tuple[TargetLane, ...]:
    """A lane for each target, in order, then for those that only the schedule knows; drawn within [`first`, `last`)."""
    frame = _Frame(first, last)
    known = {target.name: target for target in targets}
    names = tuple(dict.fromkeys([*known, *schedule.targets]))
    most = max(min(_MOST_ROWS, _MOST_ROWS_OF_ALL // max(len(names), 1)), 1)
    return tuple(_lane(name, known.get(name), schedule, lambda cues: _rows(cues, most, frame=frame)) for name in names)


def _lane(
    name: str, target: Target | None, schedule: Schedule, rows_of: Callable[[Sequence[Cue]], Iterator[Row]]
) -> TargetLane:
    cues = tuple(schedule.cues_of(name))
    return TargetLane(
        name,
        target.url if target else "",
        target.lead if target else NO_LEAD,
        len(cues),
        tuple(rows_of(cues)) or (Row("", Kind.PULSE, (), ()),),
    )


def bundled(
    lanes: Sequence[TargetLane], *, ns_per_pixel: float, budget: int, breaks: Sequence[int]
) -> tuple[TargetLane, ...]:
    """The lanes with their runs: what is too close is bundled, never across one of `breaks`; about `budget` at most."""
    closest = closest_for(
        [row.positions for lane in lanes for row in lane.rows], ns_per_pixel=ns_per_pixel, budget=budget
    )
    return tuple(
        replace(
            lane,
            rows=tuple(replace(row, runs=tuple(runs(row.positions, closest, breaks))) for row in lane.rows),
        )
        for lane in lanes
    )


def _rows(cues: Sequence[Cue], most: int, *, frame: _Frame) -> Iterator[Row]:
    """A row for each kind and look, in the rules' order; what is more than `most` shares the last one."""
    releases = _releases(cues)
    looks: dict[tuple[Kind, str], list[Cue]] = {}
    for cue in cues:
        looks.setdefault((cue.kind, cue.look), []).append(cue)
    ordered = sorted(looks.items(), key=lambda item: item[1][0].order)
    shown = ordered if len(ordered) <= most else ordered[: most - 1]
    for (kind, look), its in shown:
        yield _row(look, kind, its, releases, frame)
    rest = ordered[len(shown) :]
    if rest:
        together = sorted((cue for _, its in rest for cue in its), key=lambda cue: cue.rank)
        yield _row(f"{len(rest)} {'more' if shown else 'addresses'}, together", Kind.PULSE, together, releases, frame)


def _releases(cues: Sequence[Cue]) -> Mapping[Cue, int]:
    """Where the held ones among a target's cues are planned to end.

    One that is sent again before that ends once, after the last time, as in core.decisions.
    """
    ends: dict[Cue, int] = {}
    pressed: dict[tuple[int, str], int] = {}
    for cue in reversed(cues):
        if cue.hold is None or cue.ending is None or cue.phase is Phase.END:
            continue
        button = (id(cue.origin), cue.ending.address)
        end = cue.position + cue.hold
        if button not in pressed or pressed[button] >= end:
            ends[cue] = end
        pressed[button] = cue.position
    return ends


def _row(label: str, kind: Kind, cues: Sequence[Cue], releases: Mapping[Cue, int], frame: _Frame) -> Row:
    here = set(cues)
    ends = {cue.ending for cue in cues if cue.phase is Phase.START and cue.ending in here}
    heads = [cue for cue in cues if cue not in ends]
    following = [*(cue.position for cue in heads[1:]), frame.last]
    marks = tuple(
        replace(_mark(cue, here, next_one if kind is Kind.STATE else frame.last, frame), released=releases.get(cue))
        for cue, next_one in zip(heads, following, strict=True)
    )
    return Row(label, kind, marks, tuple(mark.at for mark in marks))


def _mark(cue: Cue, here: set[Cue], next_one: int, frame: _Frame) -> Mark:
    end = cue.ending if cue.ending in here else None
    at = frame.nearest(cue.position)
    if cue.phase is Phase.END:
        return Mark(cue, None, at, at, at, at)
    limit = max(frame.nearest(next_one), at)
    wanted = cue.position + cue.hold if cue.hold is not None else end.position if end else cue.until
    until = min(max(wanted, at), limit)
    endless = cue.kind is Kind.STATE and cue.ending is None
    return Mark(cue, end, at, frame.nearest(end.position) if end else at, until, limit if endless else until)
