"""The demo, as a newcomer sees it."""

from __future__ import annotations

import json
from pathlib import Path

from beatsync.core.document import parse_track
from beatsync.demo_track import demo_document
from tests.system.oscdump import oscdump
from tests.system.program import beatsync, environment


def test_each_downbeat_and_section_of_the_demo_arrives_exactly_once_and_in_order(tmp_path: Path) -> None:
    track = parse_track(demo_document(), source="demo").track
    assert track.grid is not None
    bars = [bar.number for bar in track.grid.bars if bar.number > 0]
    with oscdump() as receiver:
        result = beatsync("demo", "--fast", "--to", f"127.0.0.1:{receiver.port}", env=environment(tmp_path))
        assert result.returncode == 0, result.stderr
        assert receiver.wait_for(len(bars), "/downbeat") == [f"/downbeat i {bar}" for bar in bars]
        sections = receiver.wait_for(len(track.sections), "/section/")
        assert sections == [f"/section/{section.label} i {section.energy or 0}" for section in track.sections]
        assert len(receiver.wait_for(len(track.grid.beats), "/beat")) == len(track.grid.beats)


def test_the_demo_prints_each_cue_with_its_why_and_sums_up(tmp_path: Path) -> None:
    result = beatsync("demo", "--fast", env=environment(tmp_path))
    lines = result.stdout.splitlines()
    assert result.returncode == 0, result.stderr
    assert any("/downbeat ,i 1 " in line and "default 'downbeats'" in line and "bar 1" in line for line in lines)
    assert "cues due" in lines[-1]
    assert "lateness p50" in lines[-1]


def test_the_demo_as_json_has_a_record_for_each_cue_and_balanced_books(tmp_path: Path) -> None:
    result = beatsync("demo", "--fast", "--json", env=environment(tmp_path))
    records = [json.loads(line) for line in result.stdout.splitlines()]
    cues = [record for record in records if record["event"] == "cue"]
    summary = records[-1]
    assert summary["event"] == "summary"
    assert summary["due"] == sum(summary["verdicts"].values()) == len(cues)
    assert summary["lateness_ms"]["max"] == 0  # in virtual time nothing is late
