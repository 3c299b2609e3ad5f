"""A show that is kept while it plays, and played again without it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.system.oscdump import free_port, write_track
from tests.system.program import beatsync, environment, running
from tests.system.shows import short_document, write_show


def keep_a_show(folder: Path, trace: Path) -> tuple[Path, dict[str, str]]:
    write_track(folder, short_document(seconds=3.0, bpm=240))
    config = write_show(folder, free_port())
    env = environment(folder)
    with running(config, "--once", "--record", str(trace), env=env) as daemon:
        assert daemon.wait() == 0
    return config, env


def test_a_show_that_was_kept_is_played_again_without_it(tmp_path: Path) -> None:
    trace = tmp_path / "trace.jsonl"
    config, env = keep_a_show(tmp_path, trace)
    played = beatsync("simulate", config, "--trace", trace, "--json", env=env)
    assert played.returncode == 0, played.stderr
    about, *cues = map(json.loads, played.stdout.splitlines())
    assert about["decisions_as_then"] is True
    assert [cue["address"] for cue in cues if cue["address"].startswith("/section/")] == [
        "/section/Intro",
        "/section/Drop",
    ]
    assert len([cue for cue in cues if cue["address"] == "/beat"]) == 12
    same = beatsync("simulate", config, "--trace", trace, "--diff", env=env)
    assert same.stdout.splitlines()[-1].endswith("sent: the same as then"), same.stdout


def test_with_other_rules_only_what_differs_is_shown(tmp_path: Path) -> None:
    trace = tmp_path / "trace.jsonl"
    config, env = keep_a_show(tmp_path, trace)
    rules = "rules: [{on: section, send: {address: '/section/{label}', args: [energy]}}]\n"
    config.write_text(config.read_text() + rules)
    differing = beatsync("simulate", config, "--trace", trace, "--diff", env=env).stdout
    assert "- " in differing
    assert "/beat" in differing
    assert "/section/" not in differing
    assert "missing" in differing.splitlines()[-1]


def test_each_start_of_the_daemon_is_a_session_of_its_own(tmp_path: Path) -> None:
    trace = tmp_path / "trace.jsonl"
    config, env = keep_a_show(tmp_path, trace)
    keep_a_show(tmp_path, trace)
    for options in ((), ("--session", "1"), ("--session", "2")):
        played = beatsync("simulate", config, "--trace", trace, *options, env=env)
        assert "12 cues" not in played.stdout
        assert played.returncode == 0
    beyond = beatsync("simulate", config, "--trace", trace, "--session", "3", env=env)
    assert beyond.returncode == 65
    assert "session 3: there are 2" in beyond.stderr


def test_a_trace_that_is_none_or_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    write_track(tmp_path, short_document())
    config = write_show(tmp_path, free_port())
    env = environment(tmp_path)
    missing = beatsync("simulate", config, "--trace", tmp_path / "none.jsonl", env=env)
    assert (missing.returncode, missing.stderr.count("\n")) == (65, 1)
    assert "no such file" in missing.stderr
    unwritable = beatsync("run", config, "--record", tmp_path / "no" / "folder" / "trace", env=env)
    assert unwritable.returncode == 65
    assert "the trace cannot be written" in unwritable.stderr.splitlines()[-1]
