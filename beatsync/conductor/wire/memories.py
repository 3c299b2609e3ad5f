"""What a conductor remembers, as a record: for the journal, so that another process can go on where this one was."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from beatsync.conductor.report import Report
from beatsync.conductor.wire.cues import CueNumber, CueTable, Numbering, NumberReader, NumberWriter
from beatsync.core.leads import Lead
from beatsync.core.memory import CursorMemory, EngineMemory, Held, TargetMemory
from beatsync.core.schedule import Cue
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs, TrackNs
from beatsync.core.verdicts import Cause, Outcome, Verdict


class OutcomeRecord(Struct, frozen=True, array_like=True):
    """An Outcome of a deck."""

    cue: CueNumber
    verdict: Verdict
    cause: Cause
    due: int
    pass_number: int
    reason: str


class CursorRecord(Struct, frozen=True, array_like=True):
    """A CursorMemory with the lead of its lane."""

    lead: Lead
    index: int
    decided: int | None
    landed: int | None
    settled: list[CueNumber]


class TargetRecord(Struct, frozen=True, array_like=True):
    """A TargetMemory."""

    saved: int
    counted_at: int
    cursors: list[CursorRecord]
    standing: list[CueNumber]
    begun: list[tuple[CueNumber, CueNumber]]
    fired: list[CueNumber]
    renewed: list[CueNumber]
    silences: tuple[str, ...]


class EngineRecord(Struct, frozen=True, array_like=True):
    """An EngineMemory."""

    transport: Transport | None
    leads: dict[str, Lead]
    track_lead: Lead
    targets: dict[str, TargetRecord]
    owed: list[OutcomeRecord]
    holds: list[tuple[int, int, CueNumber]]
    decided_at: int
    reached: int
    entered: bool
    pass_number: int
    strays: CueTable


class ReportRecord(Struct, frozen=True, array_like=True):
    """A Report of a deck."""

    outcome: OutcomeRecord
    at: HostNs
    position: TrackNs | None


class ReportsRecord(Struct, frozen=True, array_like=True):
    """Some reports of one deck, with the cues among them that are not of its schedule, whose digest this is."""

    deck: str
    digest: str
    reports: list[ReportRecord]
    strays: CueTable


class OutcomesRecord(Struct, frozen=True, array_like=True):
    """Some outcomes of one deck, with the cues among them that are not of its schedule."""

    outcomes: list[OutcomeRecord]
    strays: CueTable


def outcome_record(outcome: Outcome, writer: NumberWriter) -> OutcomeRecord:
    """The record of an outcome."""
    return OutcomeRecord(
        writer.number(outcome.cue),
        outcome.verdict,
        outcome.cause,
        outcome.due,
        outcome.pass_number,
        outcome.reason,
    )


def outcome_of(record: OutcomeRecord, reader: NumberReader, deck: str) -> Outcome:
    """The outcome of a record."""
    return Outcome(
        deck=deck,
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
        leads=dict(memory.leads),
        track_lead=memory.track_lead,
        targets={name: _target_record(target, writer) for name, target in memory.targets.items()},
        owed=[outcome_record(outcome, writer) for outcome in memory.owed],
        holds=[(held.out, held.due, writer.number(held.cue)) for held in memory.holds],
        decided_at=memory.decided_at,
        reached=memory.reached,
        entered=memory.entered,
        pass_number=memory.pass_number,
        strays=writer.strays(),
    )


def engine_memory(record: EngineRecord, numbering: Numbering, *, deck: str) -> EngineMemory:
    """The memory of a record. Raises IndexError where it is not of this schedule."""
    reader = numbering.reader(record.strays)
    return EngineMemory(
        transport=record.transport,
        leads=record.leads,
        track_lead=record.track_lead,
        targets={name: _target_memory(target, reader) for name, target in record.targets.items()},
        owed=tuple(outcome_of(outcome, reader, deck) for outcome in record.owed),
        holds=tuple(Held(HostNs(out), HostNs(due), reader.cue(number)) for out, due, number in record.holds),
        decided_at=HostNs(record.decided_at),
        reached=TrackNs(record.reached),
        entered=record.entered,
        pass_number=record.pass_number,
    )


def outcomes_record(outcomes: Iterable[Outcome], numbering: Numbering) -> OutcomesRecord:
    """The record of one deck's outcomes."""
    writer = numbering.writer()
    return OutcomesRecord([outcome_record(outcome, writer) for outcome in outcomes], writer.strays())


def outcomes_of(record: OutcomesRecord, numbering: Numbering, *, deck: str) -> list[Outcome]:
    """The outcomes of a record. Raises IndexError where it is not of this schedule."""
    reader = numbering.reader(record.strays)
    return [outcome_of(outcome, reader, deck) for outcome in record.outcomes]


def reports_record(reports: Iterable[Report], numbering: Numbering, *, deck: str, digest: str) -> ReportsRecord:
    """The record of one deck's reports."""
    writer = numbering.writer()
    records = [ReportRecord(outcome_record(one.outcome, writer), one.at, one.position) for one in reports]
    return ReportsRecord(deck, digest, records, writer.strays())


def reports_of(record: ReportsRecord, numbering: Numbering) -> list[Report]:
    """The reports of a record. Raises IndexError where it is not of this schedule."""
    reader = numbering.reader(record.strays)
    return [Report(outcome_of(one.outcome, reader, record.deck), one.at, one.position) for one in record.reports]


def _target_record(memory: TargetMemory, writer: NumberWriter) -> TargetRecord:
    number = writer.number
    return TargetRecord(
        memory.saved,
        memory.counted_at,
        [_cursor_record(lead, cursor, writer) for lead, cursor in memory.cursors],
        [number(cue) for cue in memory.standing],
        [(number(end), number(start)) for end, start in memory.begun],
        [number(cue) for cue in memory.fired],
        [number(cue) for cue in memory.renewed],
        memory.silences,
    )


def _target_memory(record: TargetRecord, reader: NumberReader) -> TargetMemory:
    return TargetMemory(
        saved=record.saved,
        counted_at=HostNs(record.counted_at),
        cursors=tuple((cursor.lead, _cursor_memory(cursor, reader)) for cursor in record.cursors),
        standing=_cues(record.standing, reader),
        begun=tuple((reader.cue(end), reader.cue(start)) for end, start in record.begun),
        fired=_cues(record.fired, reader),
        renewed=_cues(record.renewed, reader),
        silences=record.silences,
    )


def _cursor_record(lead: Lead, memory: CursorMemory, writer: NumberWriter) -> CursorRecord:
    settled = [writer.number(cue) for cue in memory.settled]
    return CursorRecord(lead, memory.index, memory.decided, memory.landed, settled)


def _cursor_memory(record: CursorRecord, reader: NumberReader) -> CursorMemory:
    return CursorMemory(
        index=record.index,
        decided=None if record.decided is None else TrackNs(record.decided),
        landed=None if record.landed is None else TrackNs(record.landed),
        settled=_cues(record.settled, reader),
    )


def _cues(numbers: Iterable[CueNumber], reader: NumberReader) -> tuple[Cue, ...]:
    return tuple(reader.cue(number) for number in numbers)
