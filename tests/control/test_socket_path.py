"""Which daemon the command line talks to."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from beatsync.conductor.remote.spawning import SOCKET
from beatsync.control.socket_path import MOST_BYTES, conductor_directory, control_socket_path, running_socket_path
from beatsync.errors import ControlError


def test_without_a_socket_of_its_own_the_services_is_talked_to(tmp_path: Path) -> None:
    environment = {"RUNTIME_DIRECTORY": str(tmp_path / "own")}
    own, service = control_socket_path(environment), tmp_path / "control.sock"
    assert running_socket_path(environment, service) == own  # which then says that there is none
    service.touch()
    assert running_socket_path(environment, service) == service
    own.parent.mkdir()
    own.touch()
    assert running_socket_path(environment, service) == own


def test_a_socket_that_was_named_is_the_one_even_if_it_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "control.sock").touch()
    environment = {"BEATSYNC_SOCKET": str(tmp_path / "named")}
    assert running_socket_path(environment, tmp_path / "control.sock") == tmp_path / "named"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look into every folder")
def test_a_services_socket_that_is_not_for_this_user_is_said_with_the_remedy(tmp_path: Path) -> None:
    folder = tmp_path / "service"
    folder.mkdir(mode=0)
    with pytest.raises(ControlError, match="is not for you; try sudo"):
        running_socket_path({"RUNTIME_DIRECTORY": str(tmp_path / "own")}, folder / "control.sock")


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose path leaves room."""
    with TemporaryDirectory() as name:
        yield Path(name)


def test_a_path_that_is_too_long_for_the_conductors_socket_is_refused_with_the_remedy(short: Path) -> None:
    longest = MOST_BYTES - len(os.fsencode(conductor_directory(short / "c.sock") / SOCKET)) + 1
    with socket.socket(socket.AF_UNIX) as listener:
        directory = conductor_directory(short / f"{'c' * longest}.sock")
        directory.mkdir()
        listener.bind(str(directory / SOCKET))
    with pytest.raises(ControlError, match=f"has a path of 108 bytes, and a socket's has at most {MOST_BYTES}; set"):
        conductor_directory(short / f"{'c' * (longest + 1)}.sock")
