"""Schedules as they travel: tables of a few hundred cues each, so that a conductor takes one in between two cues.

Known by a digest of all of its tables. Both ends number the cues in the same order: lane by lane, endings before the
cues that they end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import msgspec

from beatsync.conductor.wire.cues import NO_NUMBERING, CueReader, CueTable, Numbering, tables_of
from beatsync.core.schedule import Schedule, ScheduleBuilder

PART_CUES: Final = 200
"""Reading so many takes about a millisecond."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A schedule with its tables as bytes. `digest` is what it is known by; empty for none."""

    digest: str
    numbering: Numbering
    parts: tuple[bytes, ...] = ()


NOTHING_LOADED: Final = Loaded("", NO_NUMBERING)


def as_loaded(schedule: Schedule, *, part_cues: int = PART_CUES) -> Loaded:
    """A schedule made ready for its way, so many cues in each part."""
    numbering = Numbering.of(schedule)
    parts = tuple(msgspec.msgpack.encode(table) for table in tables_of(numbering, part_cues))
    return Loaded(_digest_of(parts), numbering, parts)


def loaded_of(digest: str, parts: Iterable[bytes]) -> Loaded:
    """The schedule of all of its parts. Raises as `Assembly` does."""
    assembly = Assembly(digest)
    for part in parts:
        assembly.add(part)
    return assembly.finished()


@dataclass(slots=True)
class Assembly:
    """A schedule of which the parts come one by one."""

    digest: str
    _parts: list[bytes] = field(default_factory=list)
    _hash: hashlib.blake2b = field(default_factory=lambda: hashlib.blake2b(digest_size=16))
    _reader: CueReader = field(default_factory=CueReader)
    _builder: ScheduleBuilder = field(default_factory=ScheduleBuilder)

    def add(self, part: bytes) -> None:
        """The next part. Raises MsgspecError, ValueError or IndexError where it is none."""
        for cue, in_lane in self._reader.read(msgspec.msgpack.decode(part, type=CueTable)):
            if in_lane:
                self._builder.add(cue)
        self._parts.append(part)
        self._hash.update(part)

    def finished(self) -> Loaded:
        """The whole. Raises ValueError where it is another than was announced."""
        if self._hash.hexdigest() != self.digest:
            raise ValueError("the schedule was damaged on its way")
        schedule = self._builder.built()
        return Loaded(self.digest, self._reader.numbering(schedule), tuple(self._parts))


def _digest_of(parts: Iterable[bytes]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def parts_in(data: bytes) -> Iterator[bytes]:
    """The parts of a file in which they stand one after another. Raises ValueError where it is cut off."""
    place = 0
    while place < len(data):
        length = int.from_bytes(data[place : place + 4], "little")
        part = data[place + 4 : place + 4 + length]
        if len(part) != length:
            raise ValueError("the file of a schedule is cut off")
        yield part
        place += 4 + length


def as_file(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same the other way round, piece by piece."""
    for part in parts:
        yield len(part).to_bytes(4, "little") + part
