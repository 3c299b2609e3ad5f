"""VLC's status page over HTTP: one question, one answer, each on a connection of its own.

VLC 3 works an answer out as soon as it has the question, and then waits for 20 ms before it sends it; on a connection
that is kept, for 60 (measured with a debugger, and src/network/httpd.c). So a new one is opened for each, and those 20
ms are taken off the round trip. Never follows a redirect, and never obeys the proxies of the environment.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx
import trio

from beatsync.clock import Clock
from beatsync.config.feeds.addresses import TcpAddress
from beatsync.core.units import HostNs, ms
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.patience import patience
from beatsync.secret import Secret

PAGE: Final = "/requests/status.json"
MAX_BODY_BYTES: Final = 256 * 1024
"""A status has two kilobytes, with many tags ten."""

PAUSE: Final = ms(20)
"""Between the working out of an answer and its sending."""

_REMEDY: Final = "start it with --extraintf http --http-password PASSWORD, or correct host and port"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came, and between which two instants it was worked out. `body`: None where it is too long."""

    body: bytes | None
    asked: HostNs
    answered: HostNs


class StatusPage:
    """The page of one VLC."""

    def __init__(
        self, client: httpx.AsyncClient, url: str, *, host: str, who: str, password: Secret, clock: Clock
    ) -> None:
        """`host`: as VLC is called in requests; `who`: as it is in messages."""
        self._client = client
        self._password = password
        self._url = url
        self._host = host
        self._who = who
        self._clock = clock

    async def ask(self) -> Answer:
        """Ask once. Raises FeedTrouble where there is no use in asking again at once."""
        times = _Times(self._clock)
        try:
            with patience(self._who):
                response = await self._client.send(self._request(times), stream=True)
                answered = times.answered or self._clock.now()
                try:
                    self._check(response.status_code)
                    body = await _body_of(response)
                finally:
                    await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise FeedTrouble(self._described(error)) from None
        if body is not None and self._password.is_echoed_in(body):
            raise FeedTrouble(f"{self._who} sends the password back; not taken, so that it is shown nowhere")
        asked = times.asked or answered
        return Answer(body, asked, HostNs(answered - PAUSE) if answered - asked >= PAUSE else answered)

    def _request(self, times: _Times) -> httpx.Request:
        headers = {"host": self._host, "accept-encoding": "identity", "connection": "close"}
        return self._client.build_request("GET", self._url, headers=headers, extensions={"trace": times.note})

    def _check(self, status: int) -> None:
        if status == 200:
            return
        if status in {401, 403}:
            raise FeedTrouble(f"{self._who} refuses the password ({status}); it is what VLC has as --http-password")
        if status == 404:
            raise FeedTrouble(f"{self._who} has no {PAGE} (404); VLC has it only where --http-password is set")
        if 300 <= status < 400:
            raise FeedTrouble(f"{self._who} redirects ({status}), which is not followed; is that VLC?")
        raise FeedTrouble(f"{self._who} answers {status} to {PAGE}; is that VLC's web interface?")

    def _described(self, error: Exception) -> str:
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            return f"{self._who} is not there: no connection; {_REMEDY}"
        if isinstance(error, httpx.ProtocolError):
            return f"{self._who} breaks off, or does not speak HTTP; has VLC ended, or is that something else?"
        return f"{self._who}: the connection broke off; has VLC ended?"


class _Times:
    """When a request left, and when its answer began to come."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.asked: HostNs | None = None
        self.answered: HostNs | None = None

    async def note(self, event: str, _info: Mapping[str, Any]) -> None:
        """What httpcore tells of its steps."""
        if event == "http11.send_request_headers.started":
            self.asked = self._clock.now()
        elif event == "http11.receive_response_headers.complete":
            self.answered = self._clock.now()


async def _body_of(response: httpx.Response) -> bytes | None:
    """The body as it is; None where it is longer than a status can be."""
    body = bytearray()
    with trio.CancelScope() as scope:
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                # Leaving the loop would leave httpx's nested generators to the garbage collector; this ends them.
                scope.cancel()
    return None if len(body) > MAX_BODY_BYTES else bytes(body)


@asynccontextmanager
async def open_page(address: TcpAddress, password: Secret, *, who: str, clock: Clock) -> AsyncIterator[StatusPage]:
    """The page of the VLC at `address`, whose name is looked up once. Raises FeedTrouble."""
    try:
        with patience(who):
            found = await trio.socket.getaddrinfo(address.host, address.port, type=trio.socket.SOCK_STREAM)
    except OSError:
        raise FeedTrouble(f"{who}: no address found for {address.host!r}; correct host") from None
    number = str(found[0][4][0])
    url = f"http://{TcpAddress(number, address.port)}{PAGE}"
    async with httpx.AsyncClient(
        auth=httpx.BasicAuth("", password.reveal()),
        limits=httpx.Limits(max_keepalive_connections=0),
        trust_env=False,
        follow_redirects=False,
        timeout=None,  # noqa: S113  `patience` bounds the whole, and httpx's would bound each part
    ) as client:
        yield StatusPage(client, url, host=str(address), who=who, password=password, clock=clock)
