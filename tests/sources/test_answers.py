"""What AudioScape's answers mean, without a network. The server tests cover the same end to end."""

from __future__ import annotations

import gzip

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from beatsync.errors import SourceRefused, SourceUnreachable
from beatsync.sources.answers import failure_of_body, failure_of_status, one_line
from beatsync.sources.bodies import Damaged, TooLarge, read_body
from tests.sources.documents import document


@given(st.integers(min_value=100, max_value=999), st.binary(max_size=200))
def test_every_status_but_200_is_a_failure_with_a_message_of_one_line(status: int, body: bytes) -> None:
    """A1, A5."""
    failure = failure_of_status(status, {}, body)
    assert (failure is None) == (status == 200)
    if failure:
        assert failure.message().isprintable()
        assert failure.again == (status == 429 or status >= 500)


def test_the_servers_own_message_is_shown_on_one_line_without_controls_and_cut_short() -> None:
    """A1."""
    failure = failure_of_status(400, {}, b'{"error": "bad\\u001b[31m id\\n\\u202e' + b"x" * 1000 + b'"}')
    assert failure
    assert failure.message().startswith("did not understand the request (400): bad[31m id x")
    assert failure.message().isprintable()
    assert len(failure.message()) < 280


@pytest.mark.parametrize(
    "body", [b"", b"oops", b"[]", b'{"error": 7}', b"[" * 16_000, b'{"error": ' + b"9" * 5000 + b"}"]
)
def test_a_400_without_a_message_is_still_a_400(body: bytes) -> None:
    """A1."""
    failure = failure_of_status(400, {}, body)
    assert failure
    assert failure.problem.endswith("no reason given")
    assert failure.error is SourceRefused


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://portal.example:8080/a?session=1", "to https://portal.example;"),
        ("/elsewhere", "to another page;"),
        ("", "to another page;"),
        ("http://a:b", "to no valid address;"),
        ("https://user:secret@portal.example", "to https://portal.example;"),
    ],
)
def test_a_redirect_is_named_by_its_host_alone(location: str, shown: str) -> None:
    """A9."""
    failure = failure_of_status(302, {"location": location}, b"")
    assert failure
    assert f"redirected (302) {shown}" in failure.message()


@pytest.mark.parametrize("body", [b"", b" \r\n", b"null", b"{}", b"[]", b" {} "])
def test_an_answer_without_content_is_an_empty_structure(body: bytes) -> None:
    """A11."""
    failure = failure_of_body("application/json", body)
    assert failure
    assert failure.message().startswith("empty structure: ")


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=utf-8", "application/problem+json", ""]
)
def test_a_document_passes_under_any_content_type_for_json_or_none(kind: str) -> None:
    """A11."""
    assert failure_of_body(kind, document()) is None


@pytest.mark.parametrize("kind", ["text/html", "text/plain", "application/octet-stream"])
def test_another_content_type_is_refused_and_named(kind: str) -> None:
    """A11."""
    failure = failure_of_body(kind, document())
    assert failure
    assert kind in failure.message()


def test_a_page_is_known_by_its_content_and_named_by_its_title() -> None:
    """A11, I1: a captive portal that claims to speak JSON."""
    body = b"\xef\xbb\xbf <!doctype html><html><head><title>Hotel\n Wi-Fi</title>"
    failure = failure_of_body("application/json", body)
    assert failure
    assert "'Hotel Wi-Fi'" in failure.message()
    assert "log in to the network" in failure.message()
    assert failure.error is SourceUnreachable


@given(st.text(max_size=500), st.integers(min_value=1, max_value=100))
def test_text_from_the_far_end_is_always_fit_to_be_shown(text: str, limit: int) -> None:
    """A1."""
    line = one_line(text, limit)
    assert len(line) <= limit
    assert line.isprintable()


@pytest.mark.parametrize(
    ("encoding", "pieces", "expected"),
    [
        ("", [b"x" * 1000], b"x" * 1000),
        ("identity", [b"x" * 1000, b"x"], TooLarge()),
        ("gzip", [gzip.compress(b"x" * 1000)], b"x" * 1000),
        ("GZIP", [gzip.compress(b"x" * 1001)], TooLarge()),
        ("gzip", [gzip.compress(b"x" * 5_000_000)], TooLarge()),
        ("gzip", [gzip.compress(b"x")[:-1]], Damaged("gzip without its end")),
        ("gzip", [gzip.compress(b"x") + b"y"], Damaged("gzip with something after its end")),
        ("gzip", [b"<html>"], Damaged("damaged gzip")),
        ("br", [b"x"], Damaged("compressed in a way that was not asked for")),
        ("gzip, gzip", [b"x"], Damaged("compressed in a way that was not asked for")),
    ],
)
async def test_a_bodys_bound_is_on_what_comes_out_even_from_one_chunk(
    encoding: str, pieces: list[bytes], expected: object
) -> None:
    """A8."""
    send, receive = trio.open_memory_channel[bytes](len(pieces))
    async with send:
        for piece in pieces:
            await send.send(piece)
    assert await read_body(receive, encoding=encoding, limit=1000) == expected
