"""Standard output and standard error that are closed, full, or read no more: for every command the same."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.system.program import PATIENCE_SECONDS, environment

ROOT = Path(__file__).parent.parent.parent
DEMO = str(ROOT / "configs" / "demo.yaml")
PRINTING: list[list[str]] = [
    ["--help"],
    ["--version"],
    ["schema"],
    ["check", DEMO],
    ["check", DEMO, "--json"],
    ["plan", DEMO],
    ["plan", DEMO, "--json"],
    ["plan", DEMO, "--format", "csv"],
    ["plan", DEMO, "--format", "svg"],
    ["demo", "--fast"],
    ["demo", "--fast", "--json"],
]


def shell(line: str, arguments: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which `"$@"` is beatsync with these arguments."""
    command = ["bash", "-c", line, "bash", sys.executable, "-m", "beatsync", *arguments]
    return subprocess.run(
        command, env=environment(folder), capture_output=True, text=True, timeout=PATIENCE_SECONDS * 2, check=False
    )


@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
@pytest.mark.parametrize(
    ("redirection", "reason"), [(">/dev/full", "no space left on device"), (">&-", "closed")], ids=["full", "closed"]
)
def test_output_that_cannot_be_written_is_one_line_and_exit_74(
    arguments: list[str], redirection: str, reason: str, tmp_path: Path
) -> None:
    """H8: a full disk."""
    result = shell(f'"$@" {redirection}', arguments, tmp_path)
    assert result.returncode == 74
    assert result.stderr == f"beatsync: standard output: {reason}; what was to be printed is not complete\n"


@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_whoever_reads_only_the_beginning_has_seen_enough(arguments: list[str], tmp_path: Path) -> None:
    """H10: EPIPE."""
    result = shell('"$@" | head -1; exit ${PIPESTATUS[0]}', arguments, tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert len(result.stdout.splitlines()) == 1


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_what_cannot_be_said_is_not_said_and_the_exit_code_stays(redirection: str, tmp_path: Path) -> None:
    result = shell(f'"$@" {redirection}', ["plan", "missing.yaml"], tmp_path)
    assert (result.returncode, result.stderr, result.stdout) == (78, "", "")


def test_without_any_standard_stream_a_socket_does_not_get_what_is_printed(tmp_path: Path) -> None:
    """Descriptors 0 to 2 are the next ones that the system gives out."""
    result = shell('"$@" <&- >&- 2>&-', ["demo", "--fast"], tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (74, "", "")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_log_on_a_disk_that_has_room_again_goes_on_at_the_start_of_a_line(unbuffered: str, tmp_path: Path) -> None:
    """H8."""
    program = """
import sys
from beatsync.terminal.streams import failure_of, guard_streams
import os
guard_streams()
kept = os.dup(2)
print("one", file=sys.stderr)
os.dup2(os.open("/dev/full", os.O_WRONLY), 2)
print("two", file=sys.stderr)
os.dup2(kept, 2)
print("three", file=sys.stderr)
print(failure_of(sys.stderr))
"""
    env = {**environment(tmp_path), "PYTHONUNBUFFERED": unbuffered}
    command = [sys.executable, "-c", program]
    result = subprocess.run(command, env=env, capture_output=True, text=True, check=True, cwd=ROOT)
    assert result.stderr == "one\n\nthree\n"
    assert result.stdout == "standard error: no space left on device; the log is not complete\n"


def test_a_terminal_that_somebody_made_non_blocking_is_waited_for() -> None:
    program = """
import sys
from beatsync.terminal.streams import guard_streams
guard_streams()
print("x" * 1_000_000)
"""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with subprocess.Popen([sys.executable, "-c", program], stdout=writing, cwd=ROOT) as process:
        os.close(writing)
        with open(reading, "rb") as pipe:  # noqa: PTH123  a descriptor
            assert len(pipe.read()) == 1_000_001
        assert process.wait(PATIENCE_SECONDS) == 0
