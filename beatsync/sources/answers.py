"""What went wrong in one try, as a value; and what AudioScape's answers mean, one status and one body at a time.

Never reads a socket. Text from the far end is shown on one line, without control characters, cut short.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import httpx

from beatsync.core.limits import MAX_DOCUMENT_BYTES
from beatsync.errors import SourceError, SourceRefused, SourceUnreachable

MAX_ERROR_BYTES: Final = 16 * 1024
"""How much of an error's body is read for the message in it."""

_SHOWN_CHARACTERS: Final = 200
_SHOWN_OF_A_BODY: Final = 60
_NOTHING: Final = frozenset({b"", b"null", b"{}", b"[]"})
_TITLE: Final = re.compile(r"<title[^>]*>([^<]{1,200})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One try that gave no document.

    `error`: which exception it becomes once nothing more is tried; `again`: whether another try may help;
    `asked`: the Retry-After header, as it came.
    """

    problem: str
    remedy: str
    error: type[SourceError]
    again: bool = False
    asked: str | None = None

    def message(self, outcome: str = "") -> str:
        """Problem, `outcome` (`tried 3 times`) and remedy on one line."""
        return "; ".join(part for part in (self.problem, outcome, self.remedy) if part)


def failure_of_status(status: int, headers: Mapping[str, str], body: bytes, *, what: str = "asset") -> Failure | None:
    """What a status other than 200 means; None for 200. `body`: its beginning, for 400 alone; `what`: was asked for."""
    failure: Failure | None
    match status:
        case 200:
            failure = None
        case 204:
            failure = _empty("204 No Content")
        case 400:
            failure = _refused(f"did not understand the request (400): {_server_message(body)}", f"check the {what} id")
        case 401:
            failure = _refused("invalid or missing key (401)", "check AUDIOSCAPE_API_KEY or the key file")
        case 404:
            failure = _refused(f"unknown {what} (404)", f"check the {what} id")
        case 429:
            remedy = "wait a minute, and fetch set lists ahead with beatsync fetch"
            failure = _passing("too many requests for this key (429)", remedy, headers)
        case _ if status >= 500:
            failure = _passing(f"the server failed ({_named(status)})", "try later", headers)
        case _ if 300 <= status < 400:
            failure = _redirected(status, headers.get("location", ""))
        case _:
            failure = _refused(f"unexpected answer ({_named(status)}), expected 200", "check AUDIOSCAPE_URL")
    return failure


def failure_of_body(content_type: str, body: bytes) -> Failure | None:
    """What is wrong with the body of a 200 at first sight; None where it may be a track document."""
    if body.strip() in _NOTHING:
        return _empty(f"{one_line(body.decode('ascii'), 10) or 'no content'}")
    kind = content_type.partition(";")[0].strip().lower()
    if kind in {"", "application/json"} or kind.endswith("+json"):
        page = body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    else:
        page = True
    if not page:
        return None
    return Failure(
        problem=f"answered with {one_line(kind, 40) or 'a page'} {_excerpt(body)!r}, expected application/json",
        remedy="if that is the venue's log-in page, log in to the network first",
        error=SourceUnreachable,
    )


def too_large() -> Failure:
    """The body passed the limit."""
    return _refused(f"answered with more than {MAX_DOCUMENT_BYTES:,} bytes, decompressed", "use a file instead")


def key_echoed() -> Failure:
    """A document that has the key in it would carry it into the cache, and onto the page."""
    return _refused("answered with the key that it was sent", "not taken, so that the key is stored and shown nowhere")


def one_line(text: str, limit: int = _SHOWN_CHARACTERS) -> str:
    """`text` from the far end, made fit to be shown: one line of printable characters, at most `limit` of them."""
    words = " ".join(text[: 4 * limit].split())
    line = "".join(character for character in words if character.isprintable())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def _refused(problem: str, remedy: str) -> Failure:
    return Failure(problem=problem, remedy=remedy, error=SourceRefused)


def _passing(problem: str, remedy: str, headers: Mapping[str, str]) -> Failure:
    return Failure(
        problem=problem, remedy=remedy, error=SourceUnreachable, again=True, asked=headers.get("retry-after")
    )


def _empty(what: str) -> Failure:
    return _refused(f"empty structure: answered with {what}", "use a file, or the asset of another release")


def _redirected(status: int, location: str) -> Failure:
    """Only scheme and host are shown: what follows them may hold a session or what we sent."""
    try:
        url = httpx.URL(location)
        where = one_line(f"{url.scheme}://{url.host}") if url.host else "another page"
    except httpx.InvalidURL:
        where = "no valid address"
    return Failure(
        problem=f"redirected ({status}) to {where}; not followed, so that the key goes nowhere else",
        remedy="log in to the venue's network, or correct AUDIOSCAPE_URL",
        error=SourceUnreachable,
    )


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _server_message(body: bytes) -> str:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return "no reason given"
    message = document.get("error") if isinstance(document, dict) else None
    return one_line(message) if isinstance(message, str) else "no reason given"


def _excerpt(body: bytes) -> str:
    """What tells a person what came: a page's title, else how the body begins."""
    beginning = body[:4096].decode("utf-8", errors="replace")
    title = _TITLE.search(beginning)
    return one_line(title[1] if title else beginning, _SHOWN_OF_A_BODY)
