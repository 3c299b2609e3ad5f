"""A request's body, read whole or refused: bounded in size and in time."""

from __future__ import annotations

from contextlib import aclosing
from typing import Final

import trio
from starlette.requests import Request

from beatsync.web.refusals import Refusal, Unadmitted

DEADLINE_SECONDS: Final = 2


def check_type(request: Request) -> None:
    """Raises Refusal unless the body is said to be JSON: anything else a web page can send without leave."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refusal(Unadmitted.NOT_JSON_TYPE, 415, "set the header Content-Type: application/json")


async def read_body(request: Request, *, limit: int) -> bytes:
    """The body, of at most `limit` bytes. Raises Refusal, or ClientDisconnect where the client has left."""
    body = b""
    with trio.move_on_after(DEADLINE_SECONDS) as deadline:
        async with aclosing(request.stream()) as chunks:
            async for chunk in chunks:
                body += chunk
                if len(body) > limit:
                    raise Refusal(Unadmitted.TOO_LARGE, 413, f"send at most {limit} bytes at once")
    if deadline.cancelled_caught:
        raise Refusal(Unadmitted.TOO_SLOW, 408, f"the body must arrive within {DEADLINE_SECONDS} s")
    return body
