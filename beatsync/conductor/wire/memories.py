"""What a conductor remembers, as a record: for the journal, so that another process can go on where this one was."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from beatsync.conductor.memory import ConductorMemory
from beatsync.conductor.report import Report
from beatsync.conductor.tally import Totals
from beatsync.conductor.wire.cues import CueNumber, CueTable, Numbering, NumberReader, NumberWriter
from beatsync.core.memory import CursorMemory, EngineMemory
from beatsync.core.schedule import Cue
from beatsync.core.transport import Transport
from beatsync.core.units import DurationNs, HostNs, TrackNs
from beatsync.core.verdicts import Cause, Outcome, Verdict


class OutcomeRecord(Struct, frozen=True, array_like=True):
    """An Outcome."""

    cue: CueNumber
    verdict: Verdict
    cause: Cause
    due: int
    pass_number: int
    reason: str


class CursorRecord(Struct, frozen=True, array_like=True):
    """A CursorMemory."""

    lead: int
    saved: int
    counted_at: int
    index: int
    decided: int | None
    landed: int | None
    standing: list[CueNumber]
    begun: list[tuple[CueNumber, CueNumber]]
    fired: list[CueNumber]
    settled: list[CueNumber]
    renewed: list[CueNumber]


class EngineRecord(Struct, frozen=True, array_like=True):
    """An EngineMemory."""

    transport: Transport | None
    cursors: dict[str, CursorRecord]
    owed: list[OutcomeRecord]
    holds: list[tuple[int, CueNumber]]
    decided_at: int
    reached: int
    entered: bool
    pass_number: int
    strays: CueTable


class ReportRecord(Struct, frozen=True, array_like=True):
    """A Report."""

    outcome: OutcomeRecord
    at: HostNs
    position: TrackNs | None


class ReportsRecord(Struct, frozen=True, array_like=True):
    """Some reports, with the cues among them that are not of the schedule."""

    reports: list[ReportRecord]
    strays: CueTable


class ConductorRecord(Struct, frozen=True, array_like=True):
    """A ConductorMemory."""

    engine: EngineRecord
    totals: dict[str, Totals]
    queued: list[OutcomeRecord]
    strays: CueTable


def outcome_record(outcome: Outcome, writer: NumberWriter) -> OutcomeRecord:
    """The record of an outcome."""
    return OutcomeRecord(
        cue=writer.number(outcome.cue),
        verdict=outcome.verdict,
        cause=outcome.cause,
        due=outcome.due,
        pass_number=outcome.pass_number,
        reason=outcome.reason,
    )


def outcome_of(record: OutcomeRecord, reader: NumberReader) -> Outcome:
    """The outcome of a record."""
    return Outcome(
        cue=reader.cue(record.cue),
        verdict=record.verdict,
        cause=record.cause,
        due=HostNs(record.due),
        pass_number=record.pass_number,
        reason=record.reason,
    )


def engine_record(memory: EngineMemory, numbering: Numbering) -> EngineRecord:
    """The record of what an engine that plays the numbered schedule remembers."""
    writer = numbering.writer()
    return EngineRecord(
        transport=memory.transport,
        cursors={name: _cursor_record(cursor, writer) for name, cursor in memory.cursors.items()},
        owed=[outcome_record(outcome, writer) for outcome in memory.owed],
        holds=[(due, writer.number(cue)) for due, cue in memory.holds],
        decided_at=memory.decided_at,
        reached=memory.reached,
        entered=memory.entered,
        pass_number=memory.pass_number,
        strays=writer.strays(),
    )


def engine_memory(record: EngineRecord, numbering: Numbering) -> EngineMemory:
    """The memory of a record. Raises IndexError where it is not of this schedule."""
    reader = numbering.reader(record.strays)
    return EngineMemory(
        transport=record.transport,
        cursors={name: _cursor_memory(cursor, reader) for name, cursor in record.cursors.items()},
        owed=tuple(outcome_of(outcome, reader) for outcome in record.owed),
        holds=tuple((HostNs(due), reader.cue(number)) for due, number in record.holds),
        decided_at=HostNs(record.decided_at),
        reached=TrackNs(record.reached),
        entered=record.entered,
        pass_number=record.pass_number,
    )


def conductor_record(memory: ConductorMemory, numbering: Numbering) -> ConductorRecord:
    """The record of what a conductor that plays the numbered schedule remembers."""
    writer = numbering.writer()
    queued = [outcome_record(outcome, writer) for outcome in memory.queued]
    return ConductorRecord(engine_record(memory.engine, numbering), dict(memory.totals), queued, writer.strays())


def conductor_memory(record: ConductorRecord, numbering: Numbering) -> ConductorMemory:
    """The memory of a record. Raises IndexError where it is not of this schedule."""
    reader = numbering.reader(record.strays)
    queued = tuple(outcome_of(outcome, reader) for outcome in record.queued)
    return ConductorMemory(engine=engine_memory(record.engine, numbering), totals=record.totals, queued=queued)


def reports_record(reports: Iterable[Report], numbering: Numbering) -> ReportsRecord:
    """The record of reports."""
    writer = numbering.writer()
    records = [ReportRecord(outcome_record(one.outcome, writer), one.at, one.position) for one in reports]
    return ReportsRecord(records, writer.strays())


def reports_of(record: ReportsRecord, numbering: Numbering) -> list[Report]:
    """The reports of a record. Raises IndexError where it is not of this schedule."""
    reader = numbering.reader(record.strays)
    return [Report(outcome_of(one.outcome, reader), one.at, one.position) for one in record.reports]


def _cursor_record(memory: CursorMemory, writer: NumberWriter) -> CursorRecord:
    number = writer.number
    return CursorRecord(
        lead=memory.lead,
        saved=memory.saved,
        counted_at=memory.counted_at,
        index=memory.index,
        decided=memory.decided,
        landed=memory.landed,
        standing=[number(cue) for cue in memory.standing],
        begun=[(number(end), number(start)) for end, start in memory.begun],
        fired=[number(cue) for cue in memory.fired],
        settled=[number(cue) for cue in memory.settled],
        renewed=[number(cue) for cue in memory.renewed],
    )


def _cursor_memory(record: CursorRecord, reader: NumberReader) -> CursorMemory:
    def cues(numbers: Iterable[CueNumber]) -> tuple[Cue, ...]:
        return tuple(reader.cue(number) for number in numbers)

    return CursorMemory(
        lead=DurationNs(record.lead),
        saved=record.saved,
        counted_at=HostNs(record.counted_at),
        index=record.index,
        decided=None if record.decided is None else TrackNs(record.decided),
        landed=None if record.landed is None else TrackNs(record.landed),
        standing=cues(record.standing),
        begun=tuple((reader.cue(end), reader.cue(start)) for end, start in record.begun),
        fired=cues(record.fired),
        settled=cues(record.settled),
        renewed=cues(record.renewed),
    )
