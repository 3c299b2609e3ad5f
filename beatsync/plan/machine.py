"""The plan for programs: JSON, and CSV for spreadsheets. Positions are whole nanoseconds, and seconds beside them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from beatsync.core.notes import Note
from beatsync.core.schedule import Schedule
from beatsync.core.targets import Target
from beatsync.core.track import Section, Track
from beatsync.core.units import seconds_from_ns
from beatsync.plan.facts import all_notes
from beatsync.plan.rows import PlainMessage, PlanRow, plan_rows

COLUMNS: Final = (
    "position_ns", "seconds", "clock", "bar", "beat", "target", "address", "types", "args", "why", "kind", "phase",
    "lead_ns", "track_lead_ns", "hold_ns", "ending",
)  # fmt: skip
"""The columns of the CSV. `bar` and `beat` stand apart: spreadsheets take `3.1` for a date."""

_FORMULA_STARTS: Final = frozenset("=+-@\t\r\n")


def plan_json(
    track: Track, schedule: Schedule, *, targets: Sequence[Target], notes: Sequence[Note] = (), indent: int | None = 2
) -> str:
    """One document, `{"track": {...}, "notes": [...], "cues": [...]}`, in ASCII, with a line end after it.

    Blobs are hexadecimal digits. `indent`: as of json.dumps.
    """
    document = {
        "track": track_record(track),
        "notes": [{"place": note.place, "message": note.message} for note in all_notes(notes, schedule)],
        "cues": [cue_record(row) for row in plan_rows(track, schedule, targets=targets)],
    }
    return json.dumps(document, indent=indent, allow_nan=False) + "\n"


def track_record(track: Track) -> Mapping[str, Any]:
    """The track without its beats, whose number is given."""
    grid = track.grid
    return {
        "asset_id": track.asset_id or None,
        "duration_ns": track.duration,
        "duration": seconds_from_ns(track.duration),
        "bpm": track.bpm,
        "energy": track.energy,
        "beats": len(grid.beats) if grid else 0,
        "bars": sum(bar.number > 0 for bar in grid.bars) if grid else 0,
        "sections": [_span_record(section) for section in track.sections],
        "phrases": [_span_record(phrase) for phrase in track.phrases],
    }


def _span_record(span: Section) -> Mapping[str, Any]:
    return {
        "name": span.name,
        "label": span.label,
        "energy": span.energy,
        "start_ns": span.start,
        "end_ns": span.end,
        "bar": span.bar,
        "bars": span.bars,
    }


def cue_record(row: PlanRow) -> Mapping[str, Any]:
    """One cue as a JSON object."""
    return {
        "position_ns": row.position,
        "seconds": row.seconds,
        "clock": row.face,
        "bar_beat": row.bar_beat or None,
        **_message_record(row.message),
        "why": row.why,
        "kind": str(row.kind),
        "phase": row.phase.name.lower(),
        "lead_ns": row.lead.real,
        "track_lead_ns": row.lead.track,
        "hold_ns": row.hold,
        "ending": _message_record(row.ending) if row.ending else None,
    }


def _message_record(message: PlainMessage) -> Mapping[str, Any]:
    return {
        "target": message.target,
        "address": message.address,
        "types": message.types,
        "args": list(message.arguments),
    }


def plan_csv(track: Track, schedule: Schedule, *, targets: Sequence[Target]) -> str:
    """A line for each cue under a line of `COLUMNS`; the arguments are a JSON list.

    A text that a spreadsheet would take for a formula gets an apostrophe in front; numbers stay numbers.
    """
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(COLUMNS)
    for row in plan_rows(track, schedule, targets=targets):
        writer.writerow([_cell(value) for value in _values(row)])
    return lines.getvalue()


def _values(row: PlanRow) -> tuple[int | float | str | None, ...]:
    return (
        row.position,
        row.seconds,
        row.face,
        row.bar,
        row.beat,
        row.message.target,
        row.message.address,
        row.message.types,
        json.dumps(row.message.arguments, allow_nan=False),
        row.why,
        str(row.kind),
        row.phase.name.lower(),
        row.lead.real,
        row.lead.track,
        row.hold,
        row.ending.text if row.ending else None,
    )


def _cell(value: float | str | None) -> float | str | None:
    if isinstance(value, str) and value[:1] in _FORMULA_STARTS:
        return f"'{value}"
    return value
