"""The daemon's HTTP API on a Unix socket that only its user can open."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

import trio
from hypercorn.config import Config
from hypercorn.trio import serve
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from beatsync.control.status import status_record
from beatsync.core.limits import MAX_TRACK_SECONDS
from beatsync.core.units import TrackNs, ns_from_seconds
from beatsync.decks.commands import Command, Pause, Play, SeekTo, StopDeck
from beatsync.decks.desk import Desk
from beatsync.errors import BeatsyncError, UsageError

MAX_BODY_BYTES: Final = 64 * 1024
_DEADLINE_SECONDS: Final = 2


def control_app(desk: Desk, leave: Callable[[], None]) -> Starlette:
    """The API. `leave` ends the show and the daemon; the answer still goes out."""
    api = _Api(desk, leave)
    posts = {"play": api.play, "pause": api.pause, "stop": api.stop, "seek": api.seek, "quit": api.quit}
    return Starlette(
        routes=[
            Route("/v1/status", api.status, methods=["GET"]),
            *(Route(f"/v1/{name}", endpoint, methods=["POST"]) for name, endpoint in posts.items()),
        ],
    )


@dataclass(frozen=True, slots=True)
class _Api:
    desk: Desk
    leave: Callable[[], None]

    async def status(self, _request: Request) -> Response:
        return JSONResponse(status_record(self.desk))

    async def play(self, _request: Request) -> Response:
        return await self._do(Play())

    async def pause(self, _request: Request) -> Response:
        return await self._do(Pause())

    async def stop(self, _request: Request) -> Response:
        return await self._do(StopDeck())

    async def seek(self, request: Request) -> Response:
        position = await _position(request)
        if position is None:
            limit = f'{{"position": SECONDS}} with 0 to {MAX_TRACK_SECONDS}'
            return JSONResponse({"error": f"seek needs a body of {limit}"}, status_code=400)
        return await self._do(SeekTo(position))

    async def quit(self, request: Request) -> Response:
        self.leave()
        return await self.status(request)

    async def _do(self, command: Command) -> Response:
        try:
            await self.desk.do(command)
        except UsageError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        except BeatsyncError as error:
            return JSONResponse({"error": str(error)}, status_code=409)
        await self.desk.ensemble.conductor.wait_applied()
        return JSONResponse(status_record(self.desk))


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
            position: Any = json.loads(body)["position"]
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
