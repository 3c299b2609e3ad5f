"""A stand-in for AudioScape: a real HTTP server on loopback that behaves as its contract says, or as told.

    async with trio.open_nursery() as nursery:
        server = AudioScapeServer(key="k", documents={"1843209165": b"{...}"})
        await nursery.start(server.serve)
        server.script.append(status(503))       # the next request only; `server.always` for every one
        ... POST server.url + "/developer/v1/track/structure" ...
        nursery.cancel_scope.cancel()

From a shell, for tests of the command line, it prints its port on one line:
`python -m tests.sources.audioscape_server --port 0 --key K --document FILE`, the asset id being the one in FILE.
"""

from __future__ import annotations

import argparse
import json
import ssl
import zlib
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

import h11
import trio

STRUCTURE_PATH: Final = "/developer/v1/track/structure"
PLAYLIST_PATH: Final = "/developer/v1/playlist"
_RECEIVE_BYTES: Final = 64 * 1024


@dataclass(frozen=True)
class Seen:
    """A request as it came. Header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Fault: TypeAlias = Callable[[trio.abc.Stream], Awaitable[None]]
"""What is done on the connection in place of an answer; it is closed afterwards."""


@dataclass
class AudioScapeServer:
    """`documents`, `playlists`: by their ids; `script`: faults for the coming requests, one each; `always`: the rest.

    `seen` collects the requests; `tls`: serve over it, under `name`. `port` is known once serving.
    """

    key: str
    documents: dict[str, bytes]
    playlists: dict[str, bytes] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    name: str = "127.0.0.1"
    script: deque[Fault] = field(default_factory=deque)
    always: Fault | None = None
    seen: list[Seen] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """The base URL, for AUDIOSCAPE_URL."""
        return f"{'https' if self.tls else 'http'}://{self.name}:{self.port}"

    async def serve(self, task_status: trio.TaskStatus[int] = trio.TASK_STATUS_IGNORED) -> None:
        """Serve on `port` (0: any free one, reported when ready) until cancelled."""
        listeners = await trio.open_tcp_listeners(self.port, host="127.0.0.1")
        self.port = listeners[0].socket.getsockname()[1]
        task_status.started(self.port)
        await trio.serve_listeners(self._connection, listeners)

    async def _connection(self, tcp: trio.SocketStream) -> None:
        stream: trio.abc.Stream = tcp
        if self.tls:
            stream = trio.SSLStream(tcp, self.tls, server_side=True, https_compatible=True)
        try:
            async with tcp:
                await self._requests(stream)
        except (trio.BrokenResourceError, trio.ClosedResourceError, h11.RemoteProtocolError):
            return  # the client left, or did not trust us

    async def _requests(self, stream: trio.abc.Stream) -> None:
        http = h11.Connection(h11.SERVER)
        while request := await _request(http, stream):
            self.seen.append(request)
            fault = self.script.popleft() if self.script else self.always
            if fault:
                await fault(stream)
                return
            code, body = self._answer(request)
            headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
            await _send(http, stream, code, headers, body)
            http.start_next_cycle()

    def _answer(self, request: Seen) -> tuple[int, bytes]:
        """By the contract."""
        if request.path not in {STRUCTURE_PATH, PLAYLIST_PATH} or request.method != "POST":
            return 404, _error("not found")
        if request.headers.get("x-api-key") != self.key:
            return 401, _error("Invalid or missing API key")
        if request.path == PLAYLIST_PATH:
            playlist = self.playlists.get(_id_in(request, "playlist_id") or "")
            return (404, _error("playlist_id not found")) if playlist is None else (200, playlist)
        asset_id = _id_in(request, "asset_id")
        if asset_id is None:
            return 400, _error("asset_id is required and must be a numeric string")
        if asset_id not in self.documents:
            return 404, _error("asset_id not found")
        return 200, self.documents[asset_id]


def _id_in(request: Seen, key: str) -> str | None:
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return None
    try:
        asset_id = json.loads(request.body)[key]
    except (ValueError, KeyError, TypeError):
        return None
    return asset_id if isinstance(asset_id, str) and asset_id.isascii() and asset_id.isdigit() else None


def _error(message: str) -> bytes:
    return json.dumps({"error": message}).encode()


async def _request(http: h11.Connection, stream: trio.abc.Stream) -> Seen | None:
    """The next request, whole; None where the client has closed."""
    head: h11.Request | None = None
    body = b""
    while True:
        match http.next_event():
            case h11.Request() as head:
                pass
            case h11.Data(data=data):
                body += bytes(data)
            case h11.EndOfMessage():
                assert head
                headers = {name.decode().lower(): value.decode("latin-1") for name, value in head.headers}
                return Seen(head.method.decode(), head.target.decode(), headers, body)
            case h11.ConnectionClosed():
                return None
            case _:
                http.receive_data(bytes(await stream.receive_some(_RECEIVE_BYTES)))


async def _send(
    http: h11.Connection, stream: trio.abc.Stream, code: int, headers: list[tuple[str, str]], body: bytes
) -> None:
    head = h11.Response(status_code=code, headers=headers)
    for event in (head, h11.Data(data=body), h11.EndOfMessage()):
        await stream.send_all(http.send(event) or b"")


def _head(code: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {code} Scripted", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")


def raw(data: bytes) -> Fault:
    """Send exactly these bytes, and close."""

    async def send(stream: trio.abc.Stream) -> None:
        await stream.send_all(data)

    return send


def status(code: int, body: bytes | None = None, **headers: str) -> Fault:
    """A whole answer. Header names are given with underscores; `body`: an error as the contract has it unless given."""
    content = _error(f"scripted {code}") if body is None else body
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    fields = {"Content-Type": "application/json"} | given
    if code not in {204, 304}:
        fields |= {"Content-Length": str(len(content))}
    return raw(_head(code, fields) + (content if "Content-Length" in fields else b""))


def page(text: str, code: int = 200) -> Fault:
    """A web page, as a venue's log-in page answers for every host."""
    return status(code, text.encode(), Content_Type="text/html; charset=utf-8")


def redirect(location: str, code: int = 302) -> Fault:
    """Elsewhere."""
    return status(code, b"", Location=location)


def truncated(body: bytes) -> Fault:
    """The body's first half under a Content-Length for all of it."""
    head = _head(200, {"Content-Type": "application/json", "Content-Length": str(len(body))})
    return raw(head + body[: len(body) // 2])


def hang_up() -> Fault:
    """Close without a word."""
    return raw(b"")


def garbage() -> Fault:
    """A status line that is none."""
    return raw(b"\x00\xff not http at all\r\n\r\n")


def huge_header(size: int = 1024 * 1024) -> Fault:
    """A header of so many bytes."""
    return raw(_head(200, {"Content-Type": "application/json", "X-Padding": "a" * size}))


def gzip_bomb(size: int) -> Fault:
    """So many decoded bytes of white space from a thousandth of them."""
    return gzipped(_spaces(size))


def gzipped(pieces: Iterator[bytes]) -> Fault:
    """A compressed 200."""
    deflater = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    body = b"".join(deflater.compress(piece) for piece in pieces) + deflater.flush()
    return status(200, body, Content_Encoding="gzip")


def _spaces(size: int) -> Iterator[bytes]:
    piece = b" " * min(size, 1024 * 1024)
    for _ in range(size // len(piece)):
        yield piece


def silence() -> Fault:
    """Never answer."""

    async def wait(_stream: trio.abc.Stream) -> None:
        await trio.sleep_forever()

    return wait


def slow_loris(interval: float = 0.005) -> Fault:
    """A good head, then white space, one byte at a time, without end. `interval` in seconds."""

    async def trickle(stream: trio.abc.Stream) -> None:
        await stream.send_all(_head(200, {"Content-Type": "application/json", "Content-Length": "1000000"}))
        while True:
            await stream.send_all(b" ")
            await trio.sleep(interval)

    return trickle


async def _main(server: AudioScapeServer) -> None:
    async with trio.open_nursery() as nursery:
        port = await nursery.start(server.serve)
        print(port, flush=True)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="A stand-in for AudioScape on loopback.")
    parser.add_argument("--port", type=int, default=0, help="0: any free one; printed either way")
    parser.add_argument("--key", required=True, help="the only key that is let in")
    parser.add_argument("--document", type=Path, action="append", default=[], help="a track document; repeatable")
    parser.add_argument("--status", type=int, help="answer every request with this status")
    chosen = parser.parse_args()
    bodies = [path.read_bytes() for path in chosen.document]
    documents = {json.loads(body)["asset_id"]: body for body in bodies}
    always = status(chosen.status) if chosen.status else None
    trio.run(partial(_main, AudioScapeServer(chosen.key, documents, always=always, port=chosen.port)))


if __name__ == "__main__":
    main()
