"""Pushes as messages of a web socket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
from trio_websocket import ConnectionClosed, WebSocketConnection, open_websocket_url

from beatsync.clock import SystemClock
from beatsync.core.units import ms
from beatsync.web.refusals import Unadmitted
from tests.feeds.push.pushing import PAGE, TOKEN, Listening, listening, settings

CLOCK = SystemClock()


@asynccontextmanager
async def connected(
    feed: Listening, *, headers: dict[str, str] | None = None, protocols: list[str] | None = None
) -> AsyncIterator[WebSocketConnection]:
    """A web socket to the feed."""
    url = f"ws://127.0.0.1:{feed.port}/v1/position"
    extra = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    async with open_websocket_url(url, extra_headers=extra, subprotocols=protocols) as socket:
        yield socket
    await socket._stream.aclose()  # trio-websocket leaves it open where the other side has closed


async def test_positions_are_pushed_as_messages_and_nothing_is_answered() -> None:
    async with listening(settings()) as feed, connected(feed) as socket:
        for step in range(5):
            await socket.send_message(json.dumps({"pos": step, "sent": CLOCK.now() / 1e9 + 600}))
        await socket.send_message(b'{"playing": false}')
        observations = await feed.heard.wait_for(6)
        await socket.send_message("{}")
        first_answer = json.loads(await socket.get_message())
    assert [one.position for one in observations] == [step * 10**9 for step in range(5)] + [None]
    assert observations[5].playing is False
    assert all(one.host <= CLOCK.now() for one in observations)
    assert "nothing that says where playback stands" in first_answer["error"]


async def test_a_message_carries_the_instant_of_its_arrival() -> None:
    async with listening(settings()) as feed, connected(feed) as socket:
        before = CLOCK.now()
        await socket.send_message('{"pos": 1}')
        (observation,) = await feed.heard.wait_for(1)
        assert before <= observation.host <= CLOCK.now() + ms(1)


async def test_a_page_sends_its_origin_and_the_token_beside_the_protocol() -> None:
    """K6, K8: browsers can set no header of a web socket but this one."""
    chosen = settings(host="0.0.0.0", origins=[PAGE])
    protocols = ["beatsync", f"token.{TOKEN}"]
    async with (
        listening(chosen, env={"BEATSYNC_PUSH_TOKEN": TOKEN}) as feed,
        connected(feed, headers={"origin": PAGE}, protocols=protocols) as socket,
    ):
        assert socket.subprotocol == "beatsync"
        await socket.send_message('{"pos": 1}')
        await feed.heard.wait_for(1)


@pytest.mark.parametrize(
    ("headers", "protocols", "query", "status", "reason"),
    [
        ({"origin": "https://evil.example"}, [f"token.{TOKEN}"], "", 403, Unadmitted.STRANGE_ORIGIN),
        ({"origin": PAGE}, ["beatsync"], "", 401, Unadmitted.UNAUTHORISED),
        ({"origin": PAGE}, ["beatsync", "token.wrong"], "", 401, Unadmitted.UNAUTHORISED),
        ({}, [f"token.{TOKEN}"], f"?token={TOKEN}", 400, Unadmitted.IN_URL),
    ],
)
async def test_who_may_not_push_gets_no_web_socket(
    headers: dict[str, str], protocols: list[str], query: str, status: int, reason: Unadmitted
) -> None:
    """K6, K8"""
    chosen = settings(host="0.0.0.0", origins=[PAGE])
    async with listening(chosen, env={"BEATSYNC_PUSH_TOKEN": TOKEN}) as feed:
        upgrade = {
            **headers,
            "connection": "upgrade",
            "upgrade": "websocket",
            "sec-websocket-version": "13",
            "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
            "sec-websocket-protocol": ", ".join(protocols),
        }
        answer = await feed.client.get(f"/v1/position{query}", headers=upgrade)
    assert answer.status_code == status
    assert TOKEN not in answer.text
    assert feed.heard.ignored == {reason: 1}


async def test_a_client_that_makes_nothing_but_mistakes_is_let_go() -> None:
    """K1"""
    async with listening(settings()) as feed, connected(feed) as socket:
        for _ in range(10):
            await socket.send_message("x")
            await socket.get_message()
        with pytest.raises(ConnectionClosed) as caught:
            await socket.get_message()
        assert caught.value.reason is not None
        assert caught.value.reason.code == 1008


async def test_a_message_that_is_too_large_closes_the_web_socket_and_nothing_else() -> None:
    """K5"""
    async with listening(settings()) as feed:
        async with connected(feed) as socket:
            await socket.send_message("x" * 20_000)
            with pytest.raises(ConnectionClosed):
                await socket.get_message()
        assert (await feed.push({"pos": 1})).status_code == 200


async def test_a_client_that_vanishes_gives_its_place_back() -> None:
    async with listening(settings()) as feed:
        for _ in range(20):
            async with connected(feed) as socket:
                await socket.send_message('{"playing": true}')
            with trio.fail_after(30):
                while not await has_place(feed):
                    await trio.sleep(0.05)


async def has_place(feed: Listening) -> bool:
    return (await feed.client.get("/")).status_code != 503
