"""What a request is told that leads nowhere: it went to a path that is not there, or by another method than its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from shlex import quote as in_shell
from typing import Final
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from beatsync.control.guard import Visit
from beatsync.control.readings import READINGS
from beatsync.control.records import written
from beatsync.control.refusing import plain_error
from beatsync.control.table import COMMANDS, QUIT, Entry

_LONGEST: Final = 80
_ENTRIES: Final[Mapping[str, Entry]] = {entry.name: entry for entry in (*COMMANDS, QUIT)}
_PATHS: Final = tuple(path for one in (*COMMANDS, QUIT, *READINGS) for path in one.paths)


async def led_astray(request: Request, error: Exception) -> Response:
    """The answer where no route takes a request."""
    assert isinstance(error, HTTPException)
    path = quote(request.scope["path"][:_LONGEST])
    if error.status_code == 405:
        text, headers = _other_method(request, path), {"allow": _allowed(path)}
    else:
        text, headers = _no_such_path(path), {}
    record = plain_error(error.status_code, f"{request.method[:20]} {path}: {text}")
    return Response(written(record), error.status_code, headers, media_type="application/json")


def _entry_of(path: str) -> Entry | None:
    """The command of a path that there is; None for what is read."""
    return _ENTRIES.get(path.rpartition("/")[2])


def _allowed(path: str) -> str:
    return "GET, HEAD" if _entry_of(path) is None else "POST"


def _other_method(request: Request, path: str) -> str:
    """What to type instead, whole."""
    visit: Visit = request.scope["visit"]
    way = "curl --unix-socket SOCKET" if visit.door.trusted else "curl"
    url = f"http://{quote(request.headers.get('host', '')[:_LONGEST], safe=':[]')}{path}"
    entry = _entry_of(path)
    if entry is None:
        return f"this is read, with GET: {way} {url}"
    said = f"--json {in_shell(json.dumps(entry.example))}" if entry.example else "-X POST"
    return f"this is a command, and is sent with POST: {way} {said} {url}"


def _no_such_path(path: str) -> str:
    near = get_close_matches(path, [_filled(one, path) for one in _PATHS], n=1, cutoff=0.75)
    return f"there is no such thing; {f'did you mean {near[0]}? ' if near else ''}see /v1/openapi.json"


def _filled(known: str, path: str) -> str:
    """A path of ours with the names of deck and target that the request's has at the same places."""
    given = dict(enumerate(path.split("/")))
    return "/".join(
        given.get(place, part) if part.startswith("{") else part for place, part in enumerate(known.split("/"))
    )
