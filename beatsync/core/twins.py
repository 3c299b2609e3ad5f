"""Cues of two schedules that are the same one at slightly different times."""

from __future__ import annotations

from collections.abc import Iterable

from beatsync.core.cursor import HYSTERESIS
from beatsync.core.schedule import Cue, Lanes
from beatsync.core.units import TrackNs


def partners_of(old: Iterable[Cue], new: Iterable[Cue]) -> dict[Cue, Cue | None]:
    """The old self of each new cue, the nearest pairs first; each old cue is the self of one new cue at most."""
    alike: dict[tuple[object, ...], list[Cue]] = {}
    for cue in old:
        alike.setdefault(_nature(cue), []).append(cue)
    partners: dict[Cue, Cue | None] = dict.fromkeys(new)
    pairs = [
        (distance, cue, self)
        for cue in partners
        for self in alike.get(_nature(cue), ())
        if (distance := abs(cue.position - self.position)) <= HYSTERESIS
    ]
    taken: set[Cue] = set()
    for _, cue, self in sorted(pairs, key=lambda pair: pair[0]):
        if partners[cue] is None and self not in taken:
            partners[cue] = self
            taken.add(self)
    return partners


def twin_of(cue: Cue, lanes: Lanes) -> Cue | None:
    """The cue of another schedule that is `cue`, give or take a wobble, and says the same."""
    first, last = TrackNs(cue.position - HYSTERESIS), TrackNs(cue.position + HYSTERESIS)
    near = (twin for lane in lanes.values() for twin in lane.cues_within(first, last))
    twins = (twin for twin in near if _nature(twin) == _nature(cue) and twin.says_the_same(cue))
    return min(twins, key=lambda twin: abs(twin.position - cue.position), default=None)


def _nature(cue: Cue) -> tuple[object, ...]:
    return (cue.look, cue.address, cue.phase, cue.kind)
