"""Sockets at a path, and who may have them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from beatsync.errors import ControlError
from beatsync.unix_sockets import private_socket, sole

HOLD = """
import sys, time
from pathlib import Path
from beatsync.unix_sockets import private_socket, sole
with sole(Path(sys.argv[1])), private_socket(Path(sys.argv[1])):
    print("there", flush=True)
    time.sleep(60)
"""


def test_of_two_starts_only_one_gets_past_however_the_first_ends(tmp_path: Path) -> None:
    """L5, L6: the second is told the number of the first; what a killed one leaves behind holds nobody off."""
    path = tmp_path / "folder" / "control.sock"
    with subprocess.Popen([sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "there\n"
        with pytest.raises(ControlError, match=f"another beatsync is running, process {first.pid};"), sole(path):
            pass
        first.kill()
        first.wait()
    assert path.is_socket()
    with sole(path), private_socket(path) as listener:
        assert path.is_socket()
        assert path.stat().st_mode & 0o777 == 0o600
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            listener.accept()[0].close()
        assert path.with_name("control.sock.lock").read_text() == f"{os.getpid()}\n"
    assert not path.exists()


def test_a_socket_that_somebody_listens_on_is_left_alone(tmp_path: Path) -> None:
    """L6"""
    path = tmp_path / "control.sock"
    with private_socket(path) as listener:
        with pytest.raises(ControlError, match="another beatsync is running"), private_socket(path):
            pass
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            listener.accept()[0].close()


def test_what_is_no_socket_is_never_removed(tmp_path: Path) -> None:
    """L6"""
    path = tmp_path / "control.sock"
    path.write_text("the notes of somebody")
    with pytest.raises(ControlError, match="something else is there"), private_socket(path):
        pass
    assert path.read_text() == "the notes of somebody"


def test_a_lock_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ControlError, match="set BEATSYNC_SOCKET to another path"), sole(tmp_path / "file" / "x.sock"):
        pass
    (tmp_path / "control.sock.lock").symlink_to(tmp_path / "file")
    with pytest.raises(ControlError, match="set BEATSYNC_SOCKET"), sole(tmp_path / "control.sock"):
        pass
