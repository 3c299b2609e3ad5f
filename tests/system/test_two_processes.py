"""Daemon and conductor are two processes: what becomes of one is not heard through the other."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from beatsync.conductor.remote.spawning import SOCKET
from beatsync.conductor.wire.messages import PROTOCOL, Hello, encode
from beatsync.control.socket_path import conductor_directory
from tests.needs import needs
from tests.system.aftermath import check
from tests.system.kills import play_and_kill
from tests.system.oscdump import free_port, oscdump, write_track
from tests.system.program import PATIENCE_SECONDS, beatsync, conductor_of, environment, running
from tests.system.shows import short_document, write_show
from tests.system.stamped import StampedPort

STROBE = "rules: [{on: section, when: {label: Drop}, send: {address: /strobe, args: [1], end: {args: [0]}}}]"


def test_killing_either_process_loses_and_doubles_nothing_that_the_books_do_not_name(tmp_path: Path) -> None:
    """The short form of `make kills`."""
    check(play_and_kill(tmp_path, kills=8, seed=1))


def test_while_the_daemon_stands_still_the_cues_go_on(tmp_path: Path) -> None:
    write_track(tmp_path, short_document(seconds=60.0, bpm=600))
    with oscdump() as receiver, running(write_show(tmp_path, receiver.port), env=environment(tmp_path)) as daemon:
        daemon.wait_for("cue", 3)
        daemon.signal(signal.SIGSTOP)
        before = len(receiver.messages)
        receiver.wait_for(before + 20)
        daemon.signal(signal.SIGCONT)
        daemon.wait_for("cue", before + 20)
        assert {cue["verdict"] for cue in daemon.of("cue")} == {"sent"}


def test_a_killed_daemon_is_not_heard_and_the_next_one_takes_over_where_playback_stands(tmp_path: Path) -> None:
    write_track(tmp_path, short_document(seconds=60.0, bpm=600))
    with oscdump() as receiver:
        config, env = write_show(tmp_path, receiver.port), environment(tmp_path)
        with running(config, env=env) as first:
            first.wait_for("cue", 3)
            conductor = conductor_of(env)
            first.process.kill()
            first.wait()
            with running(config, env=env) as second:
                (armed,) = second.wait_for("armed")
                assert armed["decks"]["main"]["taken_over_at"] > 0
                assert conductor_of(env) == conductor
                second.wait_for("cue", 3)
                second.signal(signal.SIGTERM)
                assert second.wait() == 0
                summary = second.of("summary")[0]
        beats = [message for message in receiver.messages if message.startswith("/beat")]
        assert len(beats) == len(set(beats))
        assert summary["due"] == sum(summary["verdicts"].values()) == len(receiver.messages)


def test_a_killed_conductor_is_replaced_and_its_look_is_ended(tmp_path: Path) -> None:
    write_track(tmp_path, short_document(seconds=60.0))
    with oscdump() as receiver:
        env = environment(tmp_path)
        with running(write_show(tmp_path, receiver.port, start="armed", rules=STROBE), env=env) as daemon:
            daemon.wait_for("armed")
            beatsync("seek", "0:40", env=env)
            beatsync("play", env=env)
            assert receiver.wait_for(1) == ["/strobe i 1"]
            os.kill(conductor_of(env), signal.SIGKILL)
            daemon.wait_for("conductor")
            assert beatsync("stop", env=env).returncode == 0
            assert receiver.wait_for(2) == ["/strobe i 1", "/strobe i 0"]


def test_with_the_last_daemon_goes_its_conductor(tmp_path: Path) -> None:
    write_track(tmp_path, short_document(seconds=60.0))
    env = environment(tmp_path)
    with running(write_show(tmp_path, free_port()), env=env) as daemon:
        daemon.wait_for("armed")
        conductor = conductor_of(env)
        daemon.signal(signal.SIGTERM)
        assert daemon.wait() == 0
        assert ended(conductor)
    assert not (conductor_directory(Path(env["BEATSYNC_SOCKET"])) / SOCKET).exists()


@pytest.mark.parametrize("kill_the_daemon_first", [False, True])
def test_stop_all_ends_both_or_whichever_is_left(tmp_path: Path, kill_the_daemon_first: bool) -> None:
    write_track(tmp_path, short_document(seconds=60.0))
    with oscdump() as receiver:
        env = environment(tmp_path)
        start = f"{time.time() - 40:.3f}"
        with running(write_show(tmp_path, receiver.port, start=start, rules=STROBE), env=env) as daemon:
            daemon.wait_for("armed")
            receiver.wait_for(1)
            conductor = conductor_of(env)
            if kill_the_daemon_first:
                daemon.process.kill()
                daemon.wait()
            told = beatsync("stop", "--all", env=env)
            assert told.returncode == 0
            assert ("there was no daemon" in told.stdout) is kill_the_daemon_first
            assert receiver.wait_for(2) == ["/strobe i 1", "/strobe i 0"]
            assert ended(conductor)
        assert beatsync("stop", "--all", env=env).returncode == 76


def test_nonsense_on_the_wire_does_not_stop_the_show(tmp_path: Path) -> None:
    write_track(tmp_path, short_document(seconds=60.0, bpm=600))
    with oscdump() as receiver:
        env = environment(tmp_path)
        with running(write_show(tmp_path, receiver.port), env=env) as daemon:
            daemon.wait_for("cue", 1)
            wire = conductor_directory(Path(env["BEATSYNC_SOCKET"])) / SOCKET
            for nonsense in (b"", b"\xff\xff\xff\xff", b"\x02\x00\x00\x00\xc1\xc1"):
                with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stranger:
                    stranger.connect(str(wire))
                    stranger.sendall(nonsense)
            before = len(receiver.messages)
            receiver.wait_for(before + 10)
            assert daemon.of("conductor") == []


@contextmanager
def conductor_unit(env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """What the conductor's systemd unit starts."""
    directory = conductor_directory(Path(env["BEATSYNC_SOCKET"]))
    directory.mkdir(mode=0o700)
    command = [sys.executable, "-m", "beatsync", "conductor", str(directory)]
    with subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def test_under_a_service_manager_the_daemon_plays_with_the_conductor_that_is_there(tmp_path: Path) -> None:
    write_track(tmp_path, short_document(seconds=60.0, bpm=600))
    with oscdump() as receiver:
        env = environment(tmp_path, BEATSYNC_CONDUCTOR="service")
        with conductor_unit(env) as unit, running(write_show(tmp_path, receiver.port), env=env) as daemon:
            daemon.wait_for("cue", 3)
            assert conductor_of(env) == unit.pid
            daemon.signal(signal.SIGTERM)
            assert daemon.wait() == 0
            assert unit.wait(PATIENCE_SECONDS) == 0


def test_a_conductor_makes_room_for_another_version_so_that_its_unit_starts_that(tmp_path: Path) -> None:
    env = environment(tmp_path)
    with conductor_unit(env) as unit:
        wire = conductor_directory(Path(env["BEATSYNC_SOCKET"])) / SOCKET
        hello = encode(Hello(PROTOCOL + 1, "9.9.9"))
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as daemon:
            for _ in range(500):
                if daemon.connect_ex(str(wire)) == 0:
                    break
                time.sleep(0.01)
            daemon.sendall(len(hello).to_bytes(4, "little") + hello)
            assert b"ends itself" in daemon.recv(1000)
        assert unit.wait(PATIENCE_SECONDS) == 76
        assert unit.stderr is not None
        assert b"a daemon of another version" in unit.stderr.read()


def ended(process: int) -> bool:
    """Whether a process is gone, given a moment. (Not a child of ours: a zombie counts as gone.)"""
    for _ in range(500):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


def test_where_real_time_priority_is_refused_the_show_goes_on_with_a_note(tmp_path: Path) -> None:
    """H4: without the limit that its unit sets."""
    setpriv = needs("util-linux", "setpriv", root=True)
    write_track(tmp_path, short_document(seconds=60.0, bpm=600))
    env = environment(tmp_path)
    config = write_show(tmp_path, free_port())
    with running(config, env=env, prefix=(setpriv, "--bounding-set=-sys_nice")) as daemon:
        (note,) = daemon.wait_for("conductor")
        assert "no real-time priority for the conductor: operation not permitted" in note["message"]
        assert "sent" in {cue["verdict"] for cue in daemon.wait_for("cue", 10)}
        assert "real-time priority: operation not permitted" in beatsync("status", env=env).stdout


def test_what_was_sent_while_no_daemon_was_there_is_in_the_log_of_the_next(tmp_path: Path) -> None:
    write_track(tmp_path, short_document(seconds=60.0, bpm=600))
    with StampedPort() as port:
        config, env = write_show(tmp_path, port.port), environment(tmp_path)
        with running(config, env=env) as first:
            first.wait_for("cue", 12)
            first.process.kill()
            first.wait()
            death = time.time_ns()
            with running(config, env=env) as second:
                second.wait_for("armed")
                beats = {one.text for one in port.arrivals if one.at > death and one.text.startswith("/beat")}
                second.wait_for("cue", len(beats) + 10)
                logged = {" ".join([cue["address"], *map(str, cue["args"])]) for cue in second.of("cue")}
                assert beats - logged == set()
                assert len(beats) > 2
