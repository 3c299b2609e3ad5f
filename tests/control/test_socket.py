"""The control socket itself. L5, L6."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from beatsync.control.socket_path import control_socket_path
from beatsync.errors import ControlError
from beatsync.unix_sockets import private_socket


def test_only_the_user_can_open_the_socket_and_it_is_gone_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "run" / "control.sock"
    with private_socket(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not path.exists()


def test_a_socket_that_a_crash_left_behind_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with private_socket(path):
        assert path.is_socket()


def test_a_socket_that_is_in_use_and_a_file_that_is_none_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    with private_socket(path), pytest.raises(ControlError, match="another beatsync is running"), private_socket(path):
        pass
    path.write_text("precious")
    with pytest.raises(ControlError, match="something else is there"), private_socket(path):
        pass
    assert path.read_text() == "precious"


def test_the_socket_is_where_the_service_or_the_user_has_its_runtime_files() -> None:
    assert control_socket_path({"BEATSYNC_SOCKET": "/a/b"}) == Path("/a/b")
    assert control_socket_path({"RUNTIME_DIRECTORY": "/run/beatsync"}) == Path("/run/beatsync/control.sock")
    assert control_socket_path({}).name == "control.sock"
    assert os.sep in str(control_socket_path({}))
