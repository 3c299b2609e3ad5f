"""Who may push. K6, K8."""

from __future__ import annotations

import pytest

from beatsync.feeds.push.admission import admit
from beatsync.feeds.push.refusals import Refusal, Unpushed
from tests.feeds.push.pushing import PAGE, TOKEN, settings

LOCAL = settings(origins=[PAGE, "http://localhost:5173"], hosts=["show.local"])


def verdict(headers: dict[str, str], *, token: str | None = None, query: str = "") -> Unpushed | None:
    try:
        admit({"host": "127.0.0.1:8090", **headers}, query, settings=LOCAL, token=token)
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
    assert verdict({"host": host}) is (None if allowed else Unpushed.STRANGE_HOST)


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (PAGE, True),
        ("http://localhost:5173", True),
        ("http://game.example", False),
        ("https://game.example:444", False),
        ("https://game.example.evil.example", False),
        ("null", False),
        ("", False),
    ],
)
def test_only_listed_pages_may_push(origin: str, *, allowed: bool) -> None:
    """K8, CSRF: every browser sends the origin with a POST."""
    assert verdict({"origin": origin}) is (None if allowed else Unpushed.STRANGE_ORIGIN)


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
    assert verdict(headers, token=TOKEN) is (None if allowed else Unpushed.UNAUTHORISED)


def test_nothing_is_taken_from_the_url() -> None:
    """K6"""
    assert verdict({}, query=f"token={TOKEN}", token=TOKEN) is Unpushed.QUERY
