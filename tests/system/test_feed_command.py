"""`beatsync feed`: how good a feed is, before the show; and its offset, by tapping."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
import wave
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from beatsync.clock import SystemClock
from beatsync.core.calibration import PERIOD
from tests.players.osc_player import OscPlayer, osc_player
from tests.system.oscdump import free_port, write_track
from tests.system.program import PATIENCE_SECONDS, beatsync, environment, running
from tests.system.shows import short_document

CLOCK = SystemClock()
TAPS = 22


def show(folder: Path, clock: str) -> Path:
    """A configuration in `folder`."""
    path = folder / "show.yaml"
    path.write_text(
        f"track: {{bundled: demo}}\nclock: {clock}\ntargets: {{lights: 'osc.udp://127.0.0.1:{free_port()}'}}\n"
    )
    return path


def osc_feed(port: int, more: str = "") -> str:
    return f"{{feed: {{osc: {{port: {port}, address: /position, unit: s{more}}}}}}}"


def test_a_feed_that_is_heard_is_shown_a_line_a_second(tmp_path: Path) -> None:
    port = free_port()
    with osc_player(port, at=30):
        shown = beatsync("feed", show(tmp_path, osc_feed(port)), "--seconds", "3.5", env=environment(tmp_path))
    assert shown.returncode == 0, shown.stderr
    *_, last = shown.stdout.splitlines()
    assert len(shown.stdout.splitlines()) in {2, 3}
    assert last.startswith(f"osc port {port}")
    assert re.search(r"0:3\d\.\d{3} x 1\.0\d{3}|0:3\d\.\d{3} x 0\.9\d{3}", last)
    assert "readings a second" in last
    assert re.search(r"[▁-█]+ \+-", last)


def test_programs_get_json_lines(tmp_path: Path) -> None:
    port = free_port()
    config = show(tmp_path, osc_feed(port, ", offset: -40ms"))
    with osc_player(port, at=30):
        shown = beatsync("feed", config, "--seconds", "2.5", "--json", env=environment(tmp_path))
    views = [json.loads(line) for line in shown.stdout.splitlines()]
    assert views
    (feed,) = views[-1]["feeds"]
    assert 30 < views[-1]["position"] < 60
    assert (feed["leads"], feed["state"], feed["offset_ms"]) == (True, "connected", -40)
    assert feed["residuals_ms"]
    assert feed["quality"]["state"] in {"locked", "slewing"}


@pytest.mark.parametrize(
    ("clock", "options", "code", "text"),
    [
        (osc_feed(9000), ("--deck", "b"), 64, "there is no such deck; there are main"),
        ("{start: now}", (), 64, "follows no feed: it leads itself"),
        ("{feed: {osc: {port: 0}}}", (), 78, "show.yaml:2"),
        (osc_feed(9000), ("--calibrate",), 64, "there is no terminal to tap on"),
        ("{feed: {mpv: {socket: /nonexistent/mpv.sock}}}", ("--seconds", "1"), 69, "is not there"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    clock: str, options: tuple[str, ...], code: int, text: str, tmp_path: Path
) -> None:
    shown = beatsync("feed", show(tmp_path, clock), *options, env=environment(tmp_path))
    assert (shown.returncode, text in shown.stderr) == (code, True), shown.stderr
    assert len(shown.stderr.splitlines()) == 1


def test_a_port_that_the_running_daemon_has_is_named_as_that(tmp_path: Path) -> None:
    port, env = free_port(), environment(tmp_path)
    config = show(tmp_path, osc_feed(port))
    with osc_player(port), running(config, env=env) as daemon:
        daemon.wait_for("feed")
        shown = beatsync("feed", config, "--seconds", "1.5", env=env)
        assert daemon.process.poll() is None
    assert shown.returncode == 69
    assert "the running beatsync has it: see beatsync status" in shown.stdout


def test_it_needs_no_track_and_sends_nothing(tmp_path: Path) -> None:
    port = free_port()
    config = show(tmp_path, osc_feed(port))
    config.write_text(config.read_text().replace("{bundled: demo}", "nowhere.json"))
    with osc_player(port):
        assert beatsync("feed", config, "--seconds", "2", env=environment(tmp_path)).returncode == 0


# On a terminal


@contextmanager
def on_a_terminal(*arguments: str | Path, env: dict[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The command on a pseudo terminal, and the end of that that a person has."""
    person, terminal = pty.openpty()
    command = [sys.executable, "-m", "beatsync", *map(str, arguments)]
    try:
        with subprocess.Popen(command, env=env, stdin=terminal, stdout=terminal, stderr=terminal) as process:
            os.close(terminal)
            try:
                yield process, person
            finally:
                process.kill()
    finally:
        os.close(person)


def read_until(person: int, text: str, shown: str = "") -> str:
    """What is shown, up to and with the `text`."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while text not in shown and time.monotonic() < ends:
        try:
            shown += os.read(person, 65_536).decode(errors="replace")
        except OSError:  # the other end is closed
            break
    assert text in shown, shown[-2000:]
    return shown


def test_on_a_terminal_the_view_is_drawn_anew_until_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    config = show(tmp_path, osc_feed(port))
    with osc_player(port, at=30), on_a_terminal("feed", config, env=environment(tmp_path)) as (process, person):
        shown = read_until(person, "residuals")
        assert "\x1b[" in read_until(person, "\x1b[J", shown)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 0


def tap(player: OscPlayer, person: int, *, beyond: float) -> None:
    """Tap on clicks, each so many seconds after the player states that it is there."""
    period = PERIOD / 1e9
    first = int(player.position() / period) + 2
    for click in range(first, first + TAPS):
        wait = (player.when(click * period + beyond) - CLOCK.now()) / 1e9
        time.sleep(max(wait, 0))
        os.write(person, b" ")


def test_taps_on_what_is_heard_find_the_offset(tmp_path: Path) -> None:
    """The sound comes 150 ms later than the player says. Taps are late rather than early on a busy machine: the bound
    is half of what is to be found.
    """
    port = free_port()
    config = show(tmp_path, osc_feed(port, ", offset: 20ms"))
    arguments = ("feed", config, "--calibrate", "--ahead", "0")
    with osc_player(port, at=30) as player, on_a_terminal(*arguments, env=environment(tmp_path)) as (process, person):
        shown = read_until(person, "tap on the clicks")
        tap(player, person, beyond=0.150)
        os.write(person, b"q")
        shown = read_until(person, "ms\r\n\r\n", shown[-200:])
        assert process.wait(PATIENCE_SECONDS) == 0
    found = re.search(r"offset: (-?\d+)ms", shown)
    assert found is not None, shown
    assert int(found[1]) == pytest.approx(-150, abs=75)
    assert re.search(r"1\d of 2[0-2] counted", shown)
    assert "people tap before a click that they hear" in shown


def test_too_few_taps_are_refused(tmp_path: Path) -> None:
    port = free_port()
    config = show(tmp_path, osc_feed(port))
    with osc_player(port), on_a_terminal("feed", config, "--calibrate", env=environment(tmp_path)) as (process, person):
        shown = read_until(person, "tap on the clicks")
        os.write(person, b"q")
        read_until(person, "0 taps are too few to conclude from", shown)
        assert process.wait(PATIENCE_SECONDS) == 69


def test_the_click_track_has_a_click_at_every_period_from_its_first_sample_on(tmp_path: Path) -> None:
    path = tmp_path / "clicks.wav"
    written = beatsync("feed", show(tmp_path, osc_feed(9000)), "--click-track", path, env=environment(tmp_path))
    assert written.returncode == 0, written.stderr
    assert "--calibrate" in written.stdout
    with wave.open(str(path)) as file:
        rate, samples = file.getframerate(), array("h", file.readframes(file.getnframes()))
    period = round(rate * PERIOD / 1e9)
    assert len(samples) > 120 * rate
    for start in range(0, len(samples) - period, period):
        assert abs(samples[start]) > 10_000
        assert not any(samples[start + period // 2 : start + period])


def test_a_click_track_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    told = beatsync(
        "feed", show(tmp_path, osc_feed(9000)), "--click-track", "/nonexistent/x.wav", env=environment(tmp_path)
    )
    assert (told.returncode, "cannot be written: no such file" in told.stderr) == (64, True)


def test_nothing_is_loaded_that_the_daemon_would_load(tmp_path: Path) -> None:
    """A folder of its own is not written to."""
    write_track(tmp_path, short_document())
    port = free_port()
    with osc_player(port):
        beatsync("feed", show(tmp_path, osc_feed(port)), "--seconds", "1", env=environment(tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["show.yaml", "track.json"]
