"""The push listener's HTTP face: `POST /v1/position`, and the same as messages of a web socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from beatsync.clock import Clock
from beatsync.config.feeds.push import PushSettings
from beatsync.core.units import HostNs
from beatsync.feeds.feed import Listener
from beatsync.feeds.push.positions import MAX_BODY_BYTES, read_push
from beatsync.feeds.push.receiver import Receiver, Taken
from beatsync.feeds.push.refusals import Unpushed
from beatsync.web.admission import PROTOCOL, check_host, check_origin, check_token, strange_origin
from beatsync.web.bodies import check_type, read_body
from beatsync.web.refusals import Refusal, Unadmitted

PATH: Final = "/v1/position"

_PATIENCE_WITH_MISTAKES: Final = 10
_POLICY_VIOLATION: Final = 1008


@dataclass(frozen=True, slots=True)
class Door:
    """What every request has to pass, and where it then goes."""

    settings: PushSettings
    token: str | None
    receiver: Receiver
    listener: Listener
    clock: Clock

    def admit(self, connection: Request | WebSocket) -> None:
        """Raises Refusal unless who sent its headers may push."""
        headers = connection.headers
        check_host(headers, self.settings.hosts)
        check_origin(headers, self.settings.origins)
        if connection.url.query:
            raise Refusal(
                Unadmitted.IN_URL, 400, "nothing is read from the url; send the token as a header, the rest as JSON"
            )
        check_token(headers, self.token)

    def take(self, body: bytes, connection: Request | WebSocket, received: HostNs) -> Taken:
        """Take what a body says. Raises Refusal."""
        client = connection.client.host if connection.client else ""
        return self.receiver.take(read_push(body), client=client, received=received)

    def grants(self, origin: str | None) -> Mapping[str, str]:
        """The headers that let a listed page read the answer; none for any other."""
        if origin not in self.settings.origins or origin is None:
            return {}
        return {"access-control-allow-origin": origin, "vary": "origin"}


def push_app(door: Door) -> Starlette:
    """The application; it can be served by whatever serves ASGI under trio."""

    async def push(request: Request) -> Response:
        received = door.clock.now()
        try:
            door.admit(request)
            check_type(request)
            taken = door.take(await read_body(request, limit=MAX_BODY_BYTES), request, received)
            answer = JSONResponse({"accepted": taken.accepted, "ignored": list(taken.ignored)})
        except Refusal as refusal:
            door.listener.ignore(refusal.reason)
            answer = _refused(refusal)
        except ClientDisconnect:
            return Response(status_code=400)  # to nobody
        answer.headers.update(door.grants(request.headers.get("origin")))
        return answer

    async def preflight(request: Request) -> Response:
        """A browser asks on behalf of a page whether it may push; only listed origins are told that they may."""
        grants = door.grants(request.headers.get("origin"))
        if not grants:
            door.listener.ignore(Unadmitted.STRANGE_ORIGIN)
            return _refused(strange_origin())
        return Response(status_code=204, headers={**grants, **_preflight_grants(request)})

    async def follow(websocket: WebSocket) -> None:
        try:
            door.admit(websocket)
        except Refusal as refusal:
            door.listener.ignore(refusal.reason)
            await websocket.send_denial_response(_refused(refusal))
            return
        await websocket.accept(PROTOCOL if PROTOCOL in websocket.scope["subprotocols"] else None)
        await _hear(websocket, door)

    return Starlette(
        routes=[
            Route(PATH, push, methods=["POST"]),
            Route(PATH, preflight, methods=["OPTIONS"]),
            WebSocketRoute(PATH, follow),
        ],
        exception_handlers={404: _nothing_here, 405: _nothing_here},
    )


async def _hear(websocket: WebSocket, door: Door) -> None:
    """Take messages until the other side leaves; only what is wrong is answered."""
    mistakes = 0
    while mistakes < _PATIENCE_WITH_MISTAKES:
        message = await websocket.receive()
        received = door.clock.now()
        if message["type"] == "websocket.disconnect":
            return
        body = message.get("bytes") or (message.get("text") or "").encode("utf-8", "replace")
        try:
            door.take(body, websocket, received)
        except Refusal as refusal:
            door.listener.ignore(refusal.reason)
            mistakes += refusal.reason is Unpushed.MALFORMED
            await websocket.send_json({"error": str(refusal)})
    await websocket.close(_POLICY_VIOLATION)


def _refused(refusal: Refusal) -> JSONResponse:
    headers = {"connection": "close"} if refusal.leaves_unread else {}
    return JSONResponse({"error": str(refusal)}, status_code=refusal.status, headers=headers)


async def _nothing_here(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": f"only POST {PATH}, or a web socket there"}, status_code=error.status_code)


def _preflight_grants(request: Request) -> Mapping[str, str]:
    granted = {
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "authorization, content-type",
        "access-control-max-age": "600",
    }
    if request.headers.get("access-control-request-private-network") == "true":
        # A page from the internet to this network: Chrome asks for leave of its own.
        granted["access-control-allow-private-network"] = "true"
    return granted
