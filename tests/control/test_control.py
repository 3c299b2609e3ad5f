"""The HTTP API on the control socket, over the socket."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import trio

from beatsync.control.server import MAX_BODY_BYTES, control_app, serve_control
from beatsync.control.socket_path import control_socket_path
from beatsync.decks.deck import Deck
from beatsync.errors import ControlError
from beatsync.unix_sockets import private_socket
from tests.decks.booth import Booth, one_deck


@asynccontextmanager
async def daemon(path: Path) -> AsyncIterator[tuple[httpx.AsyncClient, Deck]]:
    """A deck with its API at `path`, and a client of it."""
    async with trio.open_nursery() as nursery:
        booth = Booth(nursery, one_deck())
        with private_socket(path) as listener:
            await nursery.start(serve_control, control_app(booth.desk, lambda: None), listener)
            transport = httpx.AsyncHTTPTransport(uds=str(path))
            async with httpx.AsyncClient(transport=transport, base_url="http://beatsync") as client:
                yield client, booth.deck
            nursery.cancel_scope.cancel()


def main(response: httpx.Response) -> Mapping[str, Any]:
    """What an answer says of the deck."""
    deck: Mapping[str, Any] = response.json()["decks"]["main"]
    return deck


async def test_commands_do_what_they_say_and_answer_with_the_status(tmp_path: Path) -> None:
    async with daemon(tmp_path / "control.sock") as (client, _):
        assert main(await client.get("/v1/status"))["playback"] == "armed"
        assert main(await client.post("/v1/seek", json={"position": 2.5}))["position"] == 2.5
        assert main(await client.post("/v1/play"))["playback"] == "playing"
        assert main(await client.post("/v1/pause"))["playback"] == "paused"
        assert main(await client.post("/v1/stop"))["playback"] == "armed"
        assert (await client.get("/v1/play")).status_code == 405
        assert (await client.get("/v1/nothing")).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b'{"position": "1"}',
        b'{"position": true}',
        b'{"position": -1}',
        b'{"position": 1e999}',
        b'{"position": NaN}',
        b'{"position": 86401}',
        b"\xff",
        b"[" * 5000,
        b" " * (MAX_BODY_BYTES + 1),
    ],
)
async def test_a_seek_to_nowhere_is_refused_with_the_remedy_and_changes_nothing(body: bytes, tmp_path: Path) -> None:
    async with daemon(tmp_path / "control.sock") as (client, deck):
        answer = await client.post("/v1/seek", content=body)
        assert answer.status_code == 400
        assert "seek needs a body" in answer.json()["error"]
        assert deck.state().position is None


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
