"""The page at `/`: its three files as they are served. Nothing of the show is in them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_TYPES = {"page.html": "text/html", "page.css": "text/css", "page.js": "text/javascript"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "connect-src 'self'; frame-ancestors 'none'"
)
"""Nothing from elsewhere, and no page of somebody else's around it whose visitors would press `panic` unawares."""


def page_routes() -> list[Route]:
    """Where the page is."""
    return [Route("/", _html), Route("/page.css", _css), Route("/page.js", _js)]


async def _html(_request: Request) -> Response:
    return _file("page.html")


async def _css(_request: Request) -> Response:
    return _file("page.css")


async def _js(_request: Request) -> Response:
    return _file("page.js")


def _file(name: str) -> Response:
    headers = {"content-security-policy": _POLICY, "referrer-policy": "no-referrer"}
    return Response(_read(name), headers=headers, media_type=_TYPES[name])


@cache
def _read(name: str) -> bytes:
    return files(__name__).joinpath(name).read_bytes()
