"""The daemon's HTTP API: routes to what they do. Whom it serves is decided before (guard), over what is none of it."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import trio
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from beatsync.clock import Clock
from beatsync.control.bodies import Aim, Body
from beatsync.control.console import Console, Order
from beatsync.control.guard import Visit
from beatsync.control.records import written
from beatsync.control.refusing import NotHere, answer_of_error, answer_of_refusal, plain_error
from beatsync.control.replays import Answer, Replays
from beatsync.control.status import status_record
from beatsync.control.table import COMMANDS, Entry, Scope
from beatsync.control.wording import complaint
from beatsync.core.units import DurationNs, HostNs, ms
from beatsync.decks.news import News, Tell
from beatsync.errors import BeatsyncError, UsageError
from beatsync.web.bodies import check_type, read_body
from beatsync.web.refusals import Refusal

MAX_BODY_BYTES: Final = 64 * 1024
LONGEST_KEY: Final = 128
STATUS_AGE: Final[DurationNs] = ms(20)
"""A status that is asked for again within this is the same one (faults.md, K11)."""


@dataclass(slots=True)
class Api:
    """What the routes do. `leave` ends the show and the daemon; `refused`: the guards' counts."""

    console: Console
    replays: Replays
    clock: Clock
    tell: Tell
    leave: Callable[[], None]
    refused: Counter[str] = field(default_factory=Counter)
    _status: tuple[HostNs, str, bytes] | None = None

    # Reading

    def status(self) -> bytes:
        """The status, new or a moment old."""
        now, revision = self.clock.now(), self.console.revision
        if self._status is not None:
            at, of, body = self._status
            if of == revision and now - at < STATUS_AGE:
                return body
        record = status_record(self.console.desk, at=now, revision=revision, refused=dict(self.refused))
        body = written(record)
        self._status = (now, revision, body)
        return body

    async def get_status(self, _request: Request) -> Response:
        """What everything does."""
        return _json(self.status())

    # Commands

    async def command(self, entry: Entry, request: Request) -> Response:
        """Do what one entry of the table says."""
        body = await _body(request)
        make = partial(self._answer, partial(self._order, entry, body, request))
        return await self._once(request, body, make)

    async def quit(self, request: Request) -> Response:
        """End the show and the daemon; the answer still goes out."""
        body = await _body(request)

        async def leave() -> None:
            await trio.lowlevel.checkpoint()
            self.leave()

        return await self._once(request, body, partial(self._answer, leave))

    async def _order(self, entry: Entry, body: bytes, request: Request) -> None:
        visit: Visit = request.scope["visit"]
        said = _read(entry.body, body, entry.example)
        name = self._name(entry, request.path_params)
        folder = self.console.desk.ensemble.configuration.path.parent
        words = f"{entry.name} ({entry.scope} {name})" if name else entry.name
        order = Order(
            command=said.command(Aim(name, folder, trusted=visit.door.trusted)),
            words=words,
            source=_source(request),
            revision=_bare(request.headers.get("if-match")),
        )
        await self.console.do(order)
        await self.console.wait_applied()

    def _name(self, entry: Entry, path: Mapping[str, str]) -> str | None:
        """The deck or target of a path. Raises NotHere."""
        desk = self.console.desk
        known = desk.ensemble.decks if entry.scope is Scope.DECK else [target.name for target in desk.targets]
        name = path.get(entry.scope)
        if name is not None and name not in known:
            raise NotHere(f"there is no {entry.scope} {name[:40]!r}; there are {', '.join(known)}")
        return name

    async def _once(self, request: Request, body: bytes, make: Callable[[], Awaitable[Answer]]) -> Response:
        key = _bare(request.headers.get("idempotency-key"))
        if key is not None and not (0 < len(key) <= LONGEST_KEY and key.isprintable()):
            raise UsageError(f"Idempotency-Key: expected 1 to {LONGEST_KEY} characters, such as a uuid")
        seen = request.headers.get("if-match", "")
        described = "\n".join([request.method, request.url.path, seen]).encode() + b"\n" + body
        answer, is_old = await self.replays.answer(key, described, make=make)
        headers = {"idempotency-replayed": "true"} if is_old else {}
        return _json(answer.body, answer.status, headers)

    async def _answer(self, act: Callable[[], Awaitable[None]]) -> Answer:
        """Do it, and answer with the status, or with why not."""
        try:
            await act()
        except BeatsyncError as error:
            status, record = answer_of_error(error)
            return Answer(status, written(record))
        except Exception as error:  # noqa: BLE001  a fault of ours must not end the show
            return Answer(500, written(plain_error(500, self.own_fault(error))))
        return Answer(200, self.status())

    def own_fault(self, error: Exception) -> str:
        """Tell people of an error that nobody foresaw; returns what whoever asked is told."""
        place = traceback.extract_tb(error.__traceback__)[-1]
        text = f"this is a fault of beatsync: {type(error).__name__} at {place.name}:{place.lineno}: {str(error)[:200]}"
        self.tell(News(self.clock.now(), "fault", text, {"message": text}, grave=True))
        return text


def control_app(api: Api) -> Starlette:
    """The application; it can be served by whatever serves ASGI under trio, behind a Guard."""

    async def foreseen(_request: Request, error: Exception) -> Response:
        assert isinstance(error, BeatsyncError)
        status, record = answer_of_error(error)
        return _json(written(record), status)

    async def unadmitted(_request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)
        api.refused[str(error.reason)] += 1
        status, record = answer_of_refusal(error)
        return _json(written(record), status, {"connection": "close"} if error.leaves_unread else {})

    async def no_route(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        message = f"{request.method} {request.url.path[:80]}: there is no such thing; see /v1/openapi.json"
        return _json(written(plain_error(error.status_code, message)), error.status_code, error.headers or {})

    async def gone(_request: Request, _error: Exception) -> Response:
        return Response(status_code=400)  # to nobody

    async def unforeseen(_request: Request, error: Exception) -> Response:
        return _json(written(plain_error(500, api.own_fault(error))), 500)

    return Starlette(
        routes=[
            Route("/v1/status", api.get_status, methods=["GET"]),
            Route("/v1/quit", api.quit, methods=["POST"]),
            *(
                Route(path, partial(api.command, entry), methods=["POST"], name=f"{entry.name} {number}")
                for entry in COMMANDS
                for number, path in enumerate(entry.paths)
            ),
        ],
        exception_handlers={
            BeatsyncError: foreseen,
            Refusal: unadmitted,
            HTTPException: no_route,
            ClientDisconnect: gone,
            Exception: unforeseen,
        },
    )


async def _body(request: Request) -> bytes:
    """The body of a command. Raises Refusal."""
    body = await read_body(request, limit=MAX_BODY_BYTES)
    visit: Visit = request.scope["visit"]
    if body and not visit.door.trusted:
        check_type(request)
    return body


def _read(model: type[Body], body: bytes, example: Mapping[str, object]) -> Body:
    """What a body says. Raises UsageError."""
    try:
        return model.model_validate_json(body.strip() or b"{}")
    except ValidationError as error:
        raise UsageError(complaint(error, model, example)) from None


def _source(request: Request) -> str:
    visit: Visit = request.scope["visit"]
    return f"{visit.door.name} {request.client.host}" if request.client and not visit.door.trusted else visit.door.name


def _bare(value: str | None) -> str | None:
    """A header's value without the quotes that belong around it; None where it says nothing, or anything will do."""
    bare = None if value is None else value.strip().removeprefix("W/").strip('"')
    return None if bare in {None, "*"} else bare


def _json(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(body, status, dict(headers or {}), media_type="application/json")
