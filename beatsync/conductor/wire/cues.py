"""A schedule as records, and its cues as numbers: the schedule goes over once, all else names cues by number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from msgspec import Struct

from beatsync.core.osc import Tag
from beatsync.core.schedule import Cue, Origin, Phase, Schedule
from beatsync.core.track import Section
from beatsync.core.units import TrackNs

CueNumber: TypeAlias = int
"""A cue of the schedule that is loaded, or, below zero, one of the strays that come with the message: -1 is the first.
"""


class CueRecord(Struct, frozen=True, array_like=True):
    """A Cue. `origin` and `ending` count from the first of all tables that came together.

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

    def __init__(self, schedule: Schedule, cues: Sequence[Cue], numbers: dict[Cue, int]) -> None:
        """`schedule`: what is loaded on both sides; `cues`: all of it by number, `numbers` the other way round."""
        self.schedule = schedule
        self.cues = cues
        self._numbers = numbers

    @classmethod
    def of(cls, schedule: Schedule) -> Numbering:
        """The numbering of a schedule."""
        cues = tuple(_with_endings(cue for lane in schedule.lanes for cue in lane.cues))
        return cls(schedule, cues, {cue: number for number, cue in enumerate(cues)})

    def writer(self) -> NumberWriter:
        """Something that writes numbers and collects strays, for one message."""
        return NumberWriter(self._numbers)

    def reader(self, strays: CueTable) -> NumberReader:
        """Something that reads the numbers of a message that came with `strays`."""
        return NumberReader(self.cues, strays)


NO_NUMBERING: Final = Numbering(Schedule({}), (), {})


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


def tables_of(numbering: Numbering, most: int) -> Iterator[CueTable]:
    """A whole schedule as tables of at most so many cues, each with the origins that have not come before.

    One without cues is one empty table: it has to come over as well.
    """
    in_lanes = {cue for lane in numbering.schedule.lanes for cue in lane.cues}
    writer = _RecordWriter(in_lanes)
    for first in range(0, max(len(numbering.cues), 1), most):
        yield writer.table(numbering.cues[first : first + most])


def _table(cues: Sequence[Cue], in_lanes: AbstractSet[Cue]) -> CueTable:
    return _RecordWriter(in_lanes).table(cues)


class _RecordWriter:
    """Writes cues as records, table after table; origins and endings are named by where they stand among all."""

    def __init__(self, in_lanes: AbstractSet[Cue]) -> None:
        self._in_lanes = in_lanes
        self._places: dict[Cue, int] = {}
        self._origins: dict[int, int] = {}

    def table(self, cues: Sequence[Cue]) -> CueTable:
        fresh: list[Origin] = []
        return CueTable(fresh, [self._record(cue, fresh) for cue in cues])

    def _record(self, cue: Cue, fresh: list[Origin]) -> CueRecord:
        self._places[cue] = len(self._places)
        return CueRecord(
            self._origin(cue.origin, fresh),
            cue.position,
            cue.until,
            cue.phase,
            cue.address,
            cue.arguments,
            cue.packet,
            cue.place.name,
            cue.place.count,
            None if cue.ending is None else self._places[cue.ending],
            cue in self._in_lanes,
        )

    def _origin(self, origin: Origin, fresh: list[Origin]) -> int:
        """All cues of one send share one object."""
        place = self._origins.get(id(origin))
        if place is None:
            place = self._origins[id(origin)] = len(self._origins)
            fresh.append(origin)
        return place


class CueReader:
    """Reads cues, table after table."""

    def __init__(self) -> None:
        self._origins: list[Origin] = []
        self._cues: list[Cue] = []
        self._numbers: dict[Cue, int] = {}

    def read(self, table: CueTable) -> Iterator[tuple[Cue, bool]]:
        """The cues of the next table, each with whether it falls due by its position. Raises IndexError."""
        self._origins += table.origins
        for record in table.cues:
            cue = Cue(
                position=TrackNs(record.position),
                until=TrackNs(record.until),
                phase=record.phase,
                address=record.address,
                arguments=record.arguments,
                packet=record.packet,
                origin=self._origins[record.origin],
                place=NamedPlace(record.name, record.count),
                ending=None if record.ending is None else self._cues[record.ending],
            )
            self._numbers[cue] = len(self._cues)
            self._cues.append(cue)
            yield cue, record.in_lane

    def numbering(self, schedule: Schedule) -> Numbering:
        """The numbering of all that was read, which `schedule` was built of."""
        return Numbering(schedule, self._cues, self._numbers)


def _cues_of(table: CueTable) -> list[Cue]:
    return [cue for cue, _ in CueReader().read(table)]
