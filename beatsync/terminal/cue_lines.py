"""One line for one cue: for people, and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from beatsync.conductor.report import Report
from beatsync.core.engine import MAIN_DECK
from beatsync.core.osc import Tag, Value
from beatsync.core.units import NS_PER_MS, clock_face, seconds_from_ns
from beatsync.core.verdicts import Cause


def written_arguments(arguments: tuple[tuple[Tag, Value], ...]) -> str:
    """Type tags and values as people read them: `,if 3 0.75`."""
    tags = "," + "".join(tag for tag, _ in arguments)
    values = [_written(value) for tag, value in arguments if tag not in {Tag.TRUE, Tag.FALSE, Tag.NIL, Tag.IMPULSE}]
    return " ".join([tags, *values])


def _written(value: Value) -> str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float):
        return f"{value:.6g}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)


def cue_line(report: Report) -> str:
    """`sent   1:02.345  33.1  lights  /downbeat ,i 33  +0.04 ms  default 'downbeats' · Drop 2 · bar 33`."""
    outcome, cue = report.outcome, report.outcome.cue
    why = cue.why if outcome.cause is Cause.PLAYED else f"{cue.why} · {outcome.cause}"
    why = why if outcome.deck == MAIN_DECK else f"deck {outcome.deck}: {why}"
    columns = [
        f"{outcome.verdict:<10}",
        f"{clock_face(cue.position):>9}",
        f"{cue.place.count or '-':>6}",
        f"{cue.target:<10}",
        f"{cue.address} {written_arguments(cue.arguments)}",
    ]
    if outcome.to_send:
        columns.append(f"{report.lateness / NS_PER_MS:+.2f} ms")
    columns.append(f"{why} ({outcome.reason})" if outcome.reason else why)
    return "  ".join(columns)


def skipped_line(count: int, first: Report, last: Report) -> str:
    """`skipped   0:02.312 to 1:06.590  190 cues (a seek passed over it)`."""
    outcome = first.outcome
    span = f"{clock_face(outcome.cue.position):>9} to {clock_face(last.outcome.cue.position)}"
    return f"{outcome.verdict:<10}  {span}  {count:,} cues ({outcome.reason})"


def cue_record(report: Report) -> Mapping[str, Any]:
    """The same as a JSON object. Instants of the host are monotonic seconds."""
    outcome, cue = report.outcome, report.outcome.cue
    return {
        "event": "cue",
        "verdict": outcome.verdict,
        "cause": outcome.cause,
        "reason": outcome.reason or None,
        "position": seconds_from_ns(cue.position),
        "bar_beat": cue.place.count or None,
        "deck": outcome.deck,
        "target": cue.target,
        "address": cue.address,
        "types": cue.types,
        "args": [value.hex() if isinstance(value, bytes) else value for _, value in cue.arguments],
        "why": cue.why,
        "pass": outcome.pass_number,
        "due": seconds_from_ns(outcome.due),
        "lateness_ms": report.lateness / NS_PER_MS if outcome.to_send else None,
    }
