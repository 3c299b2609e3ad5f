"""Edits of a running show, with real processes, files and sockets."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from tests.system.oscdump import free_port, oscdump, write_track
from tests.system.program import beatsync, environment, running
from tests.system.shows import short_document, write_show

OLD = "rules: [{on: beat, send: {address: /old, args: [bar, beat]}}]\n"
NEW = OLD.replace("old", "new")


def test_a_file_that_is_edited_goes_live_by_itself_and_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    """L2."""
    write_track(tmp_path, short_document(seconds=60.0, bpm=600))
    with oscdump() as receiver:
        config = write_show(tmp_path, receiver.port, rules=OLD)
        with running(config, env=environment(tmp_path)) as daemon:
            receiver.wait_for(3)
            write_show(tmp_path, receiver.port, rules=NEW)
            (record,) = daemon.wait_for("reload")
            assert record["changes"] == ["rules: changed rules[0]"]
            receiver.wait_for(10, "/new")
            daemon.signal(signal.SIGTERM)
            assert daemon.wait() == 0
    played = [message.split(" ", 2)[2] for message in receiver.messages]
    assert len(played) == len(set(played))
    bars = [4 * (int(bar) - 1) + int(beat) for bar, beat in (place.split() for place in played)]
    assert bars == list(range(1, len(bars) + 1))


def test_sighup_reads_everything_again_and_a_bad_file_changes_nothing(tmp_path: Path) -> None:
    """L1; and the show does not end with the terminal that it was started from."""
    write_track(tmp_path, short_document(seconds=60.0, bpm=600))
    with oscdump() as receiver:
        config = write_show(tmp_path, receiver.port, rules=OLD + "reload: {watch: false}\n")
        with running(config, env=environment(tmp_path)) as daemon:
            receiver.wait_for(3)
            write_show(tmp_path, receiver.port, rules="rules: [{on: baet}]\n")
            daemon.signal(signal.SIGHUP)
            bad = daemon.wait_for("reload")[0]
            assert bad["done"] is False
            assert f"{config}:4:" in bad["problems"][0]
            before = len(receiver.messages)
            receiver.wait_for(before + 5, "/old")
            write_show(tmp_path, receiver.port, rules=NEW)
            daemon.signal(signal.SIGHUP)
            assert daemon.wait_for("reload", 2)[1]["done"] is True
            receiver.wait_for(5, "/new")
            daemon.signal(signal.SIGTERM)
            assert daemon.wait() == 0


def test_a_target_that_is_edited_moves_with_its_looks(tmp_path: Path) -> None:
    strobe = "rules: [{on: section, send: {address: /strobe, args: [1], end: {args: [0]}}}]\n"
    write_track(tmp_path, short_document(seconds=60.0))
    with oscdump() as first, oscdump() as second:
        config = write_show(tmp_path, first.port, rules=strobe)
        with running(config, env=environment(tmp_path)) as daemon:
            assert first.wait_for(1) == ["/strobe i 1"]
            write_show(tmp_path, second.port, rules=strobe)
            assert second.wait_for(1) == ["/strobe i 1"]
            assert first.wait_for(2) == ["/strobe i 1", "/strobe i 0"]
            daemon.signal(signal.SIGTERM)
            assert daemon.wait() == 0
            assert second.wait_for(2) == ["/strobe i 1", "/strobe i 0"]


def test_whoever_asks_for_a_reload_is_told_what_came_of_it(tmp_path: Path) -> None:
    """L1: with an exit code; the same that `beatsync check` has for the file."""
    write_track(tmp_path, short_document(seconds=60.0))
    env = environment(tmp_path)
    port = free_port()
    config = write_show(tmp_path, port, rules=OLD + "reload: {watch: false}\n")
    with running(config, env=env) as daemon:
        daemon.wait_for("armed")
        write_show(tmp_path, port, rules="rules: [{on: baet}]\nreload: {watch: false}\n")
        bad = beatsync("reload", env=env)
        assert bad.returncode == beatsync("check", config, env=env).returncode == 78
        assert f"{config}:4:" in bad.stderr
        write_show(tmp_path, port, rules=NEW + "reload: {watch: false}\n")
        good = beatsync("reload", env=env)
        assert (good.returncode, good.stderr) == (0, "")
        assert "rules: changed rules[0]" in good.stdout
        same = beatsync("reload", "--json", env=env)
        assert json.loads(same.stdout)["outcome"] == "reloaded: nothing has changed"
        beatsync("lock", env=env)
        locked = beatsync("reload", env=env)
        assert locked.returncode == 76
        assert "locked" in locked.stderr
