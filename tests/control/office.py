"""The API of a booth, over a real Unix socket and, where wanted, a real TCP port."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import httpx
import trio

from beatsync.conductor.conducted import Retargetable
from beatsync.conductor.report import Report
from beatsync.config.configuration import ControlChoice, HttpChoice, OscControlChoice
from beatsync.control.entrances import open_entrances
from beatsync.control.ring import Ring
from beatsync.control.serving import serve_commands
from beatsync.core.track import Track
from beatsync.decks.foresight import Foresight
from beatsync.decks.news import News
from beatsync.decks.overheard import Overheard as OverheardConductor
from beatsync.decks.show import Show
from tests.core.shows import song
from tests.decks.booth import BEATS, TARGETS, Booth, one_deck

TWO_DECKS = f"decks: {{a: {{track: song.json}}, b: {{track: song.json}}}}\n{TARGETS}\n{BEATS}\n"
PAGE = "https://tablet.example"
TOKEN = "0123456789abcdef-token"


class Overheard(Booth):
    """A booth of which everything that happens goes into a ring, and of whose conductor there is a twin."""

    def conductor_of(self, show: Show) -> Retargetable:
        """Overheard by its twin."""
        self.foresight = Foresight(show.configuration.targets, show.loads)
        return OverheardConductor(self.rig, self.foresight, self.clock)

    @cached_property
    def ring(self) -> Ring:
        """What has happened."""
        return Ring()

    def hear(self, report: Report) -> None:
        """Into the ring as well."""
        self.ring.reports(super().hear)(report)

    def tell(self, news: News) -> None:
        """Into the ring as well."""
        self.ring.news(super().tell)(news)


@dataclass
class Office:
    """A booth and how it is reached. `left`: set once somebody has said quit."""

    booth: Overheard
    path: Path
    port: int
    client: httpx.AsyncClient
    osc_port: int = 0
    left: trio.Event = field(default_factory=trio.Event)

    async def tell(self, what: str, body: object = None, **headers: str) -> httpx.Response:
        """Command something over the Unix socket; header names with `_` for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(f"/v1/{what}", json=body, headers=named)

    async def status(self) -> Mapping[str, Any]:
        """What everything does."""
        status: Mapping[str, Any] = (await self.client.get("/v1/status")).json()
        return status

    @asynccontextmanager
    async def over_tcp(self, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
        """A client of the TCP port, which sends these headers with everything."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        base = f"http://127.0.0.1:{self.port}"
        async with httpx.AsyncClient(base_url=base, headers=named, trust_env=False, timeout=30) as client:
            yield client


@asynccontextmanager
async def office(
    folder: Path,
    written: str = "",
    *,
    tracks: Mapping[str, Track] | None = None,
    token: str | None = None,
    origins: tuple[str, ...] = (),
    hosts: tuple[str, ...] = (),
    osc: OscControlChoice | None = None,
) -> AsyncIterator[Office]:
    """A booth of this configuration, with its API; virtual or real time, as the loop has it."""
    token_file = None
    if token is not None:
        token_file = folder / "token"
        token_file.write_text(f"{token}\n")
    port = free_port()
    choice = ControlChoice(http=HttpChoice("127.0.0.1", port, token_file, origins, hosts), osc=osc)
    path = folder / "control.sock"
    async with trio.open_nursery() as nursery:
        booth = Overheard(nursery, written or one_deck(), tracks or {"song.json": song("Intro 2", "Drop 2")})
        with open_entrances(path, choice, booth.clock) as entrances:
            left = trio.Event()
            serve = partial(serve_commands, ring=booth.ring, foresight=booth.foresight, tell=booth.tell, leave=left.set)
            await nursery.start(serve, booth.desk, entrances)
            transport = httpx.AsyncHTTPTransport(uds=str(path))
            async with httpx.AsyncClient(transport=transport, base_url="http://beatsync", timeout=30) as client:
                yield Office(booth, path, port, client, entrances.osc.port if entrances.osc else 0, left)
            nursery.cancel_scope.cancel()


def free_port() -> int:
    """A TCP port of loopback that nobody has at present."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def deck(answer: httpx.Response, name: str = "main") -> Mapping[str, Any]:
    """What an answer says of a deck."""
    record: Mapping[str, Any] = answer.json()["decks"][name]
    return record


def complaint(answer: httpx.Response) -> tuple[int, str, str]:
    """The status, code and message of an error; it has exactly the one shape."""
    body = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "exit_code", "problems"}
    return answer.status_code, body["error"]["code"], body["error"]["message"]
