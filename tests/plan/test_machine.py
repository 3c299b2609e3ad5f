"""The plan as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given, settings

from beatsync.core.notes import Note
from beatsync.core.osc import Tag
from beatsync.core.rules import Edge, Literal, Text, TimeShift, TrackEdge
from beatsync.core.templates import Template
from beatsync.core.units import ms
from beatsync.plan.machine import COLUMNS, plan_csv, plan_json
from tests.plan.shows import (
    BEATS,
    HOSTILE,
    SECTIONS,
    PlannedShow,
    computed,
    default_show,
    rule,
    show_of,
    shows,
    track_of,
)


def document_of(show: PlannedShow) -> dict[str, Any]:
    written = plan_json(show.track, show.schedule, targets=show.targets, notes=show.notes)

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    document = json.loads(written, parse_constant=refuse)
    assert isinstance(document, dict)
    return document


def lines_of(show: PlannedShow) -> list[dict[str, str]]:
    written = plan_csv(show.track, show.schedule, targets=show.targets)
    return list(csv.DictReader(io.StringIO(written, newline="")))


def test_the_document_has_the_track_the_notes_and_the_cues() -> None:
    document = document_of(default_show())
    assert list(document) == ["track", "notes", "cues"]
    assert document["track"]["duration_ns"] == 32_000_000_000
    assert document["track"]["bars"] == 16
    assert [section["name"] for section in document["track"]["sections"]] == ["Intro", "Build", "Drop", "Break"]


def test_a_cue_as_json_has_whole_nanoseconds_and_seconds() -> None:
    show = show_of(track_of()[0], [rule("look", SECTIONS, "/look/{label}", computed("energy"), target="visuals")])
    assert document_of(show)["cues"][1] == {
        "position_ns": 8_000_000_000,
        "seconds": 8.0,
        "clock": "0:08.000",
        "bar_beat": "5.1",
        "target": "visuals",
        "address": "/look/Build",
        "types": ",i",
        "args": [3],
        "why": "rules[0] 'look' · Build · bar 5",
        "kind": "state",
        "phase": "start",
        "lead_ns": 40_000_000,
        "track_lead_ns": 0,
        "hold_ns": None,
        "ending": None,
    }


def test_json_tells_what_follows_a_hold() -> None:
    cue = document_of(show_of(track_of()[0], [rule("hit", BEATS, "/hit", hold=ms(120))]))["cues"][0]
    assert cue["hold_ns"] == 120_000_000
    assert cue["ending"] == {"target": "lights", "address": "/off", "types": ",i", "args": [0]}


def test_json_is_ascii_so_that_no_locale_can_spoil_it() -> None:
    """H15, I13."""
    show = default_show(labels=HOSTILE)
    assert plan_json(show.track, show.schedule, targets=show.targets, notes=show.notes).isascii()


def test_the_schedules_own_notes_are_told_once() -> None:
    show = default_show(beat_grid=None)
    told = plan_json(show.track, show.schedule, targets=(), notes=(*show.schedule.notes, Note("here", "mine")))
    notes = [Note(**note) for note in json.loads(told)["notes"]]
    assert notes == [*show.schedule.notes, Note("here", "mine")]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"])
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    show = show_of(track_of()[0], [rule("x", SECTIONS, "/x", Text(Template.parse(text)), target=text)])
    line = lines_of(show)[0]
    assert line["target"] == f"'{text}"
    assert json.loads(line["args"]) == [text]
    assert not any(cell[:1] in set("=+-@\t\r") for cell in line.values())


def test_numbers_in_a_spreadsheet_stay_numbers_below_zero_too() -> None:
    show = show_of(track_of()[0], [rule("x", TrackEdge(Edge.START), "/x", at=TimeShift(ms(-1500)))])
    line = lines_of(show)[0]
    assert (line["position_ns"], line["seconds"], line["clock"]) == ("-1500000000", "-1.5", "'-0:01.500")


def test_bar_and_beat_stand_in_columns_of_their_own_since_spreadsheets_know_dates() -> None:
    line = lines_of(show_of(track_of()[0], [rule("look", SECTIONS, "/look")]))[1]
    assert (line["bar"], line["beat"]) == ("5", "1")


def test_a_blob_is_hexadecimal_in_both() -> None:
    show = show_of(track_of()[0], [rule("x", SECTIONS, "/x", Literal(Tag.BLOB, b"\x00\xff"))])
    assert document_of(show)["cues"][0]["args"] == ["00ff"]
    assert lines_of(show)[0]["args"] == '["00ff"]'


def test_a_csv_without_cues_is_its_head() -> None:
    show = show_of(track_of()[0], [])
    assert plan_csv(show.track, show.schedule, targets=()) == ",".join(COLUMNS) + "\r\n"


@settings(max_examples=30, deadline=None)
@given(shows())
def test_every_cue_is_in_both_exactly_once_and_in_order(show: PlannedShow) -> None:
    """I13."""
    cues = [(cue.position, cue.address, cue.types) for cue in show.schedule.cues]
    assert [(cue["position_ns"], cue["address"], cue["types"]) for cue in document_of(show)["cues"]] == cues
    assert [(int(line["position_ns"]), line["address"], line["types"]) for line in lines_of(show)] == cues
