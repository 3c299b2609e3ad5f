"""Slow clients, too many of them, and ones that ask too often. K5, K11."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from beatsync.control import app, board
from beatsync.control.status import status_record
from beatsync.web.refusals import Unadmitted
from beatsync.web.serving import MAX_CLIENTS
from tests.control.office import Office, complaint, office

HEAD = b"POST /v1/seek HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"


async def read_all(stream: trio.SocketStream) -> bytes:
    data = b""
    try:
        while chunk := await stream.receive_some():
            data += chunk
    except trio.BrokenResourceError:
        pass
    return data


async def opened(show: Office, stack: AsyncExitStack) -> trio.SocketStream:
    return await stack.enter_async_context(await trio.open_tcp_stream("127.0.0.1", show.port))


async def test_one_client_too_many_is_sent_away_and_the_control_socket_is_free(tmp_path: Path) -> None:
    """K5, H7"""
    async with office(tmp_path) as show, AsyncExitStack() as stack:
        for _ in range(MAX_CLIENTS):
            stream = await opened(show, stack)
            await stream.send_all(b"GET /v1/status HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
            assert b" 200 " in await stream.receive_some()
        head, _, text = (await read_all(await opened(show, stack))).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 ")
        assert json.loads(text)["error"]["code"] == "busy"
        assert (await show.tell("lock")).json()["refused"] == {Unadmitted.TOO_MANY_CLIENTS: 1}


async def test_a_thousand_connections_that_say_nothing_are_closed_and_the_show_goes_on(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """K5: whoever comes while sixteen hold on is sent away; they are let go after five seconds."""
    async with office(tmp_path) as show:
        for _ in range(10):
            async with AsyncExitStack() as stack:
                silent = [await opened(show, stack) for _ in range(100)]
                for stream in silent:
                    await read_all(stream)
        async with show.over_tcp() as client:
            assert (await client.post("/v1/play")).status_code == 200


async def test_a_body_that_never_ends_is_given_up_after_two_seconds(tmp_path: Path, autojump_clock: MockClock) -> None:
    """K5"""
    async with office(tmp_path) as show, AsyncExitStack() as stack:
        slow = await opened(show, stack)
        start = show.booth.clock.now()
        await slow.send_all(HEAD + b"content-length: 100\r\n\r\n{")
        answer = await read_all(slow)
        assert show.booth.clock.now() - start < 3 * 10**9
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == "too_slow"


async def test_a_head_that_comes_byte_by_byte_is_given_up(tmp_path: Path, autojump_clock: MockClock) -> None:
    """K5: each byte comes in time, the whole does not."""
    async with office(tmp_path) as show, AsyncExitStack() as stack:
        slow, sent = await opened(show, stack), 0
        try:
            for byte in HEAD:
                await slow.send_all(bytes([byte]))
                sent += 1
                await trio.sleep(1)
        except trio.BrokenResourceError:
            pass
        assert sent < 10


async def test_a_large_body_is_not_read(tmp_path: Path) -> None:
    """K5"""
    async with office(tmp_path) as show, show.over_tcp() as client:
        body = b'{"position": ' + b" " * app.MAX_BODY_BYTES + b"1}"
        answer = await client.post("/v1/seek", content=body, headers={"content-type": "application/json"})
        assert complaint(answer)[:2] == (413, "too_large")
        assert (await client.post("/v1/play")).status_code == 200


async def test_a_status_that_is_asked_for_a_thousand_times_a_second_is_made_fifty_times(
    tmp_path: Path, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """K11: and after a command it is a new one at once."""
    made = 0

    def counted(*arguments: object, **keys: object) -> object:
        nonlocal made
        made += 1
        return status_record(*arguments, **keys)  # type: ignore[arg-type]

    monkeypatch.setattr(board, "status_record", counted)
    async with office(tmp_path) as show:
        for _ in range(100):
            for _ in range(10):
                await show.status()
            await trio.sleep(0.01)
        assert made <= 51
        await show.status()
        assert (await show.tell("lock")).json()["locked"] is True


async def test_a_fault_of_ours_is_an_answer_and_not_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with office(tmp_path) as show:

        def broken() -> None:
            raise KeyError("oops")

        monkeypatch.setattr(show.booth.deck, "play", broken)
        status, code, message = complaint(await show.tell("play"))
        assert (status, code) == (500, "fault")
        assert "this is a fault of beatsync: KeyError" in message
        assert show.booth.news[-1].grave
        assert (await show.tell("pause")).status_code == 200
