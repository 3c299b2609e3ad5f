"""A schedule as records, and its cues as numbers: the schedule goes over once, all else names cues by number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, TypeAlias

from msgspec import Struct

from beatsync.core.osc import Tag
from beatsync.core.schedule import Cue, Origin, Phase, Schedule, schedule_of
from beatsync.core.track import Section
from beatsync.core.units import TrackNs

CueNumber: TypeAlias = int
"""A cue of the schedule that is loaded, or, below zero, one of the strays that come with the message: -1 is the first.
"""


class CueRecord(Struct, frozen=True, array_like=True):
    """A Cue. `origin` and `ending` are indexes into the lists that the record stands in.

    `in_lane`: it falls due by its position; the ending of a hold, or of what lasts beyond the track, does not.
    """

    origin: int
    position: int
    until: int
    phase: Phase
    address: str
    arguments: tuple[tuple[Tag, Any], ...]
    packet: bytes
    name: str
    count: str
    ending: int | None
    in_lane: bool


class CueTable(Struct, frozen=True, array_like=True):
    """Cues with their origins. Endings stand before the cues that they end."""

    origins: list[Origin]
    cues: list[CueRecord]


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A cue's place in the music, of which only what people call it has come over the wire."""

    name: str
    count: str

    @property
    def section(self) -> Section | None:
        """Not known here."""
        return None


class Numbering:
    """The numbers of a schedule's cues, the same on both sides of the wire. Cues outside it become strays."""

    def __init__(self, schedule: Schedule) -> None:
        """`schedule`: what is loaded on both sides."""
        self.schedule = schedule
        self._in_lanes = {cue for lane in schedule.lanes for cue in lane.cues}
        self.cues = tuple(_with_endings(cue for lane in schedule.lanes for cue in lane.cues))
        self._numbers = {cue: number for number, cue in enumerate(self.cues)}

    def table(self) -> CueTable:
        """The whole schedule as records."""
        return _table(self.cues, self._in_lanes)

    def writer(self) -> NumberWriter:
        """Something that writes numbers and collects strays, for one message."""
        return NumberWriter(self._numbers)

    def reader(self, strays: CueTable) -> NumberReader:
        """Something that reads the numbers of a message that came with `strays`."""
        return NumberReader(self.cues, strays)


class NumberWriter:
    """Writes the cue numbers of one message."""

    def __init__(self, numbers: dict[Cue, int]) -> None:
        """`numbers`: of the schedule's cues."""
        self._numbers = numbers
        self._strays: dict[Cue, int] = {}

    def number(self, cue: Cue) -> CueNumber:
        """The cue's number; a stray is noted."""
        number = self._numbers.get(cue)
        if number is not None:
            return number
        for one in _with_endings([cue]):
            self._strays.setdefault(one, len(self._strays))
        return -1 - self._strays[cue]

    def strays(self) -> CueTable:
        """The strays that have been noted."""
        return _table(tuple(self._strays), frozenset())


class NumberReader:
    """Reads the cue numbers of one message. Raises IndexError for a number that nothing has."""

    def __init__(self, cues: Sequence[Cue], strays: CueTable) -> None:
        """`cues`: the schedule's, by number."""
        self._cues = cues
        self._strays = tuple(_cues_of(strays))

    def cue(self, number: CueNumber) -> Cue:
        """The cue of that number."""
        return self._cues[number] if number >= 0 else self._strays[-1 - number]


def schedule_of_table(table: CueTable) -> Schedule:
    """The schedule that a table was made of, without its notes. Raises ValueError or IndexError for another table."""
    cues = _cues_of(table)
    return schedule_of([cue for cue, record in zip(cues, table.cues, strict=True) if record.in_lane])


def table_of(cues: Iterable[Cue]) -> CueTable:
    """Cues that are of no schedule."""
    return _table(tuple(_with_endings(cues)), frozenset())


def cues_in(table: CueTable) -> tuple[Cue, ...]:
    """The cues of such a table, without those that only end others. Raises IndexError for another table."""
    cues = _cues_of(table)
    endings = {cue.ending for cue in cues}
    return tuple(cue for cue in cues if cue not in endings)


def _with_endings(cues: Iterable[Cue]) -> Iterator[Cue]:
    """The cues, each after the one that ends it, each once."""
    seen: set[Cue] = set()
    for cue in cues:
        for one in (cue.ending, cue):
            if one is not None and one not in seen:
                seen.add(one)
                yield one


def _table(cues: Sequence[Cue], in_lanes: AbstractSet[Cue]) -> CueTable:
    places = {cue: index for index, cue in enumerate(cues)}
    origins: dict[Origin, int] = {}
    records = [
        CueRecord(
            origin=origins.setdefault(cue.origin, len(origins)),
            position=cue.position,
            until=cue.until,
            phase=cue.phase,
            address=cue.address,
            arguments=cue.arguments,
            packet=cue.packet,
            name=cue.place.name,
            count=cue.place.count,
            ending=None if cue.ending is None else places[cue.ending],
            in_lane=cue in in_lanes,
        )
        for cue in cues
    ]
    return CueTable(list(origins), records)


def _cues_of(table: CueTable) -> list[Cue]:
    cues: list[Cue] = []
    for record in table.cues:
        cues.append(
            Cue(
                position=TrackNs(record.position),
                until=TrackNs(record.until),
                phase=record.phase,
                address=record.address,
                arguments=record.arguments,
                packet=record.packet,
                origin=table.origins[record.origin],
                place=NamedPlace(record.name, record.count),
                ending=None if record.ending is None else cues[record.ending],
            )
        )
    return cues
