"""The commands' exit codes and outputs."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import trio

from beatsync.config.schema import configuration_schema
from tests.sources.audioscape_server import AudioScapeServer, status
from tests.system.oscdump import write_track
from tests.system.program import beatsync, environment
from tests.system.shows import ASSET_ID, KEY, short_document, write_show

PORT = 7700


def test_a_good_configuration_checks_with_0_and_says_which_way_cues_go(tmp_path: Path) -> None:
    write_track(tmp_path, short_document())
    result = beatsync("check", write_show(tmp_path, PORT), env=environment(tmp_path))
    assert result.returncode == 0
    assert "osc.udp://127.0.0.1:7700 from 127.0.0.1" in result.stdout  # N14
    assert result.stdout.rstrip().endswith("show.yaml: good")


def test_check_lists_every_problem_of_every_file_and_exits_with_78(tmp_path: Path) -> None:
    bad = write_show(tmp_path, PORT, rules="rules: [{on: sectoin, send: {address: nowhere}, nmae: x}]\n")
    result = beatsync("check", bad, tmp_path / "missing.yaml", "--json", env=environment(tmp_path))
    first, second = json.loads(result.stdout)
    assert result.returncode == 78
    assert [(problem["line"], problem["column"], problem["path"]) for problem in first["problems"]] == [
        (4, 14, "rules[0].on"),
        (4, 39, "rules[0].send.address"),
        (4, 49, "rules[0].nmae"),
    ]
    assert {problem["file"] for problem in first["problems"]} == {str(bad)}
    assert first["problems"][2]["message"] == "unknown key (did you mean 'name'?)"
    assert second["problems"] == [
        {
            "file": str(tmp_path / "missing.yaml"),
            "line": None,
            "column": None,
            "path": None,
            "message": "no such file; check the path",
        }
    ]


def test_check_gives_each_note_its_place_in_the_file_or_in_the_track_document(tmp_path: Path) -> None:
    write_track(tmp_path, short_document().replace('"Drop"', '"Drp"'))
    rules = "rules: [{name: one, on: section, when: {label: Drop, energy: '> 4'}, send: {address: /x}}]\n"
    config = write_show(tmp_path, PORT, rules=rules)
    (record,) = json.loads(beatsync("check", config, "--json", env=environment(tmp_path)).stdout)
    assert record["ok"]
    assert [(note["file"], note["line"], note["path"]) for note in record["notes"]] == [
        (str(config), 4, "rules[0].when.energy"),
        (str(tmp_path / "track.json"), None, "sections[1].label"),
        (str(config), 4, "rules[0]"),
    ]
    said = beatsync("check", config, env=environment(tmp_path)).stdout.splitlines()
    assert said[0] == (
        f"{config}:4:62: note: rules[0].when.energy: matches no energy from 1 to 4: the rule never fires"
    )
    assert said[1].startswith(f"{tmp_path / 'track.json'}: note: sections[1].label: ")
    assert said[2] == f"{config}:4:9: note: rules[0] 'one': matches nothing in this track"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["frobnicate"], 64, "No such command"),
        (["demo", "--to", "nowhere"], 64, "--to 'nowhere'"),
        (["seek", "later"], 64, "expected seconds"),
        (["fetch", "12ab34"], 78, "12ab34"),
        (["status"], 76, "no beatsync is running"),
        (["play"], 76, "beatsync run CONFIG"),
        (["run", "missing.yaml"], 78, "missing.yaml"),
        (["fetch", ASSET_ID], 69, "AUDIOSCAPE_API_KEY"),
    ],
)
def test_each_kind_of_failure_has_its_exit_code_and_one_clear_line(
    tmp_path: Path,
    arguments: list[str],
    code: int,
    says: str,
) -> None:
    result = beatsync(*arguments, env=environment(tmp_path))
    assert result.returncode == code
    assert says in result.stderr + result.stdout
    assert "Traceback" not in result.stderr


def test_a_track_that_cannot_be_used_exits_with_65_and_names_the_place(tmp_path: Path) -> None:
    write_track(tmp_path, short_document().replace("240.0", "null").replace('"times": [0.0,', '"times": ["0.0",'))
    result = beatsync("plan", write_show(tmp_path, PORT), env=environment(tmp_path))
    assert result.returncode == 65
    assert "beat_grid.times[0]" in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("track", "says"),
    [
        ("{file: missing.json}", "no such file"),
        ("{file: .}", "is a directory"),
        ("{file: bad.json}", "beat_grid.times[0]"),
        ('{file: track.json, expect: {asset_id: "7"}}', "is this another track?"),
    ],
)
def test_check_finds_every_problem_for_which_run_would_refuse_the_show(tmp_path: Path, track: str, says: str) -> None:
    """I15 among them."""
    write_track(tmp_path, short_document())
    (tmp_path / "bad.json").write_text(short_document().replace('"times": [0.0,', '"times": ["0.0",'))
    config = write_show(tmp_path, PORT, track=track)
    result = beatsync("check", config, env=environment(tmp_path))
    assert result.returncode == 78
    assert result.stdout.startswith(f"{config}:1:8: track: ")
    assert says in result.stdout
    assert beatsync("plan", config, env=environment(tmp_path)).returncode in {65, 69}


def test_an_asset_that_only_the_network_has_is_no_problem_of_the_configuration(tmp_path: Path) -> None:
    config = write_show(tmp_path, PORT, track='{audioscape: "42"}')
    result = beatsync("check", config, env=environment(tmp_path))
    assert result.returncode == 0
    assert "the network was not asked" in result.stdout


def test_a_missing_track_file_exits_with_69(tmp_path: Path) -> None:
    result = beatsync("plan", write_show(tmp_path, PORT), env=environment(tmp_path))
    assert result.returncode == 69
    assert "track.json" in result.stderr


def test_a_track_on_standard_input_can_be_planned(tmp_path: Path) -> None:
    config = write_show(tmp_path, PORT, track='"-"')
    result = beatsync("plan", config, "--json", env=environment(tmp_path), stdin=short_document())
    assert result.returncode == 0, result.stderr
    assert len(json.loads(result.stdout)["cues"]) == 12


def test_plan_shows_every_cue_in_each_format(tmp_path: Path) -> None:
    write_track(tmp_path, short_document())
    config, env = write_show(tmp_path, PORT), environment(tmp_path)
    table = beatsync("plan", config, env=env).stdout
    assert table.count("/beat") == 8
    assert beatsync("plan", config, "--format", "csv", env=env).stdout.count("/beat") == 8
    svg = ET.fromstring(beatsync("plan", config, "--format", "svg", env=env).stdout)
    assert svg.tag.endswith("svg")


def test_plan_takes_another_track_than_the_configurations(tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(short_document(seconds=4))
    config = write_show(tmp_path, PORT)
    result = beatsync("plan", config, "--track", other, "--json", env=environment(tmp_path))
    assert json.loads(result.stdout)["track"]["duration"] == 4


def test_a_track_without_labels_and_grid_says_loudly_what_is_missing(tmp_path: Path) -> None:
    """I8 and the fall-backs."""
    write_track(tmp_path, json.dumps({"asset_id": ASSET_ID, "duration": 10, "bpm": 120, "sections": []}))
    result = beatsync("plan", write_show(tmp_path, PORT), env=environment(tmp_path))
    assert result.returncode == 0
    assert "no beat grid" in result.stdout


def test_the_schema_that_is_printed_is_the_one_that_is_tested(tmp_path: Path) -> None:
    result = beatsync("schema", env=environment(tmp_path))
    assert json.loads(result.stdout) == configuration_schema()


async def test_fetch_says_what_is_cached_fresh_and_failed_and_fails_if_anything_is_missing(tmp_path: Path) -> None:
    server = AudioScapeServer(key=KEY, documents={ASSET_ID: short_document().encode()})
    async with trio.open_nursery() as nursery:
        await nursery.start(server.serve)
        env = environment(tmp_path, AUDIOSCAPE_URL=server.url, AUDIOSCAPE_API_KEY=KEY)
        first = await trio.to_thread.run_sync(lambda: beatsync("fetch", ASSET_ID, "404404", env=env))
        nursery.cancel_scope.cancel()
    assert first.returncode == 69
    assert "fresh" in first.stdout
    assert "failed" in first.stdout
    assert KEY not in first.stdout + first.stderr
    assert f"audioscape {ASSET_ID}: asking 127.0.0.1" in first.stderr.splitlines()
    again = beatsync("fetch", ASSET_ID, "--json", env=env)  # the server is gone
    assert again.returncode == 0
    assert json.loads(again.stdout)[0]["outcome"] == "cached"
    config = write_show(tmp_path, PORT, track=f'{{audioscape: "{ASSET_ID}"}}')
    assert beatsync("plan", config, env=env).returncode == 0


async def test_who_waits_for_the_network_is_told_why_and_the_output_stays_as_it_is(tmp_path: Path) -> None:
    """A5."""
    server = AudioScapeServer(key=KEY, documents={ASSET_ID: short_document().encode()})
    server.script.append(status(503, Retry_After="0.5"))
    async with trio.open_nursery() as nursery:
        await nursery.start(server.serve)
        env = environment(tmp_path, AUDIOSCAPE_URL=server.url, AUDIOSCAPE_API_KEY=KEY)
        config = write_show(tmp_path, PORT, track=f'{{audioscape: "{ASSET_ID}"}}')
        result = await trio.to_thread.run_sync(lambda: beatsync("plan", config, "--json", env=env))
        nursery.cancel_scope.cancel()
    asked, again = result.stderr.splitlines()
    assert asked == f"audioscape {ASSET_ID}: asking 127.0.0.1"
    assert again.startswith(f"audioscape {ASSET_ID}: the server failed (503 Service Unavailable); asking again in 0.")
    assert len(json.loads(result.stdout)["cues"]) == 12


async def test_what_could_be_fetched_and_not_be_stored_is_missing_before_the_doors_open(tmp_path: Path) -> None:
    """H8, H9: the cache's place is taken by a file."""
    (tmp_path / "cache").write_text("no directory")
    server = AudioScapeServer(key=KEY, documents={ASSET_ID: short_document().encode()})
    async with trio.open_nursery() as nursery:
        await nursery.start(server.serve)
        env = environment(tmp_path, AUDIOSCAPE_URL=server.url, AUDIOSCAPE_API_KEY=KEY)
        result = await trio.to_thread.run_sync(lambda: beatsync("fetch", ASSET_ID, env=env))
        nursery.cancel_scope.cancel()
    assert result.returncode == 69
    assert "could not be stored" in result.stdout
    assert "1 failed" in result.stdout
