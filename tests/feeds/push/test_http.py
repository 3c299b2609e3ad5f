"""Pushes over HTTP on a real port."""

from __future__ import annotations

import json
import random  # noqa: TID251  seeded
from contextlib import suppress
from dataclasses import replace

import httpx
import pytest
import trio

from beatsync.clock import SystemClock
from beatsync.core.units import ms
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.push.feed import PushFeed
from beatsync.feeds.push.positions import MAX_BODY_BYTES
from beatsync.feeds.push.refusals import Unpushed
from beatsync.web.refusals import Unadmitted
from tests.feeds.listening import Heard
from tests.feeds.push.pushing import PAGE, TOKEN, Listening, listening, settings
from tests.needs import needs

CLOCK = SystemClock()
GOOD = {"pos": 12.5, "playing": True}


async def test_a_position_is_pushed_and_taken() -> None:
    async with listening(settings()) as feed:
        before = CLOCK.now()
        answer = await feed.push(GOOD)
        after = CLOCK.now()
        (observation,) = await feed.heard.wait_for(1)
    assert (answer.status_code, answer.json()) == (200, {"accepted": 1, "ignored": []})
    assert (observation.position, observation.playing) == (12_500_000_000, True)
    assert before <= observation.host <= after
    assert feed.heard.sources == ["push port 0, from 127.0.0.1"]


async def test_eight_pushes_a_second_share_one_connection_and_their_clock() -> None:
    """Roblox's limit; here without waiting between them."""
    async with listening(settings()) as feed:
        for step in range(20):
            sent = CLOCK.now() / 1e9 + 600
            assert (await feed.push({"pos": step / 8, "sent": sent})).status_code == 200
        observations = await feed.heard.wait_for(20)
    assert all(one.host <= CLOCK.now() for one in observations)
    assert observations[-1].slack < observations[0].slack


async def test_a_batch_in_one_request_is_taken_in_order() -> None:
    async with listening(settings()) as feed:
        answer = await feed.push([{"pos": 1, "sent": 1}, {"pos": 2, "sent": 2}, {"pos": 1.5, "sent": 1.5}])
        observations = await feed.heard.wait_for(2)
    assert answer.json() == {"accepted": 2, "ignored": [Unpushed.OLDER]}
    assert [one.position for one in observations] == [10**9, 2 * 10**9]
    assert 0 <= observations[1].host - observations[0].host - 10**9 < ms(1)


async def test_curl_pushes_as_the_documentation_says() -> None:
    curl = needs("curl", "curl")
    async with listening(settings()) as feed:
        body = '{"pos": 12.3, "playing": true}'
        url = f"http://127.0.0.1:{feed.port}/v1/position"
        words = [curl, "--silent", "--fail", "--noproxy", "*", "--json", body, url]
        done = await trio.run_process(words, capture_stdout=True)
        await feed.heard.wait_for(1)
    assert json.loads(done.stdout) == {"accepted": 1, "ignored": []}


@pytest.mark.parametrize(
    ("body", "headers", "status", "says"),
    [
        (b"{}", {}, 400, "nothing that says where playback stands"),
        (b"[" * 8000, {}, 400, "the body is not JSON"),
        (b'{"pos": 99999999}', {}, 400, "are these milliseconds?"),
        (b'{"pos": 1}', {"content-type": "text/plain"}, 415, "Content-Type: application/json"),
        (b'{"pos": 1}', {"content-type": ""}, 415, "Content-Type: application/json"),
        (b'{"pos": 1}', {"host": "evil.example"}, 403, "the host name 'evil.example' is not known here"),
        (b'{"pos": 1}', {"origin": "https://evil.example"}, 403, "this page is not let in"),
        (b" " * (MAX_BODY_BYTES + 1), {}, 413, "send at most 16384 bytes"),
    ],
)
async def test_what_is_refused_is_refused_in_json_with_the_remedy(
    body: bytes, headers: dict[str, str], status: int, says: str
) -> None:
    """F7, K8"""
    async with listening(settings()) as feed:
        sent = {"content-type": "application/json", **headers}
        answer = await feed.client.post("/v1/position", content=body, headers=sent)
        assert feed.heard.observations == []
        assert feed.heard.ignored.total() == 1
    assert answer.status_code == status
    assert says in answer.json()["error"]
    assert "access-control-allow-origin" not in answer.headers


async def test_a_good_push_is_taken_after_whatever_was_refused() -> None:
    async with listening(settings()) as feed:
        await feed.client.post("/v1/position", content=b"x" * 100_000)
        assert (await feed.push({"pos": "x"})).status_code == 400
        assert (await feed.push(GOOD)).status_code == 200


async def test_other_paths_and_methods_say_where_to_go() -> None:
    async with listening(settings()) as feed:
        for answer in (await feed.client.get("/v1/position"), await feed.client.post("/", json=GOOD)):
            assert answer.status_code in {404, 405}
            assert answer.json() == {"error": "only POST /v1/position, or a web socket there"}


async def test_a_listed_page_may_push_and_its_browser_is_told_so() -> None:
    """K8: the answer to the browser's question, and to the push itself."""
    async with listening(settings(origins=[PAGE])) as feed:
        asked = {
            "origin": PAGE,
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type",
            "access-control-request-private-network": "true",
        }
        question = await feed.client.options("/v1/position", headers=asked)
        answer = await feed.push(GOOD, origin=PAGE)
        mistake = await feed.push({}, origin=PAGE)
    assert question.status_code == 204
    assert question.headers["access-control-allow-origin"] == PAGE
    assert question.headers["access-control-allow-methods"] == "POST"
    assert question.headers["access-control-allow-headers"] == "authorization, content-type"
    assert question.headers["access-control-allow-private-network"] == "true"
    assert (answer.status_code, mistake.status_code) == (200, 400)
    assert {one.headers["access-control-allow-origin"] for one in (answer, mistake)} == {PAGE}
    assert answer.headers["vary"] == "origin"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
async def test_the_browser_of_any_other_page_is_told_nothing_of_the_kind(origin: str | None) -> None:
    """K8"""
    async with listening(settings(origins=[PAGE])) as feed:
        headers = {} if origin is None else {"origin": origin}
        question = await feed.client.options("/v1/position", headers=headers)
    assert question.status_code == 403
    assert not [name for name in question.headers if name.startswith("access-control")]


async def test_other_machines_need_the_token_in_a_header() -> None:
    """K6"""
    public = settings(host="0.0.0.0")
    async with listening(public, env={"BEATSYNC_PUSH_TOKEN": TOKEN}) as feed:
        assert (await feed.push(GOOD)).status_code == 401
        assert (await feed.push(GOOD, authorization=f"Bearer {TOKEN[:-1]}")).status_code == 401
        in_url = await feed.client.post(f"/v1/position?token={TOKEN}", json=GOOD)
        assert (in_url.status_code, TOKEN in in_url.text) == (400, False)
        assert feed.heard.observations == []
        assert (await feed.push(GOOD, authorization=f"Bearer {TOKEN}")).status_code == 200
    assert feed.heard.ignored == {Unadmitted.UNAUTHORISED: 2, Unadmitted.IN_URL: 1}


async def test_without_a_token_other_machines_are_not_listened_to() -> None:
    """K6"""
    with pytest.raises(FeedTrouble, match="needs a token"):
        await PushFeed(settings(host="0.0.0.0"), clock=CLOCK, env={}).listen(Heard())


async def test_a_second_sender_is_told_who_is_in_the_way() -> None:
    """F11"""
    async with listening(settings()) as feed:
        assert (await feed.push({"pos": 1, "sender": "tab 1"})).status_code == 200
        answer = await feed.push({"pos": 50, "sender": "tab 2"})
    assert answer.status_code == 409
    assert "another sender is pushing" in answer.json()["error"]
    assert feed.heard.ignored == {Unpushed.SECOND_SENDER: 1}


async def test_a_flood_is_told_to_slow_down() -> None:
    """F12"""
    async with listening(settings()) as feed:
        statuses = {(await feed.push([{"pos": 1}] * 60)).status_code for _ in range(4)}
        assert statuses == {200, 429}


async def test_a_port_that_another_program_has_is_trouble() -> None:
    async with listening(settings()) as feed:
        taken = replace(settings(), port=feed.port)
        with pytest.raises(FeedTrouble, match=f"cannot listen on tcp 127.0.0.1:{feed.port}: address already in use"):
            await PushFeed(taken, clock=CLOCK, env={}).listen(Heard())


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_bytes_arrive_the_next_good_push_is_taken(seed: int) -> None:
    """K1, for HTTP: requests with accidents, each on a connection of its own."""
    chance = random.Random(seed)
    request = (
        b"POST /v1/position HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        b'content-length: 12\r\nconnection: close\r\n\r\n{"pos": 1.5}'
    )
    upgrade = (
        b"GET /v1/position HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
        b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n\x81\x00\x88\x00"
    )
    prior = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
    async with listening(settings()) as feed:
        for _ in range(60):
            data = bytearray(chance.choice([request, upgrade, prior]))
            for _ in range(chance.randint(0, 5)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            stream = await trio.open_tcp_stream("127.0.0.1", feed.port)
            with suppress(trio.BrokenResourceError):
                await stream.send_all(bytes(data[: chance.randrange(1, len(data) + 1)]))
                await stream.send_eof()
                while await stream.receive_some():
                    pass
            await trio.aclose_forcefully(stream)
        answer = await push_when_there_is_a_place(feed)
    assert answer.status_code in {200, 429}


async def test_a_connection_over_which_the_http_server_stumbles_is_that_connection_s_trouble() -> None:
    """K1: data before the answer to an upgrade makes hypercorn 0.18 raise; alone it would end the daemon."""
    async with listening(settings()) as feed:
        stream = await trio.open_tcp_stream("127.0.0.1", feed.port)
        await stream.send_all(
            b"GET /v1/position HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
            b"sec-websocket-version: 13\r\nsec-websocket-key: AAAA\r\n\r\n\x81\x85",
        )
        await feed.heard.wait_ignored(1)
        await trio.aclose_forcefully(stream)
        assert (await feed.push(GOOD)).status_code == 200
    assert feed.heard.ignored == {Unadmitted.BROKEN: 1}


async def test_an_answer_that_nobody_waits_for_does_no_harm() -> None:
    async with listening(settings()) as feed:
        for _ in range(20):
            stream = await trio.open_tcp_stream("127.0.0.1", feed.port)
            await stream.send_all(b"POST /v1/position HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\n\r\n{")
            await trio.aclose_forcefully(stream)
        assert (await push_when_there_is_a_place(feed)).status_code == 200
        assert Unadmitted.BROKEN not in feed.heard.ignored


async def push_when_there_is_a_place(feed: Listening) -> httpx.Response:
    """Clients that have just left may hold one for a moment."""
    with trio.fail_after(30):
        while (answer := await feed.push(GOOD)).status_code == 503:
            await trio.sleep(0.05)
    return answer
