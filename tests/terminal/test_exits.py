"""However a command ends: one line at most, the right exit code, never a traceback."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from beatsync.errors import ConfigError, ConfigProblem, OutputError, SourceRefused, TrackError, UsageError
from beatsync.terminal.exits import exit_code_of, tell_faults_of_threads


def raising(error: BaseException) -> Callable[[], None]:
    """A command that ends with `error`."""

    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (UsageError("--to 'x': expected a port"), 64, "beatsync: --to 'x': expected a port\n"),
        (TrackError("track.json: empty"), 65, "beatsync: track.json: empty\n"),
        (SourceRefused("no key"), 69, "beatsync: no key\n"),
        (OutputError("standard output: full"), 74, "beatsync: standard output: full\n"),
        (ConfigError((ConfigProblem(file="a", message="b"),)), 78, "beatsync: a: b\n"),
        (KeyboardInterrupt(), 130, ""),
        (click.Abort(), 130, ""),
        (click.exceptions.Exit(3), 3, ""),
        (SystemExit(7), 7, ""),
        (SystemExit(None), 0, ""),
        (BaseExceptionGroup("nursery", [KeyboardInterrupt()]), 130, ""),
        (BaseExceptionGroup("outer", [BaseExceptionGroup("inner", [KeyboardInterrupt(), ValueError()])]), 130, ""),
        (ExceptionGroup("nursery", [TrackError("bad")]), 65, "beatsync: bad\n"),
        (
            ExceptionGroup("nursery", [SourceRefused("a"), TrackError("b"), SourceRefused("a")]),
            69,
            "beatsync: a\nbeatsync: b\n",
        ),
    ],
)
def test_what_went_wrong_has_its_line_and_its_exit_code(
    error: BaseException, code: int, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code_of(raising(error), {"STATE_DIRECTORY": str(tmp_path)}) == code
    assert capsys.readouterr().err == line
    assert list(tmp_path.iterdir()) == []


def test_a_command_that_does_its_work_exits_with_0() -> None:
    assert exit_code_of(lambda: None) == 0


@pytest.mark.parametrize(
    "error",
    [
        ZeroDivisionError("one\ntwo"),
        ExceptionGroup("nursery", [ExceptionGroup("inner", [ZeroDivisionError("one\ntwo")]), TrackError("bad")]),
    ],
)
def test_a_fault_of_our_own_is_one_line_that_says_so_and_where_its_details_are(
    error: BaseException, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "state"
    assert exit_code_of(raising(error), {"STATE_DIRECTORY": f"{folder}:/elsewhere"}) == 70
    said = capsys.readouterr().err
    details = folder / "last-fault.txt"
    assert said == (
        f"beatsync: this is a fault of beatsync: ZeroDivisionError: one two; please report it with {details}\n"
    )
    assert "Traceback (most recent call last)" in details.read_text()


def test_the_details_are_where_the_state_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environment = {"BEATSYNC_STATE": str(tmp_path / "chosen"), "STATE_DIRECTORY": str(tmp_path / "service")}
    assert exit_code_of(raising(ValueError()), environment) == 70
    assert str(tmp_path / "chosen" / "last-fault.txt") in capsys.readouterr().err
    assert not (tmp_path / "service").exists()


def test_without_a_place_for_the_details_the_line_comes_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """H9: read-only, no permission, vanished."""
    (tmp_path / "file").touch()
    assert exit_code_of(raising(ValueError()), {"STATE_DIRECTORY": str(tmp_path / "file" / "below")}) == 70
    said = capsys.readouterr().err
    assert said.startswith("beatsync: this is a fault of beatsync: ValueError; its details cannot be written to ")
    assert len(said.splitlines()) == 1


def test_the_key_is_in_neither_the_line_nor_the_details(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environment = {"STATE_DIRECTORY": str(tmp_path), "AUDIOSCAPE_API_KEY": "hunter2"}
    assert exit_code_of(raising(ValueError("header hunter2")), environment) == 70
    assert "hunter2" not in capsys.readouterr().err + (tmp_path / "last-fault.txt").read_text()


def test_a_fault_in_a_thread_is_told_in_the_same_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)  # put back afterwards
    tell_faults_of_threads({"STATE_DIRECTORY": str(tmp_path)})
    thread = threading.Thread(target=raising(ValueError("oh")))
    thread.start()
    thread.join()
    said = capsys.readouterr().err
    assert said.startswith("beatsync: this is a fault of beatsync: ValueError: oh; please report it with ")
    assert len(said.splitlines()) == 1
