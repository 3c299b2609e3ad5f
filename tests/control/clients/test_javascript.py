"""The JavaScript client plays the demo over a bad connection, once a second asking what is ahead.

Instants are compared, not the moments at which timers went off: the client says when, by its own clock, it plays each
cue, and its clock's distance from the daemon's is known here. It may not know of a command before it has asked again.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from beatsync.clock import SystemClock
from beatsync.control.client import ask_daemon
from beatsync.web.listening import listening_socket
from beatsync.web.serving import serve_few
from tests.control.clients.network import delayed
from tests.control.office import TOKEN, free_port
from tests.needs import needs
from tests.system.program import Running, environment, running

HERE = Path(__file__).parent
CLIENT = HERE.parent.parent.parent / "docs" / "clients" / "beatsync.js"
SHIFT = 98765.4321
"""How many seconds node's clock is ahead of the daemon's."""

PROMISED = 0.005
"""Seconds that a cue may be off."""

NOT_YET_KNOWN = 2.0
"""So long after a command the client may not have heard of it: its polls, and the delays of one."""

PATIENCE_SECONDS = 60
CLOCK = SystemClock()


@dataclass
class Played:
    """What the client says. `truth`: the daemon's clock less the client's, and by how much that may be wrong."""

    offset: float = 0.0
    doubt: float = 0.0
    wrong: str = ""
    cues: list[Mapping[str, Any]] = field(default_factory=list)
    ready: trio.Event = field(default_factory=trio.Event)
    news: trio.Event = field(default_factory=trio.Event)

    def hear(self, record: Mapping[str, Any]) -> None:
        """It says something."""
        self.wrong = record.get("message", self.wrong)
        if record["event"] == "ready":
            if "truth" in record:
                self.offset, self.doubt = record["truth"]["offset"], record["truth"]["error"]
            self.ready.set()
        elif record["event"] == "cue":
            self.cues.append(record)
        self.news.set()
        self.news = trio.Event()

    async def wait_for(self, condition: Callable[[float], bool]) -> None:
        """Return once it has played a cue at such a position."""
        with trio.fail_after(PATIENCE_SECONDS):
            while not any(condition(one["cue"]["position"]) for one in self.cues):
                await self.news.wait()


@dataclass
class Show:
    """The demo in a real daemon, and when it was commanded anything."""

    run: Running
    socket: Path
    port: int
    commanded: list[float] = field(default_factory=list)

    async def tell(self, what: str, body: Mapping[str, Any] | None = None) -> None:
        """Command something."""
        before = CLOCK.now() / 1e9
        await trio.to_thread.run_sync(partial(ask_daemon, self.socket, what, body))
        self.commanded.append(before)

    def was_just_commanded(self, instant: float) -> bool:
        """Whether the client may not know how things stood at this instant."""
        return any(at <= instant <= at + NOT_YET_KNOWN for at in self.commanded)


@asynccontextmanager
async def demo(folder: Path, *origins: str) -> AsyncIterator[Show]:
    """The demo, armed, with a token."""
    port = free_port()
    (folder / "token").write_text(TOKEN)
    (folder / "show.yaml").write_text(
        "track: {bundled: demo}\nclock: {start: armed}\ntargets: {lights: 'osc.udp://127.0.0.1:9'}\n"
        f"control: {{http: {{port: {port}, token_file: token, origins: {json.dumps(origins)}}}}}\n"
    )
    env = environment(folder)
    with running(folder / "show.yaml", env=env) as run:
        await trio.to_thread.run_sync(partial(run.wait_for, "armed"))
        yield Show(run, Path(env["BEATSYNC_SOCKET"]), port)


async def perform(show: Show, played: Played) -> None:
    """Play, jump, pause, go on; and compare what was played with what was sent."""
    with trio.move_on_after(PATIENCE_SECONDS):
        await played.ready.wait()
    assert played.ready.is_set(), played.wrong
    await show.tell("play")
    await played.wait_for(lambda position: 4 <= position < 20)
    await show.tell("seek", {"position": 45})
    await played.wait_for(lambda position: position >= 48.5)
    await show.tell("pause")
    await show.tell("play")
    await played.wait_for(lambda position: position >= 52.5)
    await show.tell("stop")
    await trio.to_thread.run_sync(partial(show.run.wait_for, "stop"))
    sent = [record for record in show.run.of("cue") if record["verdict"] in {"sent", "late"}]
    _compare(show, played, sent)


def _compare(show: Show, played: Played, sent: list[Mapping[str, Any]]) -> None:
    unheard = list(sent)
    certain = 0
    for one in played.cues:
        if "due" not in one["cue"]:
            continue  # it stood already when the client came
        at = one["at"] + played.offset
        off = PROMISED + played.doubt
        match = [record for record in unheard if _is(record, one["cue"]) and abs(record["due"] - at) <= off]
        if match:
            unheard.remove(match[0])
            certain += 1
        else:
            assert show.was_just_commanded(one["cue"]["due"]), f"never sent, sent at another instant, or twice: {one}"
    heard_until = max(one["cue"].get("due", 0) for one in played.cues)
    missed = [record for record in unheard if record["due"] < heard_until]
    assert [record for record in missed if not show.was_just_commanded(record["due"])] == []
    assert certain > 15
    assert played.wrong == ""


def _is(record: Mapping[str, Any], cue: Mapping[str, Any]) -> bool:
    return all(record[key] == cue[key] for key in ("position", "address", "args", "target"))


async def test_in_node_every_cue_is_played_within_5_ms_over_300_ms_of_jitter(tmp_path: Path) -> None:
    node = needs("nodejs", "node")
    async with demo(tmp_path) as show, delayed(show.port, seed=1) as port, trio.open_nursery() as nursery:
        words = [node, str(HERE / "player.js"), str(CLIENT), f"http://127.0.0.1:{port}", TOKEN, str(SHIFT)]
        played = Played(offset=-SHIFT)
        process = await trio.lowlevel.open_process(words, stdout=-1)
        assert process.stdout is not None

        async def listen() -> None:
            rest = b""
            assert process.stdout is not None
            async for data in process.stdout:
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    played.hear(json.loads(line))

        nursery.start_soon(listen)
        try:
            await perform(show, played)
        finally:
            process.kill()
            await process.wait()
        nursery.cancel_scope.cancel()


async def test_in_a_browser_every_cue_is_played_within_5_ms_over_300_ms_of_jitter(tmp_path: Path) -> None:
    """K8 from the other side: a page of another origin, which is listed, with a token."""
    browser = needs("chromium-headless-shell", "chromium-headless-shell")
    played = Played()
    with listening_socket("127.0.0.1", 0) as listening:
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with demo(tmp_path, origin) as show, delayed(show.port, seed=2) as port, trio.open_nursery() as nursery:
            nursery.start_soon(partial(serve_few, _page_app(played), listening, count=lambda _: None))
            page = f"{origin}/page.html?url=http://127.0.0.1:{port}&token={TOKEN}"
            words = [browser, "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'browser'}", page]
            process = await trio.lowlevel.open_process(
                [*words, "--remote-debugging-port=0"], stdout=-3, stderr=-3, start_new_session=True
            )
            try:
                await perform(show, played)
            finally:
                os.killpg(process.pid, signal.SIGKILL)  # Debian's command is a script that starts the browser
                await process.wait()
            nursery.cancel_scope.cancel()


def _page_app(played: Played) -> Starlette:
    """What serves the page, and hears what it says."""

    async def report(request: Request) -> Response:
        played.hear(await request.json())
        return Response(status_code=204)

    async def clock(_request: Request) -> Response:
        return JSONResponse(CLOCK.now() / 1e9)

    async def page(_request: Request) -> Response:
        return Response((HERE / "page.html").read_bytes(), media_type="text/html")

    async def client(_request: Request) -> Response:
        return Response(CLIENT.read_bytes(), media_type="text/javascript")

    return Starlette(
        routes=[
            Route("/report", report, methods=["POST"]),
            Route("/clock", clock),
            Route("/page.html", page),
            Route("/beatsync.js", client),
        ]
    )


@pytest.mark.parametrize("name", ["beatsync.js", "beatsync.luau"])
def test_a_reference_client_is_short_enough_to_be_read(name: str) -> None:
    lines = (CLIENT.parent / name).read_text().splitlines()
    assert len(lines) < 80
    assert max(map(len, lines)) <= 130
