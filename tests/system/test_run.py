"""The daemon, from a configuration to a receiver."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trio

from tests.needs import needs
from tests.sources.audioscape_server import AudioScapeServer
from tests.system.oscdump import free_port, oscdump, write_track
from tests.system.program import beatsync, conductor_of, environment, running
from tests.system.shows import ASSET_ID, KEY, short_document, write_show

AHEAD_SECONDS = 5
"""What a daemon takes to start on the busiest of machines, and more."""

EXPECTED = ["/section/Intro i 1", "/section/Drop i 4"]


async def test_a_structure_fetched_over_http_and_started_seconds_from_now_arrives_complete(tmp_path: Path) -> None:
    document = short_document(seconds=4.0, bpm=120)
    server = AudioScapeServer(key=KEY, documents={ASSET_ID: document.encode()})
    async with trio.open_nursery() as nursery:
        await nursery.start(server.serve)
        env = environment(tmp_path, AUDIOSCAPE_URL=server.url, AUDIOSCAPE_API_KEY=KEY)
        await trio.to_thread.run_sync(_play_from_api, tmp_path, env)
        nursery.cancel_scope.cancel()
    assert len(server.seen) == 1


def _play_from_api(folder: Path, env: dict[str, str]) -> None:
    with oscdump() as receiver:
        fetched = beatsync("fetch", ASSET_ID, env=env)
        assert fetched.returncode == 0, fetched.stderr
        assert "fresh" in fetched.stdout
        start = f"{time.time() + AHEAD_SECONDS:.3f}"
        config = write_show(folder, receiver.port, track=f'{{audioscape: "{ASSET_ID}"}}', start=start)
        with running(config, "--once", env=env) as daemon:
            assert daemon.wait() == 0
        assert receiver.wait_for(2, "/section/") == EXPECTED
        assert receiver.wait_for(2, "/downbeat") == ["/downbeat i 1", "/downbeat i 2"]
        assert len(receiver.wait_for(8, "/beat")) == 8
    assert KEY not in json.dumps(daemon.records)


def test_a_start_in_the_past_joins_at_the_right_position_and_puts_targets_into_its_state(tmp_path: Path) -> None:
    write_track(tmp_path, short_document(seconds=60.0, bpm=120))
    with oscdump() as receiver:
        start = f"{time.time() - 40:.3f}"
        config = write_show(tmp_path, receiver.port, start=start)
        with running(config, env=environment(tmp_path)) as daemon:
            assert receiver.wait_for(1, "/section/") == ["/section/Drop i 4"]
            first = receiver.wait_for(1, "/downbeat")[0]
            assert int(first.split()[-1]) > 20
            (armed,) = daemon.wait_for("armed")
            assert armed["decks"]["main"]["joins_at"] >= 40
            assert armed["decks"]["main"]["lying_before"] >= 80
            daemon.signal(signal.SIGTERM)
            assert daemon.wait() == 0


@contextmanager
def notify_socket(folder: Path) -> Iterator[socket.socket]:
    """Systemd's part: the socket that a service reports to."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(folder / "notify.sock"))
        listener.settimeout(30)
        yield listener


RULES = """
rules:
  - {name: strobe, on: section, send: {address: /strobe, args: [1], end: {args: [0]}}}
"""


def test_as_a_service_it_is_ready_when_armed_plays_when_told_and_ends_looks_on_sigterm(tmp_path: Path) -> None:
    write_track(tmp_path, short_document(seconds=60.0))
    with oscdump() as receiver, notify_socket(tmp_path) as systemd:
        config = write_show(tmp_path, receiver.port, start="armed", rules=RULES)
        env = environment(tmp_path, NOTIFY_SOCKET=str(tmp_path / "notify.sock"))
        with running(config, env=env) as daemon:
            assert systemd.recv(4096).startswith(b"READY=1\nSTATUS=armed")
            status = json.loads(beatsync("status", "--json", env=env).stdout)
            assert status["decks"]["main"]["playback"] == "armed"
            assert receiver.messages == []
            assert beatsync("play", env=env).returncode == 0
            assert receiver.wait_for(1) == ["/strobe i 1"]
            daemon.signal(signal.SIGTERM)
            assert daemon.wait() == 0
            assert receiver.wait_for(2) == ["/strobe i 1", "/strobe i 0"]
            assert systemd.recv(4096) == b"STOPPING=1"
    assert not (tmp_path / "control.sock").exists()


def test_pause_seek_and_stop_work_over_the_control_socket(tmp_path: Path) -> None:
    write_track(tmp_path, short_document(seconds=60.0))
    with oscdump() as receiver:
        env = environment(tmp_path)
        config = write_show(tmp_path, receiver.port, start="armed", rules=RULES)
        with running(config, env=env) as daemon:
            daemon.wait_for("armed")
            assert beatsync("seek", "0:40", env=env).returncode == 0
            assert json.loads(beatsync("status", "--json", env=env).stdout)["decks"]["main"]["position"] == 40.0
            assert receiver.messages == []  # nothing fires while paused
            assert beatsync("play", env=env).returncode == 0
            assert receiver.wait_for(1) == ["/strobe i 1"]
            assert beatsync("pause", env=env).returncode == 0
            assert beatsync("stop", env=env).returncode == 0
            assert receiver.wait_for(2) == ["/strobe i 1", "/strobe i 0"]
            status = json.loads(beatsync("status", "--json", env=env).stdout)
            assert status["decks"]["main"]["playback"] == "armed"
            assert 0 < status["conductor"]["rearm_ms"]["p50"] <= status["conductor"]["rearm_ms"]["max"]
            assert "a seek takes effect in " in beatsync("status", env=env).stdout


def test_a_second_daemon_on_the_same_socket_is_refused_and_the_first_plays_on(tmp_path: Path) -> None:
    """L5"""
    write_track(tmp_path, short_document(seconds=60.0))
    env = environment(tmp_path)
    config = write_show(tmp_path, free_port(), start="armed")
    with running(config, env=env) as first:
        first.wait_for("armed")
        second = beatsync("run", config, env=env)
        assert second.returncode == 76
        assert f"another beatsync is running, process {first.process.pid};" in second.stderr
        assert beatsync("status", env=env).returncode == 0


def test_after_a_stall_nothing_fires_in_a_burst_and_the_books_balance(tmp_path: Path) -> None:
    """H3: stopped and continued by a signal, as a debugger or a paused virtual machine does."""
    write_track(tmp_path, short_document(seconds=6.0, bpm=600))
    with oscdump() as receiver:
        config = write_show(tmp_path, receiver.port)
        env = environment(tmp_path)
        with running(config, "--once", env=env) as daemon:
            daemon.wait_for("cue", 8)
            processes = (daemon.process.pid, conductor_of(env))
            for process in processes:
                os.kill(process, signal.SIGSTOP)
            time.sleep(1.5)
            for process in processes:
                os.kill(process, signal.SIGCONT)
            assert daemon.wait() == 0
        cues, summary = daemon.of("cue"), daemon.of("summary")[0]
    verdicts = summary["verdicts"]
    assert summary["due"] == sum(verdicts.values()) == len(cues)
    assert verdicts["dropped"] >= 10
    late = [cue["address"] for cue in cues if cue["verdict"] == "late"]
    assert len(late) == len(set(late)) or verdicts["late"] < verdicts["dropped"]


def test_a_step_of_the_wall_clock_changes_nothing_once_the_start_is_anchored(tmp_path: Path) -> None:
    """H1, with libfaketime stepping civil time by an hour in the middle of the track."""
    library = Path(needs("faketime", "faketime")).parent.parent / "lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
    offset = tmp_path / "offset"
    offset.write_text("+0\n")
    write_track(tmp_path, short_document(seconds=4.0, bpm=120))
    env = environment(
        tmp_path,
        LD_PRELOAD=str(library),
        FAKETIME_TIMESTAMP_FILE=str(offset),
        FAKETIME_NO_CACHE="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
        DONT_FAKE_MONOTONIC="1",
    )
    with oscdump() as receiver:
        start = f"{time.time() + AHEAD_SECONDS:.3f}"
        with running(write_show(tmp_path, receiver.port, start=start), "--once", env=env) as daemon:
            receiver.wait_for(2, "/beat")
            offset.write_text("+3600\n")
            assert daemon.wait() == 0
        assert receiver.wait_for(2, "/section/") == EXPECTED
        assert len(receiver.wait_for(8, "/beat")) == 8
        times = [record["time"] for record in daemon.of("cue")]
        assert times == sorted(times)


def test_a_show_without_cues_is_armed_and_says_so(tmp_path: Path) -> None:
    write_track(tmp_path, short_document(seconds=60.0, bpm=120))
    config = write_show(
        tmp_path, free_port(), rules="rules: [{on: section, when: {label: Nowhere}, send: {address: /x}}]\n"
    )
    with running(config, env=environment(tmp_path)) as daemon:
        (armed,) = daemon.wait_for("armed")
        assert "0 cues" in json.dumps(armed) or armed["decks"]
        daemon.signal(signal.SIGTERM)
        assert daemon.wait() == 0
        assert not [record for record in daemon.of("conductor") if "died" in record["message"]]
