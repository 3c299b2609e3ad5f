"""Who is let in. K6, K8."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from beatsync.web.admission import check_host, check_origin, check_token
from beatsync.web.refusals import Refusal, Unadmitted

PAGE = "https://game.example"
TOKEN = "0123456789abcdef-token"


def verdict(check: Callable[[], None]) -> object:
    try:
        check()
    except Refusal as refusal:
        return refusal.reason
    return None


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("127.0.0.1:8090", True),
        ("localhost:8090", True),
        ("LocalHost", True),
        ("[::1]:8090", True),
        ("10.0.0.7:8090", True),
        ("show.local:8090", True),
        ("SHOW.local", True),
        ("evil.example:8090", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("", False),
        ("[evil]", False),
    ],
)
def test_a_name_that_anybody_could_point_here_is_refused(host: str, *, allowed: bool) -> None:
    """K8, DNS rebinding: an address cannot be made a page's own, a name can."""
    reason = verdict(lambda: check_host({"host": host}, {"show.local"}))
    assert reason is (None if allowed else Unadmitted.STRANGE_HOST)


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (PAGE, True),
        ("http://localhost:5173", True),
        ("http://127.0.0.1:7780", True),
        ("https://127.0.0.1:7780", False),
        ("http://game.example", False),
        ("https://game.example:444", False),
        ("https://game.example.evil.example", False),
        ("null", False),
        ("", False),
    ],
)
def test_only_listed_pages_and_those_served_here_are_let_in(origin: str, *, allowed: bool) -> None:
    """K8, CSRF: every browser sends the origin with a POST."""
    listed = [PAGE, "http://localhost:5173"]
    reason = verdict(lambda: check_origin({"origin": origin}, listed, own="http://127.0.0.1:7780"))
    assert reason is (None if allowed else Unadmitted.STRANGE_ORIGIN)
    assert verdict(lambda: check_origin({}, listed)) is None


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"authorization": f"Bearer {TOKEN}"}, True),
        ({"authorization": f"bearer  {TOKEN}"}, True),
        ({"sec-websocket-protocol": f"beatsync, token.{TOKEN}"}, True),
        ({}, False),
        ({"authorization": f"Basic {TOKEN}"}, False),
        ({"authorization": f"Bearer {TOKEN}x"}, False),
        ({"authorization": "Bearer "}, False),
        ({"authorization": "Bearer \u00e4\udcff"}, False),
        ({"sec-websocket-protocol": f"{TOKEN}"}, False),
    ],
)
def test_the_token_is_a_header_and_exact(headers: dict[str, str], *, allowed: bool) -> None:
    """K6"""
    assert verdict(lambda: check_token(headers, TOKEN)) is (None if allowed else Unadmitted.UNAUTHORISED)
    assert verdict(lambda: check_token(headers, None)) is None
