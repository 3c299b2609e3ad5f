"""Keeps a conductor's journal: after every step its memory, beside it the schedule, so that a successor can go on.

A step's reports are told only once they are in the journal, and the successor tells them again: whoever listens knows
by the step's number what it has heard already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from beatsync.conductor.memory import ConductorMemory, Fate, Unfinished
from beatsync.conductor.report import Report
from beatsync.conductor.wire.cues import CueTable, Numbering, schedule_of_table
from beatsync.conductor.wire.journal import JournalFile
from beatsync.conductor.wire.memories import (
    ConductorRecord,
    ReportsRecord,
    conductor_memory,
    conductor_record,
    reports_record,
)
from beatsync.core.schedule import Schedule
from beatsync.core.targets import Target
from beatsync.core.units import HostNs

JOURNAL: Final = "conductor.journal"
SCHEDULE: Final = "conductor.schedule"


class _Kept(Struct, frozen=True, array_like=True):
    """The content of a slot."""

    applied: int
    digest: str
    targets: tuple[Target, ...]
    conductor: ConductorRecord
    reports: ReportsRecord


_encode: Final = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class Loaded:
    """A schedule as it came over the wire. `digest` is what it is known by; empty for none."""

    digest: str
    numbering: Numbering
    table: bytes = b""


NOTHING_LOADED: Final = Loaded("", Numbering(Schedule({})))


@dataclass(frozen=True, slots=True)
class Left:
    """What a predecessor left. `reports` are those of its last whole `step`."""

    step: int
    applied: int
    targets: tuple[Target, ...]
    loaded: Loaded
    memory: ConductorMemory
    reports: ReportsRecord
    unfinished: Unfinished | None


@dataclass(frozen=True, slots=True)
class Told:
    """A step that is safe in the journal."""

    step: int
    applied: int
    digest: str
    reports: ReportsRecord


def digest_of(table: bytes) -> str:
    """What a schedule is known by."""
    return hashlib.blake2b(table, digest_size=16).hexdigest()


def loaded_of(digest: str, table: bytes) -> Loaded:
    """The schedule of a table as bytes. Raises ValueError, IndexError or MsgspecError where it is none, or another."""
    if digest_of(table) != digest:
        raise ValueError("the schedule was damaged on its way")
    schedule = schedule_of_table(msgspec.msgpack.decode(table, type=CueTable))
    return Loaded(digest, Numbering(schedule), table)


class Keeper:
    """Writes the journal of one conductor, whose journal and whose listener it is."""

    def __init__(self, directory: Path, tell: Callable[[Told], None]) -> None:
        """`directory`: one conductor's own. `tell`: called after each step. Raises OSError."""
        self._directory = directory
        self._tell = tell
        self._file = JournalFile(directory / JOURNAL)
        self._memory: Callable[[], ConductorMemory] | None = None
        self._reports: list[Report] = []
        self._targets: tuple[Target, ...] = ()
        self._loaded = NOTHING_LOADED
        self._applied = 0
        self._coming = (0, NOTHING_LOADED)

    def close(self, *, politely: bool) -> None:
        """Let go; `politely`: nothing is left for a successor."""
        if politely:
            self._file.clear()
            self._forget_schedules(but="")
        self._file.close()

    @property
    def last_applied(self) -> int:
        """The number of the last input that was applied."""
        return self._applied

    @property
    def loaded(self) -> Loaded:
        """The schedule that numbers refer to."""
        return self._loaded

    @property
    def targets(self) -> tuple[Target, ...]:
        """Whom the conductor plays for."""
        return self._targets

    def find(self) -> Left | None:
        """What a predecessor left, if it can be gone on from; what cannot be is thrown away."""
        found = self._file.find()
        if found is None:
            return None
        try:
            kept = msgspec.msgpack.decode(found.content, type=_Kept)
            loaded = NOTHING_LOADED
            if kept.digest:
                loaded = loaded_of(kept.digest, self._schedule_file(kept.digest).read_bytes())
            memory = conductor_memory(kept.conductor, loaded.numbering)
        except (OSError, ValueError, LookupError, msgspec.MsgspecError):
            self._file.clear()
            return None
        self._targets, self._loaded, self._applied = kept.targets, loaded, kept.applied
        self._coming = (kept.applied, loaded)
        return Left(found.step, kept.applied, kept.targets, loaded, memory, kept.reports, found.unfinished)

    def follow(self, targets: tuple[Target, ...], memory: Callable[[], ConductorMemory]) -> None:
        """From now on keep this conductor, which plays for `targets`."""
        self._targets = targets
        self._memory = memory

    def expect(self, number: int, loaded: Loaded | None = None) -> None:
        """The next input that is applied is this one; with it comes, perhaps, another schedule."""
        self._coming = (number, loaded or self._loaded)
        if loaded is not None and loaded.digest != self._loaded.digest:
            self._schedule_file(loaded.digest).write_bytes(loaded.table)

    def _schedule_file(self, digest: str) -> Path:
        return self._directory / f"{SCHEDULE}.{digest}"

    def _forget_schedules(self, *, but: str) -> None:
        for path in self._directory.glob(f"{SCHEDULE}.*"):
            if path != self._schedule_file(but):
                path.unlink(missing_ok=True)

    # Journal

    def begins(self, at: HostNs) -> None:
        """A step is under way."""
        self._file.begin(at)

    def dealt(self, fate: Fate) -> None:
        """One more outcome of the step has been dealt with."""
        self._file.deal(fate)

    def applied(self) -> None:
        """The expected input has been applied."""
        before = self._loaded
        self._applied, self._loaded = self._coming
        self.ends()
        if before.digest != self._loaded.digest:
            self._forget_schedules(but=self._loaded.digest)

    def ends(self) -> None:
        """The step is whole."""
        assert self._memory is not None
        numbering = self._loaded.numbering
        reports = reports_record(self._reports, numbering)
        self._reports.clear()
        conductor = conductor_record(self._memory(), numbering)
        kept = _Kept(self._applied, self._loaded.digest, self._targets, conductor, reports)
        self._file.end(_encode(kept))
        self._tell(Told(self._file.step, self._applied, self._loaded.digest, reports))

    def note(self, report: Report) -> None:
        """A report of the step under way."""
        self._reports.append(report)
