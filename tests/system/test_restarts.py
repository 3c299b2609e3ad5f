"""Shows that are begun again after their processes have gone, with real processes, clocks, files and sockets."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import time
from pathlib import Path

import pytest

from beatsync.control.client import ask_daemon
from beatsync.control.socket_path import conductor_directory
from beatsync.core.engine import MISSED
from beatsync.state.recollecting import UNCERTAIN
from tests.system.oscdump import write_track
from tests.system.program import Record, Running, beatsync, conductor_of, environment, running
from tests.system.shows import short_document, write_show
from tests.system.stamped import Arrival, StampedPort

BEATS = "rules: [{on: beat, send: {address: /beat, args: [bar, beat]}}]\n"
PERIOD = 100_000_000


def show(folder: Path, port: int) -> Path:
    write_track(folder, short_document(seconds=60.0, bpm=600))
    return write_show(folder, port, start="armed", rules=BEATS)


def number_of(text: str) -> int:
    """Which beat of the track `/beat BAR BEAT` is."""
    _, bar, beat = text.split()
    return 4 * (int(bar) - 1) + int(beat) - 1


def number_in(record: Record) -> int:
    """The same of a cue's record."""
    bar, beat = record["args"]
    return 4 * (int(bar) - 1) + int(beat) - 1


def grid_of(arrivals: list[Arrival]) -> int:
    """When the track would have begun, by those beats that were sent in time."""
    return min(one.at - number_of(one.text) * PERIOD for one in arrivals)


def begin_to_play(daemon: Running, env: dict[str, str]) -> None:
    daemon.wait_for("armed")
    assert beatsync("play", env=env).returncode == 0


def kill_both(daemon: Running, env: dict[str, str]) -> None:
    conductor = conductor_of(env)
    daemon.process.kill()
    daemon.wait()
    os.kill(conductor, signal.SIGKILL)


def lose_power(daemon: Running, env: dict[str, str]) -> None:
    """Both are gone, and with them the runtime directory, in which the conductor's journal is."""
    kill_both(daemon, env)
    shutil.rmtree(conductor_directory(Path(env["BEATSYNC_SOCKET"])))


def test_when_both_are_killed_a_new_conductor_goes_on_from_the_journal_and_what_was_missed_is_named(
    tmp_path: Path,
) -> None:
    """L3: each beat of the track was sent once, or has a line with its reason."""
    env = environment(tmp_path)
    with StampedPort() as port:
        config = show(tmp_path, port.port)
        with running(config, env=env) as first:
            begin_to_play(first, env)
            first.wait_for("cue", 12)
            kill_both(first, env)
        before = list(port.arrivals)
        with running(config, env=env) as second:
            (armed,) = second.wait_for("armed")
            (resumed,) = second.wait_for("resumed")
            second.wait_for("cue", len(before) + 20)
            second.signal(signal.SIGTERM)
            assert second.wait() == 0
    after = port.arrivals[len(before) :]
    assert armed["decks"]["main"]["taken_over_at"] > 0
    assert resumed["missed"] == sum(cue["verdict"] in {"dropped", "failed"} for cue in second.of("cue"))
    assert f"{resumed['missed']} cue" in resumed["message"]
    assert abs(grid_of(after) - grid_of(before)) < PERIOD // 4
    sent = [number_of(one.text) for one in port.arrivals]
    reported = [cue for daemon in (first, second) for cue in daemon.of("cue")]
    unsent = {number_in(cue) for cue in reported if cue["verdict"] == "dropped" and cue["reason"]}
    assert len(sent) == len(set(sent))
    assert unsent & set(sent) == set()
    assert unsent | set(sent) == set(range(max(sent) + 1))


def test_when_power_was_lost_the_show_goes_on_where_it_would_be_and_what_was_missed_is_named(tmp_path: Path) -> None:
    """L3, L12: each beat of the track was sent once, or is named; what was set by hand holds."""
    env = environment(tmp_path)
    with StampedPort() as port:
        config = show(tmp_path, port.port)
        with running(config, env=env) as first:
            begin_to_play(first, env)
            assert beatsync("lead", "lights", "30ms", env=env).returncode == 0
            assert beatsync("lock", env=env).returncode == 0
            first.wait_for("cue", 12)
            lose_power(first, env)
        death, before = time.time_ns(), list(port.arrivals)
        time.sleep(0.5)
        with running(config, env=env) as second:
            (resumed,) = second.wait_for("resumed")
            second.wait_for("cue", resumed["missed"] + 12)
            status = ask_daemon(Path(env["BEATSYNC_SOCKET"]), "status")
            second.signal(signal.SIGTERM)
            assert second.wait() == 0
    after = port.arrivals[len(before) :]
    assert abs(grid_of(after) - grid_of(before)) < PERIOD // 4
    sent = [number_of(one.text) for one in port.arrivals]
    missed = {number_in(cue) for cue in second.of("cue") if cue["reason"] == MISSED}
    assert len(sent) == len(set(sent))
    unknown_fate = {number_of(one.text) for one in before if one.at > death - UNCERTAIN}
    assert missed & set(sent) <= unknown_fate
    assert missed | set(sent) == set(range(max(sent) + 1))
    assert len(missed) >= (after[0].at - death) // PERIOD - 1
    assert f"{resumed['missed']} cues missed" in resumed["message"]
    assert status["locked"] is True
    assert status["targets"]["lights"]["lead_ms"] == 30


@pytest.mark.parametrize("conductor_lives", [True, False])
def test_a_file_that_was_broken_while_the_daemon_was_gone_does_not_end_the_show(
    tmp_path: Path, conductor_lives: bool
) -> None:
    """C11, L1, L3: it goes on as it was, says so everywhere, and takes the file once it is mended."""
    env = environment(tmp_path)
    control = Path(env["BEATSYNC_SOCKET"])
    with StampedPort() as port:
        config = show(tmp_path, port.port)
        good = config.read_text()
        with running(config, env=env) as first:
            begin_to_play(first, env)
            first.wait_for("cue", 12)
            if conductor_lives:
                first.process.kill()
                first.wait()
            else:
                lose_power(first, env)
            config.write_text(good.replace("on: beat", "on: baet"))
            before = len(port.arrivals)
            with running(config, env=env) as second:
                (said,) = second.wait_for("stand_in")
                assert f"{config}:4:" in said["problems"][0]
                assert "is in force until that is mended" in said["message"]
                while len(port.arrivals) == before:
                    second.wait_for("cue", len(second.of("cue")) + 1)
                status = ask_daemon(control, "status")
                assert status["stand_in"]["problems"] == said["problems"]
                assert status["decks"]["main"]["playback"] == "playing"
                assert said["problems"][0] in beatsync("status", env=env).stdout.splitlines()[0]
                bad = beatsync("reload", env=env)
                assert (bad.returncode, f"{config}:4:" in bad.stderr) == (78, True)
                config.write_text(good.replace("/beat", "/mended"))
                while not any(one["done"] for one in second.of("reload")):
                    second.wait_for("reload", len(second.of("reload")) + 1)
                assert second.of("reload")[-1]["changes"][0] == "the show's files are in force again"
                assert ask_daemon(control, "status")["stand_in"] is None
                while not any(one["address"] == "/mended" for one in second.of("cue")):
                    second.wait_for("cue", len(second.of("cue")) + 1)
                second.signal(signal.SIGINT)
                assert second.wait() == 0
            config.write_text("[")
            refused = beatsync("run", config, env=env)
            assert (refused.returncode, f"{config}:1:1" in refused.stderr) == (78, True)
    assert any(one.text.startswith("/mended") for one in port.arrivals)
    sent = [number_of(one.text) for one in port.arrivals]
    assert len(sent) == len(set(sent))


@pytest.mark.parametrize(
    ("ended_by", "options", "goes_on"),
    [
        (signal.SIGTERM, (), True),
        (signal.SIGINT, (), False),
        (signal.SIGKILL, (), True),
        (signal.SIGKILL, ("--fresh",), False),
        (signal.SIGTERM, ("--fresh",), False),
    ],
    ids=["terminated", "interrupted", "killed", "killed, and begun afresh", "terminated, and begun afresh"],
)
def test_how_a_show_came_to_its_end_says_whether_it_goes_on(
    tmp_path: Path, ended_by: signal.Signals, options: tuple[str, ...], goes_on: bool
) -> None:
    """L8"""
    env = environment(tmp_path)
    with StampedPort() as port:
        config = show(tmp_path, port.port)
        with running(config, env=env) as first:
            begin_to_play(first, env)
            first.wait_for("cue", 3)
            time.sleep(0.1)
            if ended_by is signal.SIGKILL:
                kill_both(first, env)
            else:
                first.signal(ended_by)
                assert first.wait() == 0
        before = len(port.arrivals)
        with running(config, *options, env=env) as second:
            (armed,) = second.wait_for("armed")
            if goes_on:
                second.wait_for("cue", 3)
            playback = ask_daemon(Path(env["BEATSYNC_SOCKET"]), "status")["decks"]["main"]["playback"]
            assert playback == ("playing" if goes_on else "armed")
            assert bool(second.of("resumed") or "taken_over_at" in armed["decks"]["main"]) is goes_on
    assert (len(port.arrivals) > before) is goes_on


def test_a_start_that_was_refused_is_no_crash(tmp_path: Path) -> None:
    """L4: three of them do not lead into safe mode, and what was kept is kept."""
    env = environment(tmp_path)
    with StampedPort() as port, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        config = show(tmp_path, port.port)
        config.write_text(config.read_text() + f"control: {{http: {taken.getsockname()[1]}}}\n")
        for _ in range(3):
            refused = beatsync("run", config, env=env)
            assert refused.returncode == 76
            assert "address already in use" in refused.stderr
        taken.close()
        with running(config, env=env) as daemon:
            daemon.wait_for("armed")
            assert daemon.of("state") == []
