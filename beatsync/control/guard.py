"""Stands before the API at each of its doors: whom that lets in, and the headers that every answer has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from beatsync.clock import Clock
from beatsync.control.doors import Door
from beatsync.control.records import written
from beatsync.control.refusing import answer_of_refusal
from beatsync.core.units import HostNs
from beatsync.web.refusals import Refusal

_ON_EVERYTHING: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_GRANTED: Final[Mapping[str, str]] = {
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "authorization, content-type, idempotency-key, if-match, last-event-id",
    "access-control-max-age": "600",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """How a request came in, for whoever answers it. `received`: when."""

    door: Door
    received: HostNs


@dataclass(slots=True)
class Guard:
    """Stands before the application at one door. `refused` counts whom it did not let in, by the reason."""

    app: ASGIApp
    door: Door
    clock: Clock
    refused: Counter[str] = field(default_factory=Counter)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["visit"] = Visit(self.door, self.clock.now())
        scope["path"] = _bare(scope["path"])
        headers = Headers(scope=scope)
        grants = self.door.grants(headers.get("origin"))

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                granted = [(name.encode(), value.encode("latin-1")) for name, value in grants.items()]
                message["headers"] = [*message.get("headers", ()), *_ON_EVERYTHING, *granted]
            await send(message)

        app = self.app
        try:
            self.door.admit(headers, scope["path"], scope["query_string"].decode("latin-1"))
        except Refusal as refusal:
            # A browser asks, without the token, on behalf of a page whether it may send it.
            may_ask = scope["method"] == "OPTIONS" and bool(grants)
            app = _preflight(headers) if may_ask else self._refusal(refusal)
        else:
            app = _preflight(headers) if scope["method"] == "OPTIONS" and grants else app
        await app(scope, receive, send_guarded)

    def _refusal(self, refusal: Refusal) -> Response:
        self.refused[str(refusal.reason)] += 1
        status, record = answer_of_refusal(refusal)
        return Response(written(record), status, media_type="application/json")


def _bare(path: str) -> str:
    """A path without the slash that people put at its end, and of which curl follows no redirection."""
    return path.removesuffix("/") or "/"


def _preflight(headers: Mapping[str, str]) -> Response:
    granted = dict(_GRANTED)
    if headers.get("access-control-request-private-network") == "true":
        # A page from the internet to this network: Chrome asks for leave of its own.
        granted["access-control-allow-private-network"] = "true"
    return Response(status_code=204, headers=granted)
