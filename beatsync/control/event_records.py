"""Events as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from beatsync.conductor.report import Report
from beatsync.control.records import written
from beatsync.control.ring import Event, HealthChanged, SectionEntered
from beatsync.core.units import seconds_from_ns
from beatsync.decks.news import News
from beatsync.terminal.cue_lines import cue_record


def event_record(event: Event) -> Mapping[str, Any]:
    """What an event says. `at`: when, in seconds of the daemon's clock; `event`: what, within its kind."""
    return {"at": seconds_from_ns(event.at), **_record_of(event)}


def _record_of(event: Event) -> Mapping[str, Any]:
    match event.fact:
        case Report() as report:
            return {**cue_record(report), "deck": report.outcome.deck}
        case News() as news:
            return {"event": news.event, "text": news.text, "grave": news.grave, **news.fields}
        case SectionEntered(deck, section, position):
            return {
                "event": "section",
                "deck": deck,
                "section": section.name if section else None,
                "label": section.label if section else None,
                "energy": section.energy if section else None,
                "start": seconds_from_ns(section.start) if section else None,
                "end": seconds_from_ns(section.end) if section else None,
                "position": None if position is None else seconds_from_ns(position),
            }
        case HealthChanged(target, health):
            return {
                "event": "target",
                "target": target,
                "state": health.state,
                "peer": health.peer,
                "detail": health.detail,
            }
        case _:
            assert_never(event.fact)


def as_server_sent(event: Event, run: str) -> bytes:
    """One event of a stream. Its id is for whoever comes back: it goes on from there."""
    data = written(event_record(event))
    return f"id: {run}-{event.number}\nevent: {event.kind}\ndata: ".encode() + data + b"\n\n"
