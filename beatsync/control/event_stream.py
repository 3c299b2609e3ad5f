"""The events of the ring as a stream of server-sent events, for one client, at its own pace."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import trio
from starlette.types import Receive, Scope, Send

from beatsync.control.event_records import as_server_sent
from beatsync.control.records import written
from beatsync.control.ring import LOST, Kind, Ring

HEARTBEAT_SECONDS: Final = 15
AT_ONCE: Final = 256

_HEAD: Final = b"retry: 2000\n\n"
_HEARTBEAT: Final = b": still here\n\n"


def place_in(last_event_id: str | None, ring: Ring, run: str) -> tuple[int, int | None]:
    """Where a client goes on that has seen this event last, and what it missed: None where nobody knows how much.

    Without one it begins now.
    """
    if not last_event_id:
        return ring.count, 0
    of_run, _, number = last_event_id.rpartition("-")
    if of_run != run or not number.isdecimal() or len(number) > 15 or int(number) > ring.count:
        return ring.count, None  # of another run of the daemon
    return int(number), 0


@dataclass(frozen=True, slots=True)
class EventStream:
    """The answer: it ends when its client leaves. `place`: the last event that the client has; `kinds`: of interest."""

    ring: Ring
    run: str
    place: int
    missed: int | None
    kinds: Collection[Kind]
    streams: trio.CapacityLimiter

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        async with self.streams, trio.open_nursery() as nursery:
            nursery.start_soon(_end_with_client, receive, nursery.cancel_scope)
            headers = [(b"content-type", b"text/event-stream"), (b"x-accel-buffering", b"no")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await _send(send, _HEAD if self.missed == 0 else _HEAD + _lost(self.missed))
            await self._follow(send)

    async def _follow(self, send: Send) -> None:
        place = self.place
        while True:
            events, lost = self.ring.after(place, most=AT_ONCE)
            said = _lost(lost) if lost else b""
            said += b"".join(as_server_sent(event, self.run) for event in events if event.kind in self.kinds)
            place = events[-1].number if events else place
            if said:
                await _send(send, said)
            with trio.move_on_after(HEARTBEAT_SECONDS) as silence:
                await self.ring.wait(place)
            if silence.cancelled_caught:
                await _send(send, _HEARTBEAT)


async def _send(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _end_with_client(receive: Receive, scope: trio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


def _lost(count: int | None) -> bytes:
    """So many events are gone, of whatever kinds; None where nobody knows how many."""
    return f"event: {LOST}\ndata: ".encode() + written({"event": LOST, "count": count}) + b"\n\n"
