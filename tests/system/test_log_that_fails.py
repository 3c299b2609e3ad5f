"""A show whose log cannot be written goes on: every cue leaves, and it is said once where it can be said."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.oscdump import oscdump, write_track
from tests.system.program import PATIENCE_SECONDS, environment
from tests.system.shows import short_document, write_show

FULL = "beatsync: standard output: no space left on device; what was to be printed is not complete"


def shell(line: str, *arguments: str, folder: Path) -> subprocess.Popen[str]:
    """A line of bash in which `"$@"` is beatsync with these arguments."""
    command = ["bash", "-c", line, "bash", sys.executable, "-m", "beatsync", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment(folder), stdout=pipe, stderr=pipe, text=True)


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-"])
def test_a_show_whose_log_is_on_a_full_disk_is_played_to_its_end(redirection: str, tmp_path: Path) -> None:
    """H8, H10: the disk full, standard error closed."""
    write_track(tmp_path, short_document())
    with oscdump() as receiver:
        config = write_show(tmp_path, receiver.port)
        with shell(f'"$@" {redirection}', "run", "--once", str(config), folder=tmp_path) as process:
            assert receiver.wait_for(2, "/downbeat") == ["/downbeat i 1", "/downbeat i 2"]
            assert process.wait(PATIENCE_SECONDS) == (74 if "full" in redirection else 0)


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        (
            '"$@" >/dev/full',
            74,
            f"{FULL}; the show goes on without it, Ctrl-C ends it\n",
        ),
        ('"$@" > >(head -1)', 0, ""),
    ],
    ids=["full", "head"],
)
def test_a_demo_whose_cues_cannot_be_printed_goes_on_sending_them(
    line: str, code: int, said: str, tmp_path: Path
) -> None:
    """H8, H10: the disk full, nobody reads any more."""
    with oscdump() as receiver:
        target = f"127.0.0.1:{receiver.port}"
        with shell(f"exec {line}", "demo", "--to", target, folder=tmp_path) as process:
            assert receiver.wait_for(2, "/downbeat") == ["/downbeat i 1", "/downbeat i 2"]
            process.send_signal(signal.SIGINT)
            _, complaints = process.communicate(timeout=PATIENCE_SECONDS)
            assert (process.returncode, complaints) == (code, said)
