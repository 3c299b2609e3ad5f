"""Schedules as they travel: a table of cues as bytes, known by a digest of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import msgspec

from beatsync.conductor.wire.cues import CueTable, Numbering, schedule_of_table
from beatsync.core.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Loaded:
    """A schedule with its table. `digest` is what it is known by; empty for none."""

    digest: str
    numbering: Numbering
    table: bytes = b""


NOTHING_LOADED: Final = Loaded("", Numbering(Schedule({})))


def loaded_of(digest: str, table: bytes) -> Loaded:
    """The schedule of a table as bytes. Raises ValueError, IndexError or MsgspecError where it is none, or another."""
    if _digest_of(table) != digest:
        raise ValueError("the schedule was damaged on its way")
    schedule = schedule_of_table(msgspec.msgpack.decode(table, type=CueTable))
    return Loaded(digest, Numbering(schedule), table)


def as_loaded(schedule: Schedule) -> Loaded:
    """A schedule made ready for its way."""
    numbering = Numbering(schedule)
    table = msgspec.msgpack.encode(numbering.table())
    return Loaded(_digest_of(table), numbering, table)


def _digest_of(table: bytes) -> str:
    return hashlib.blake2b(table, digest_size=16).hexdigest()
