"""The daemon's HTTP API: routes to what they do. Whom it serves is decided before (guard), over what is none of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import trio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from beatsync.control.astray import led_astray
from beatsync.control.board import Board
from beatsync.control.bodies import Aim
from beatsync.control.console import Order
from beatsync.control.guard import Visit
from beatsync.control.json_bodies import read_json
from beatsync.control.page import page_routes
from beatsync.control.readings import READINGS
from beatsync.control.records import written
from beatsync.control.refusing import answer_of_error, answer_of_refusal, plain_error
from beatsync.control.replays import Answer, Replays
from beatsync.control.table import COMMANDS, QUIT, Entry, Scope
from beatsync.decks.commands import Outcome
from beatsync.errors import BeatsyncError, UsageError
from beatsync.web.bodies import check_type, read_body
from beatsync.web.refusals import Refusal

MAX_BODY_BYTES: Final = 64 * 1024
LONGEST_KEY: Final = 128


@dataclass(frozen=True, slots=True)
class _Commands:
    """What the routes of commands do."""

    board: Board
    replays: Replays

    async def command(self, entry: Entry, request: Request) -> Response:
        """Do what one entry of the table says, once."""
        body = await _body(request)
        act = self._leave if entry is QUIT else partial(self._order, entry, body, request)
        key = _bare(request.headers.get("idempotency-key"))
        if key is not None and not (0 < len(key) <= LONGEST_KEY and key.isprintable()):
            raise UsageError(f"Idempotency-Key: expected 1 to {LONGEST_KEY} characters, such as a uuid")
        seen = request.headers.get("if-match", "")
        described = f"{request.url.path}\n{seen}\n".encode() + body
        answer, is_old = await self.replays.answer(key, described, make=partial(self._answer, act))
        return _json(answer.body, answer.status, {"idempotency-replayed": "true"} if is_old else {})

    async def _leave(self) -> Outcome | None:
        await trio.lowlevel.checkpoint()
        self.board.leave()
        return None

    async def _order(self, entry: Entry, body: bytes, request: Request) -> Outcome | None:
        visit: Visit = request.scope["visit"]
        console = self.board.console
        said = read_json(entry.body, body, entry.example)
        name = self._name(entry, request.path_params)
        folder = console.desk.ensemble.configuration.path.parent
        order = Order(
            command=said.command(Aim(name, folder, trusted=visit.door.trusted)),
            words=entry.words(said, name),
            source=_source(request),
            revision=_bare(request.headers.get("if-match")),
        )
        outcome = await console.do(order)
        await console.wait_applied()
        return outcome

    def _name(self, entry: Entry, path: Mapping[str, str]) -> str | None:
        """The deck or target of a path. Raises NotHere."""
        name = path.get(entry.scope)
        if name is not None:
            if entry.scope is Scope.DECK:
                self.board.deck(name)
            else:
                self.board.check_target(name)
        return name

    async def _answer(self, act: Callable[[], Awaitable[Outcome | None]]) -> Answer:
        """Do it, and answer with the status, or with why not."""
        try:
            outcome = await act()
        except BeatsyncError as error:
            status, record = answer_of_error(error)
            return Answer(status, written(record))
        except Exception as error:  # noqa: BLE001  a fault of ours must not end the show
            return Answer(500, written(plain_error(500, self.board.own_fault(error))))
        return Answer(200, self.board.status(outcome=outcome.text if outcome else None))


def control_app(board: Board, replays: Replays) -> Starlette:
    """The application; it can be served by whatever serves ASGI under trio, behind a Guard."""
    commands = _Commands(board, replays)

    async def foreseen(_request: Request, error: Exception) -> Response:
        assert isinstance(error, BeatsyncError)
        status, record = answer_of_error(error)
        return _json(written(record), status)

    async def unadmitted(_request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)
        board.refused[str(error.reason)] += 1
        status, record = answer_of_refusal(error)
        return _json(written(record), status, {"connection": "close"} if error.leaves_unread else {})

    async def unforeseen(_request: Request, error: Exception) -> Response:
        return _json(written(plain_error(500, board.own_fault(error))), 500)

    return Starlette(
        routes=[
            *page_routes(),
            *(
                Route(path, partial(reading.endpoint, board), methods=["GET"], name=f"{reading.name} {number}")
                for reading in READINGS
                for number, path in enumerate(reading.paths)
            ),
            *(
                Route(path, partial(commands.command, entry), methods=["POST"], name=f"{entry.name} {number}")
                for entry in (*COMMANDS, QUIT)
                for number, path in enumerate(entry.paths)
            ),
        ],
        exception_handlers={
            BeatsyncError: foreseen,
            Refusal: unadmitted,
            HTTPException: led_astray,
            ClientDisconnect: _gone,
            Exception: unforeseen,
        },
    )


async def _gone(_request: Request, _error: Exception) -> Response:
    return Response(status_code=400)  # to nobody


async def _body(request: Request) -> bytes:
    """The body of a command. Raises Refusal."""
    body = await read_body(request, limit=MAX_BODY_BYTES)
    visit: Visit = request.scope["visit"]
    if body and not visit.door.trusted:
        check_type(request)
    return body


def _source(request: Request) -> str:
    visit: Visit = request.scope["visit"]
    return f"{visit.door.name} {request.client.host}" if request.client and not visit.door.trusted else visit.door.name


def _bare(value: str | None) -> str | None:
    """A header's value without the quotes that belong around it; None where it says nothing, or anything will do."""
    bare = None if value is None else value.strip().removeprefix("W/").strip('"')
    return None if bare in {None, "*"} else bare


def _json(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(body, status, dict(headers or {}), media_type="application/json")
