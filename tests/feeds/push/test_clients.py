"""Slow clients, too many of them, and ones that never finish. K5."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack

import trio
from trio.testing import MockClock

from beatsync.clock import TrioClock
from beatsync.web.refusals import Unadmitted
from beatsync.web.serving import MAX_CLIENTS
from tests.feeds.push.pushing import Listening, listening, settings

HEAD = b"POST /v1/position HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"


async def read_all(stream: trio.SocketStream) -> bytes:
    data = b""
    try:
        while chunk := await stream.receive_some():
            data += chunk
    except trio.BrokenResourceError:
        pass
    return data


async def opened(feed: Listening, stack: AsyncExitStack) -> trio.SocketStream:
    return await stack.enter_async_context(await trio.open_tcp_stream("127.0.0.1", feed.port))


async def test_sixteen_clients_are_served_and_one_more_is_sent_away_with_a_reason() -> None:
    """K5, H7"""
    async with listening(settings()) as feed, AsyncExitStack() as stack:
        body = b'{"pos": 1}'
        request = HEAD + b"content-length: %d\r\n\r\n" % len(body) + body
        streams = [await opened(feed, stack) for _ in range(MAX_CLIENTS)]
        for stream in streams:
            await stream.send_all(request)
            assert b"200" in await stream.receive_some()
        answer = await read_all(await opened(feed, stack))
    head, _, text = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert json.loads(text) == {"error": "too many clients; close some of them"}
    assert feed.heard.ignored == {Unadmitted.TOO_MANY_CLIENTS: 1}
    assert len(feed.heard.observations) == MAX_CLIENTS


async def test_a_hundred_connections_that_say_nothing_are_closed_and_the_feed_lives(autojump_clock: MockClock) -> None:
    """K5"""
    async with listening(settings(), clock=TrioClock()) as feed, AsyncExitStack() as stack:
        silent = [await opened(feed, stack) for _ in range(100)]
        for stream in silent:
            await read_all(stream)
        assert (await feed.push({"pos": 1})).status_code == 200


async def test_a_body_that_never_ends_is_given_up_after_two_seconds(autojump_clock: MockClock) -> None:
    """K5"""
    async with listening(settings(), clock=TrioClock()) as feed, AsyncExitStack() as stack:
        slow = await opened(feed, stack)
        start = TrioClock().now()
        await slow.send_all(HEAD + b"content-length: 100\r\n\r\n{")
        answer = await read_all(slow)
        assert TrioClock().now() - start < 3 * 10**9
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"the body must arrive within 2 s" in answer
    assert feed.heard.ignored == {Unadmitted.TOO_SLOW: 1}


async def test_a_head_that_comes_byte_by_byte_is_given_up(autojump_clock: MockClock) -> None:
    """K5: each byte comes in time, the whole does not."""
    async with listening(settings(), clock=TrioClock()) as feed, AsyncExitStack() as stack:
        slow = await opened(feed, stack)
        sent = 0
        try:
            for byte in HEAD:
                await slow.send_all(bytes([byte]))
                sent += 1
                await trio.sleep(1)
        except trio.BrokenResourceError:
            pass
        assert sent < 10
        assert (await feed.push({"pos": 1})).status_code == 200


async def test_a_head_that_is_too_long_is_refused() -> None:
    """K5"""
    async with listening(settings()) as feed, AsyncExitStack() as stack:
        stream = await opened(feed, stack)
        try:
            for _ in range(100):
                await stream.send_all(b"x: " + b"y" * 1000 + b"\r\n")
        except trio.BrokenResourceError:
            pass
        await read_all(stream)
        assert (await feed.push({"pos": 1})).status_code == 200


async def test_a_web_socket_that_is_silent_but_alive_is_kept_and_a_dead_one_is_not(autojump_clock: MockClock) -> None:
    """A game that is paused says nothing for minutes; its client still answers pings."""
    async with listening(settings(), clock=TrioClock()) as feed, AsyncExitStack() as stack:
        stream = await opened(feed, stack)
        await stream.send_all(
            b"GET /v1/position HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
            b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
        )
        assert b" 101 " in await stream.receive_some()
        for _ in range(20):
            ping = await stream.receive_some()
            assert ping[0] == 0x89
            await stream.send_all(b"\x8a\x80\0\0\0\0")
        assert TrioClock().now() > 100 * 10**9
        await read_all(stream)
