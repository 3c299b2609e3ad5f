"""A4, A5, A6: how long the client takes, second by second, in virtual time and without a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest
import trio
from trio.testing import MockClock

from beatsync.clock import VIRTUAL_WALL_AT_ZERO, TrioClock
from beatsync.core.units import NS_PER_SECOND
from beatsync.errors import SourceUnreachable
from beatsync.sources.audioscape import AudioScape
from beatsync.sources.retry import PATIENCE
from tests.sources.clients import client_of
from tests.sources.documents import ASSET, document


def good() -> httpx.Response:
    """Not read yet, as one from a network."""
    return httpx.Response(200, stream=httpx.ByteStream(document()), headers={"Content-Type": "application/json"})


class ScriptedTransport(httpx.AsyncBaseTransport):
    """Answers in turn, with a 503 once it has run out; None never answers. Notes the second of each request."""

    def __init__(self, *answers: httpx.Response | None) -> None:
        self._answers: Iterator[httpx.Response | None] = iter(answers)
        self.seconds: list[float] = []

    async def handle_async_request(self, _request: httpx.Request) -> httpx.Response:
        self.seconds.append(round(trio.current_time(), 6))  # noqa: TID251  the subject of these tests
        await trio.lowlevel.checkpoint()
        answer = next(self._answers, httpx.Response(503))
        if answer is None:
            await trio.sleep_forever()
        assert answer is not None
        return answer


def patient_client(transport: ScriptedTransport, *, progress: Callable[[str], None] = lambda _text: None) -> AudioScape:
    url, clock = "https://audioscape.example", TrioClock()
    return client_of(url, policy=PATIENCE, clock=clock, transport=transport, progress=progress)


async def test_three_tries_come_half_a_second_and_a_second_apart(autojump_clock: MockClock) -> None:
    """A5."""
    transport = ScriptedTransport()
    async with patient_client(transport) as client:
        with pytest.raises(SourceUnreachable, match="tried 3 times"):
            await client.fetch(ASSET)
    assert transport.seconds == [0, 0.5, 1.5]


async def test_each_try_is_told_with_what_it_waits_for_and_for_how_long(autojump_clock: MockClock) -> None:
    """A4, A5."""
    told: list[str] = []
    transport = ScriptedTransport(httpx.Response(429, headers={"Retry-After": "3"}), httpx.Response(503), good())
    async with patient_client(transport, progress=told.append) as client:
        await client.fetch(ASSET)
    assert told == [
        f"audioscape {ASSET}: asking audioscape.example",
        f"audioscape {ASSET}: too many requests for this key (429); asking again in 3 s (2 of 3)",
        f"audioscape {ASSET}: the server failed (503 Service Unavailable); asking again in 1 s (3 of 3)",
    ]


@pytest.mark.parametrize("asked", ["4", "Tue, 14 Nov 2023 22:13:24 GMT"])
async def test_the_server_is_given_the_time_that_it_asks_for(autojump_clock: MockClock, asked: str) -> None:
    """A4."""
    assert VIRTUAL_WALL_AT_ZERO == 1_700_000_000 * NS_PER_SECOND  # 22:13:20
    transport = ScriptedTransport(httpx.Response(429, headers={"Retry-After": asked}), good())
    async with patient_client(transport) as client:
        assert (await client.fetch(ASSET)).document == document()
    assert transport.seconds == [0, 4]


async def test_waits_count_against_the_budget(autojump_clock: MockClock) -> None:
    """A4: six seconds and six seconds do not fit in ten, so the second wait is not begun."""
    answers = [httpx.Response(429, headers={"Retry-After": "6"}) for _ in range(3)]
    transport = ScriptedTransport(*answers)
    async with patient_client(transport) as client:
        with pytest.raises(SourceUnreachable, match="not tried again: that would be in 6 s"):
            await client.fetch(ASSET)
        assert trio.current_time() == pytest.approx(6)  # noqa: TID251  the subject of these tests
    assert transport.seconds == [0, 6]


async def test_a_server_that_never_answers_is_left_after_ten_seconds(autojump_clock: MockClock) -> None:
    """A6."""
    transport = ScriptedTransport(None)
    async with patient_client(transport) as client:
        with pytest.raises(SourceUnreachable, match=r"no complete answer from audioscape\.example within 10 s"):
            await client.fetch(ASSET)
        assert trio.current_time() == pytest.approx(10)  # noqa: TID251  the subject of these tests


async def test_tries_share_the_ten_seconds(autojump_clock: MockClock) -> None:
    """A6."""
    transport = ScriptedTransport(httpx.Response(503), None)
    async with patient_client(transport) as client:
        with pytest.raises(SourceUnreachable, match=r"within 10 s \(before that: the server failed \(503"):
            await client.fetch(ASSET)
        assert trio.current_time() == pytest.approx(10)  # noqa: TID251  the subject of these tests
