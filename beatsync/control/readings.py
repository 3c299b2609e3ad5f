"""Everything that can be read over the API, in one table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from beatsync.control.board import Board
from beatsync.control.cues import Lookout
from beatsync.control.event_stream import EventStream, place_in
from beatsync.control.guard import Visit
from beatsync.control.queries import ClockQuery, CuesQuery, EventsQuery, NoQuery, Query, read_query
from beatsync.control.records import (
    ClockRecord,
    CuesRecord,
    SpanRecord,
    StatusRecord,
    TrackRecord,
    written,
)
from beatsync.control.refusing import plain_error
from beatsync.core.track import Section
from beatsync.core.units import seconds_from_ns

Endpoint = Callable[[Board, Request], Awaitable[ASGIApp]]

EVENT_STREAM: Final = "text/event-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One thing that can be read. `answer`: the type of its record, None where it is a stream or a document."""

    name: str
    paths: tuple[str, ...]
    summary: str
    endpoint: Endpoint
    answer: type[Any] | None = None
    query: type[Query] = NoQuery
    media_type: str = "application/json"


async def _status(board: Board, request: Request) -> Response:
    _no_query(request)
    return _json(board.status())


async def _clock(board: Board, request: Request) -> Response:
    """Only what a client needs to tell its clock from the daemon's."""
    read_query(ClockQuery, request.query_params.multi_items())
    visit: Visit = request.scope["visit"]
    record = ClockRecord(received=seconds_from_ns(visit.received), sent=seconds_from_ns(board.clock.now()))
    return _json(written(record))


async def _cues(board: Board, request: Request) -> Response:
    query = read_query(CuesQuery, request.query_params.multi_items())
    name = request.path_params.get("deck")
    if query.target is not None:
        board.check_target(query.target)
    visit: Visit = request.scope["visit"]
    lookout = Lookout(
        foresight=board.foresight,
        decks=board.console.desk.ensemble.decks if name is None else {name: board.deck(name)},
        query=query,
        run=board.run,
        clock=board.clock,
        received=visit.received,
    )
    if not query.wait:
        return _json(written(await lookout.record()))
    if not board.waiting.available_tokens:
        return _too_many_wait()
    async with board.waiting:
        return _json(written(await lookout.record()))


async def _events(board: Board, request: Request) -> ASGIApp:
    query = read_query(EventsQuery, request.query_params.multi_items())
    if not board.waiting.available_tokens:
        return _too_many_wait()
    place, missed = place_in(request.headers.get("last-event-id"), board.ring, board.run)
    return EventStream(board.ring, board.run, place, missed, query.kinds, board.waiting)


async def _track(board: Board, request: Request) -> Response:
    _no_query(request)
    deck = board.deck(request.path_params.get("deck"))
    material = deck.material
    track = material.track if material else None
    return _json(
        written(
            TrackRecord(
                track=material.name if material else None,
                asset_id=track.asset_id if track else None,
                duration=seconds_from_ns(track.duration) if track else None,
                bpm=track.bpm if track else None,
                sections=_spans(track.sections) if track else [],
                phrases=_spans(track.phrases) if track else [],
            )
        )
    )


async def _document(_board: Board, request: Request) -> Response:
    from beatsync.control.openapi import openapi_document  # noqa: PLC0415  it describes this table

    _no_query(request)
    return JSONResponse(openapi_document())


READINGS: Final = (
    Reading(
        name="status",
        paths=("/v1/status",),
        summary="Everything: decks, targets, the books, the revision.",
        endpoint=_status,
        answer=StatusRecord,
    ),
    Reading(
        name="cues",
        paths=("/v1/decks/{deck}/cues", "/v1/cues"),
        summary="The cues of the next seconds, of one deck or all, with all it takes to play them in time.",
        endpoint=_cues,
        answer=CuesRecord,
        query=CuesQuery,
    ),
    Reading(
        name="track",
        paths=("/v1/decks/{deck}/track", "/v1/track"),
        summary="The sections and phrases of the track that a deck has loaded.",
        endpoint=_track,
        answer=TrackRecord,
    ),
    Reading(
        name="events",
        paths=("/v1/events",),
        summary="What happens, as it happens: server-sent events. Send Last-Event-ID to go on where you were.",
        endpoint=_events,
        query=EventsQuery,
        media_type=EVENT_STREAM,
    ),
    Reading(
        name="clock",
        paths=("/v1/clock",),
        summary="The daemon's clock, for a client to tell its own clock from.",
        endpoint=_clock,
        answer=ClockRecord,
        query=ClockQuery,
    ),
    Reading(
        name="openapi.json",
        paths=("/v1/openapi.json",),
        summary="This document.",
        endpoint=_document,
    ),
)


def _spans(spans: Sequence[Section]) -> list[SpanRecord]:
    return [
        SpanRecord(
            name=span.name,
            label=span.label,
            energy=span.energy,
            start=seconds_from_ns(span.start),
            end=seconds_from_ns(span.end),
            colour=span.colour,
        )
        for span in spans
    ]


def _no_query(request: Request) -> None:
    read_query(NoQuery, request.query_params.multi_items())


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")


def _too_many_wait() -> Response:
    record = plain_error(503, "too many clients listen or wait already; close some of them, and try again")
    return Response(written(record), 503, {"retry-after": "2"}, media_type="application/json")
