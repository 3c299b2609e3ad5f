"""The client against a real server on loopback that answers as AudioScape does, or worse."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from typing import NoReturn

import pytest
import trio

from beatsync.core.units import ms
from beatsync.errors import SourceError, SourceRefused, SourceUnreachable, TrackError, UsageError
from beatsync.sources.audioscape import AudioScape
from tests.sources.audioscape_server import (
    AudioScapeServer,
    Fault,
    garbage,
    gzip_bomb,
    gzipped,
    hang_up,
    huge_header,
    page,
    redirect,
    silence,
    slow_loris,
    status,
    truncated,
)
from tests.sources.clients import KEY, QUICK, client_of
from tests.sources.documents import ASSET, NO_ASSET_IDS, OTHER_ASSET, document

BRIEF = replace(QUICK, budget=ms(150))


async def test_a_structure_is_asked_for_as_the_contract_says(server: AudioScapeServer, client: AudioScape) -> None:
    fetched = await client.fetch(ASSET)
    assert fetched.document == document()
    assert fetched.parsed.track.asset_id == ASSET
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", "/developer/v1/track/structure")
    assert seen.headers["x-api-key"] == KEY
    assert seen.headers["content-type"] == "application/json"
    assert json.loads(seen.body) == {"asset_id": ASSET}


async def test_a_compressed_structure_is_unpacked(server: AudioScapeServer, client: AudioScape) -> None:
    server.script.append(gzipped(iter([document()])))
    assert (await client.fetch(ASSET)).document == document()
    assert server.seen[0].headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize("asset_id", NO_ASSET_IDS)
async def test_what_is_no_asset_id_is_refused_before_anything_is_sent(
    server: AudioScapeServer, client: AudioScape, asset_id: str
) -> None:
    """K7."""
    with pytest.raises(UsageError, match="expected 1 to 20 digits") as refused:
        await client.fetch(asset_id)
    assert len(str(refused.value)) < 200
    assert server.seen == []


PERMANENT: list[tuple[str, Fault, str]] = [
    ("A1", status(400, b'{"error": "asset_id is required"}'), r"\(400\): asset_id is required; check the asset id$"),
    ("A2", status(401), r"missing key \(401\); check AUDIOSCAPE_API_KEY"),
    ("A3", status(404), r"unknown asset \(404\)"),
    ("A9", redirect("https://portal.example/login?session=1"), r"redirected \(302\) to https://portal.example; not"),
    ("A9", redirect("//portal.example/", 307), r"redirected \(307\)"),
    ("A11", status(204), "empty structure: answered with 204 No Content"),
    ("A11", status(200, b""), "empty structure: answered with no content"),
    ("A11", status(200, b"{}"), r"empty structure: answered with \{\}"),
    ("A11", status(200, b"null\n"), "empty structure: answered with null"),
    ("A11", status(200, document(), Content_Type="text/plain"), "answered with text/plain"),
    ("A11", page("<html><title>Hotel Wi-Fi</title>"), "with text/html 'Hotel Wi-Fi', expected application/json"),
    ("A8", gzip_bomb(16 * 1024 * 1024), "more than 8,388,608 bytes, decompressed"),
    ("A8", status(200, b" " * (9 * 1024 * 1024)), "more than 8,388,608 bytes"),
    ("other", status(403), r"unexpected answer \(403 Forbidden\)"),
    ("other", status(418), r"unexpected answer \(418"),
    ("other", status(299), r"unexpected answer \(299\)"),
]


@pytest.mark.parametrize(("row", "fault", "message"), PERMANENT, ids=[f"{row}-{m[:20]}" for row, _, m in PERMANENT])
async def test_an_answer_that_will_not_change_is_not_asked_for_again(
    server: AudioScapeServer, client: AudioScape, row: str, fault: Fault, message: str
) -> None:
    """A1, A2, A3, A8, A9, A11."""
    server.always = fault
    with pytest.raises(SourceError, match=message) as refused:
        await client.fetch(ASSET)
    assert str(refused.value).startswith(f"audioscape {ASSET}: ")
    assert str(refused.value).isprintable()
    assert len(server.seen) == 1


PASSING: list[tuple[str, Fault, str]] = [
    ("A4", status(429), r"too many requests for this key \(429\)"),
    ("A5", status(500), r"the server failed \(500 Internal Server Error\)"),
    ("A5", status(502), r"\(502 Bad Gateway\)"),
    ("A5", status(503), r"\(503 Service Unavailable\)"),
    ("A5", status(504), r"\(504 Gateway Timeout\)"),
    ("A5", status(599), r"\(599\)"),
    ("A9", redirect("http://a:b", 308), "Invalid URL in location header"),
    ("A7", truncated(document()), "did not speak proper HTTP"),
    ("A7", hang_up(), "did not speak proper HTTP"),
    ("A7", garbage(), "did not speak proper HTTP"),
    ("A7", huge_header(), "did not speak proper HTTP|broke off"),
    ("A7", status(200, b"\x1f\x8b" + document(), Content_Encoding="gzip"), "damaged gzip"),
    ("A7", status(200, document(), Content_Encoding="br"), "compressed in a way that was not asked for"),
]


@pytest.mark.parametrize(("row", "fault", "message"), PASSING, ids=[f"{row}-{m[:20]}" for row, _, m in PASSING])
async def test_a_passing_trouble_is_tried_three_times_and_then_named(
    server: AudioScapeServer, client: AudioScape, row: str, fault: Fault, message: str
) -> None:
    """A4, A5, A7."""
    server.always = fault
    with pytest.raises(SourceUnreachable, match=message) as refused:
        await client.fetch(ASSET)
    assert "; tried 3 times; " in str(refused.value)
    assert str(refused.value).isprintable()
    assert len(server.seen) == 3


@pytest.mark.parametrize("fault", [fault for _, fault, _ in PASSING], ids=[m[:20] for _, _, m in PASSING])
async def test_a_trouble_that_passes_does_not_show(server: AudioScapeServer, client: AudioScape, fault: Fault) -> None:
    """A4, A5, A7."""
    server.script.extend([fault, fault])
    assert (await client.fetch(ASSET)).document == document()


@pytest.mark.parametrize("asked", ["1e9", "60", "Thu, 01 Jan 2099 00:00:00 GMT"])
async def test_a_wait_that_does_not_fit_is_not_begun(server: AudioScapeServer, client: AudioScape, asked: str) -> None:
    """A4: were it begun, this test would take the ten seconds of the budget."""
    server.always = status(429, Retry_After=asked)
    with pytest.raises(SourceUnreachable, match=r"\(429\).*not tried again: that would be in 60 s"):
        await client.fetch(ASSET)
    assert len(server.seen) == 1


@pytest.mark.parametrize("asked", ["-1", "abc", "", "0", "Thu, 01 Jan 1970 00:00:00 GMT"])
async def test_a_wait_that_makes_no_sense_is_ignored(server: AudioScapeServer, client: AudioScape, asked: str) -> None:
    """A4."""
    server.script.append(status(429, Retry_After=asked))
    assert (await client.fetch(ASSET)).document == document()


@pytest.mark.parametrize("fault", [silence(), slow_loris()], ids=["silence", "slow loris"])
async def test_one_deadline_bounds_the_whole_fetch(server: AudioScapeServer, fault: Fault) -> None:
    """A6: each byte of the slow loris comes well before any time-out on a single read."""
    server.always = fault
    async with client_of(server.url, policy=BRIEF) as client:
        with pytest.raises(SourceUnreachable, match=r"no complete answer from 127\.0\.0\.1 within 0\.15 s; try later"):
            await client.fetch(ASSET)


async def test_the_deadline_names_what_was_met_before_it(server: AudioScapeServer) -> None:
    """A6."""
    server.script.extend([status(503), silence()])
    async with client_of(server.url, policy=BRIEF) as client:
        with pytest.raises(SourceUnreachable, match=r"within 0\.15 s \(before that: the server failed \(503"):
            await client.fetch(ASSET)


async def test_after_a_deadline_the_same_client_works_again(server: AudioScapeServer) -> None:
    """A6: nothing half-read is left in the connection pool."""
    server.script.append(slow_loris())
    async with client_of(server.url, policy=BRIEF) as client:
        with pytest.raises(SourceUnreachable):
            await client.fetch(ASSET)
    async with client_of(server.url) as client:
        server.script.append(gzip_bomb(16 * 1024 * 1024))
        with pytest.raises(SourceRefused):
            await client.fetch(ASSET)
        assert (await client.fetch(ASSET)).document == document()


async def test_a_refused_connection_is_tried_again_and_named(unused_port: int) -> None:
    """A6."""
    async with client_of(f"http://127.0.0.1:{unused_port}") as client:
        with pytest.raises(SourceUnreachable, match=r"127\.0\.0\.1 refused the connection.*tried 3 times"):
            await client.fetch(ASSET)


class NoResolver(trio.abc.HostnameResolver):
    """Knows no name, at once: a real resolver without a network may think about it for longer than the tests may."""

    async def getaddrinfo(self, *_question: object, **_options: object) -> NoReturn:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async def getnameinfo(self, *_question: object, **_options: object) -> NoReturn:
        raise AssertionError("not asked for")


async def test_a_name_that_is_not_known_is_an_error_of_one_line() -> None:
    """A12: no DNS at the venue."""
    trio.socket.set_custom_hostname_resolver(NoResolver())
    expected = r"no address found for name\.invalid; tried 3 times; check that this machine is online"
    async with client_of("https://name.invalid") as client:
        with pytest.raises(SourceUnreachable, match=expected):
            await client.fetch(ASSET)


async def test_a_document_of_another_asset_is_refused_unless_forced(
    server: AudioScapeServer, client: AudioScape
) -> None:
    """I15."""
    server.documents[ASSET] = document(OTHER_ASSET)
    with pytest.raises(TrackError, match=f'asset_id: expected "{ASSET}", got "{OTHER_ASSET}"'):
        await client.fetch(ASSET)
    assert (await client.fetch(ASSET, force=True)).parsed.track.asset_id == OTHER_ASSET


async def test_a_body_that_is_no_track_is_a_track_error_that_names_the_asset(
    server: AudioScapeServer, client: AudioScape
) -> None:
    """I1: complete as far as HTTP can tell, cut as far as JSON can."""
    server.documents[ASSET] = document()[:200]
    with pytest.raises(TrackError, match=f"audioscape {ASSET}"):
        await client.fetch(ASSET)
    assert len(server.seen) == 1


async def test_several_fetches_at_once_do_not_mix(server: AudioScapeServer, client: AudioScape) -> None:
    ids = [str(number) for number in range(1, 9)]
    server.documents.update({asset_id: document(asset_id) for asset_id in ids})
    got: dict[str, str] = {}

    async def fetch(asset_id: str) -> None:
        got[asset_id] = (await client.fetch(asset_id)).parsed.track.asset_id

    async with trio.open_nursery() as nursery:
        for asset_id in ids:
            nursery.start_soon(fetch, asset_id)
    assert got == {asset_id: asset_id for asset_id in ids}


async def test_a_wrong_key_is_refused_by_the_server_itself(server: AudioScapeServer) -> None:
    """A2."""
    async with client_of(server.url, key="wrong") as client:
        with pytest.raises(SourceRefused, match="401"):
            await client.fetch(ASSET)


async def test_an_unknown_asset_is_refused_by_the_server_itself(client: AudioScape) -> None:
    """A3."""
    with pytest.raises(SourceRefused, match="unknown asset"):
        await client.fetch(OTHER_ASSET)
