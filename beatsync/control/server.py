"""The daemon's HTTP API on a Unix socket that only its user can open."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import Any, Final

import trio
from hypercorn.config import Config
from hypercorn.trio import serve
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from beatsync.conductor.deck import Deck
from beatsync.core.limits import MAX_TRACK_SECONDS
from beatsync.core.units import TrackNs, ns_from_seconds

MAX_BODY_BYTES: Final = 64 * 1024
_DEADLINE_SECONDS: Final = 2


def control_app(deck: Deck, status: Callable[[], Mapping[str, Any]], leave: Callable[[], None]) -> Starlette:
    """The API over one deck. `status` gives what `GET /v1/status` answers and every command returns.

    `leave` ends the show and the daemon; the answer still goes out.
    """

    def command(act: Callable[[], None]) -> Callable[[Request], Any]:
        async def answer(_request: Request) -> JSONResponse:
            act()
            return JSONResponse(status())

        return answer

    async def show(_request: Request) -> JSONResponse:
        return JSONResponse(status())

    async def seek(request: Request) -> JSONResponse:
        position = await _position(request)
        if position is None:
            limit = f'{{"position": SECONDS}} with 0 to {MAX_TRACK_SECONDS}'
            return JSONResponse({"error": f"seek needs a body of {limit}"}, status_code=400)
        deck.seek(position)
        return JSONResponse(status())

    return Starlette(
        routes=[
            Route("/v1/status", show, methods=["GET"]),
            Route("/v1/play", command(deck.play), methods=["POST"]),
            Route("/v1/pause", command(deck.pause), methods=["POST"]),
            Route("/v1/stop", command(deck.stop), methods=["POST"]),
            Route("/v1/quit", command(leave), methods=["POST"]),
            Route("/v1/seek", seek, methods=["POST"]),
        ],
    )


async def _position(request: Request) -> TrackNs | None:
    """The `position` of a seek's body; None for anything else."""
    body = b""
    with trio.move_on_after(_DEADLINE_SECONDS):
        async with aclosing(request.stream()) as chunks:
            async for chunk in chunks:
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    return None
        try:
            position = json.loads(body)["position"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        if isinstance(position, int | float) and not isinstance(position, bool) and 0 <= position <= MAX_TRACK_SECONDS:
            return TrackNs(ns_from_seconds(position))
    return None


async def serve_control(
    app: Starlette,
    listener: socket.socket,
    *,
    task_status: trio.TaskStatus[object] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve `app` on `listener` until cancelled."""
    config = Config()
    config.bind = [f"fd://{os.dup(listener.fileno())}"]
    config.accesslog = None
    config.errorlog = None
    config.graceful_timeout = 0.2
    config.read_timeout = _DEADLINE_SECONDS
    await serve(app, config, task_status=task_status)  # type: ignore[arg-type]
