"""`beatsync bench`, made short."""

from __future__ import annotations

import json
from pathlib import Path

from tests.system.program import beatsync, environment

SITUATIONS = ["idle", "busy", "overload", "burst"]


def test_bench_plays_every_situation_and_all_of_its_cues_come(tmp_path: Path) -> None:
    ran = beatsync("bench", "--seconds", "5", "--json", env=environment(tmp_path))
    record = json.loads(ran.stdout)
    assert list(record["milliseconds"]) == SITUATIONS
    assert [its["missing"] for its in record["milliseconds"].values()] == [0, 0, 0, 0]
    assert ran.returncode == (0 if record["good_for_a_show"] else 1)
    assert record["good_for_a_show"] is not any(record["faults"].values())


def test_bench_says_in_words_whether_the_machine_is_good_for_a_show(tmp_path: Path) -> None:
    ran = beatsync("bench", "--seconds", "5", env=environment(tmp_path))
    verdict = "good for a show" if ran.returncode == 0 else "NOT good for a show"
    lines = ran.stdout.splitlines()
    words = [line[2:].split() for line in lines]
    assert [its[0] for its in words if its and its[0] in SITUATIONS] == SITUATIONS
    assert any(line.startswith(verdict) for line in lines)
    assert any(line.startswith("real-time priority: ") for line in lines)
    assert any("█" in line for line in lines)
