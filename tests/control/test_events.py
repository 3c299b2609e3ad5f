"""What happens, streamed as it happens, to as many as listen, however slowly."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h11
import httpx
import pytest
import trio
from trio.testing import MockClock

from beatsync.control.board import MAX_WAITING
from beatsync.control.ring import MOST, Kind, Ring
from beatsync.control.watching import next_change
from beatsync.core.transport import PAUSED, Transport
from beatsync.core.units import HostNs, TrackNs, ns_from_seconds
from beatsync.decks.news import News
from tests.control.office import Office, complaint, office
from tests.core.shows import song


@dataclass
class Listener:
    """Reads a stream of events."""

    stream: trio.SocketStream
    http: h11.Connection
    buffer: bytes = b""
    last_id: str = ""

    async def line(self) -> str:
        """The next line."""
        while b"\n" not in self.buffer:
            event = self.http.next_event()
            if event is h11.NEED_DATA:
                self.http.receive_data(bytes(await self.stream.receive_some()))
            elif isinstance(event, h11.Response):
                assert event.status_code == 200
                assert (b"content-type", b"text/event-stream") in list(event.headers)
            else:
                assert isinstance(event, h11.Data), "the stream ended"
                self.buffer += bytes(event.data)
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.decode()

    async def next(self, event: str = "") -> tuple[str, Mapping[str, Any]]:
        """The next one; of this kind, where it is said."""
        kind, data = "", ""
        with trio.fail_after(30):
            while True:
                line = await self.line()
                name, _, value = line.partition(": ")
                if name == "id":
                    self.last_id = value
                elif name == "event":
                    kind = value
                elif name == "data":
                    data = value
                elif not line and data:
                    if event in {"", kind}:
                        return kind, json.loads(data)
                    kind, data = "", ""


@asynccontextmanager
async def listening(show: Office, query: str = "", **headers: str) -> AsyncIterator[Listener]:
    """A client of the stream, which it has begun to read."""
    named = [("host", "beatsync"), *((name.replace("_", "-"), value) for name, value in headers.items())]
    async with await trio.open_unix_socket(str(show.path)) as stream:
        http = h11.Connection(h11.CLIENT)
        request = http.send(h11.Request(method="GET", target=f"/v1/events{query}", headers=named))
        assert request is not None
        await stream.send_all(request + (http.send(h11.EndOfMessage()) or b""))
        listener = Listener(stream, http)
        assert await listener.line() == "retry: 2000"
        yield listener


async def test_cues_are_told_as_they_fire_with_why_and_lateness(tmp_path: Path, autojump_clock: MockClock) -> None:
    async with office(tmp_path) as show, listening(show, "?kinds=cue") as listener:
        await show.tell("play")
        for beat in (1, 2, 3):
            _, cue = await listener.next()
            assert (cue["address"], cue["args"], cue["verdict"]) == ("/beat", [1, beat], "sent")
            assert (cue["deck"], cue["bar_beat"], cue["lateness_ms"]) == ("main", f"1.{beat}", 0)
            assert cue["why"].startswith("rules[0] · Intro · bar 1")
            assert cue["at"] == pytest.approx(cue["due"])


async def test_transport_sections_health_and_news_are_told(tmp_path: Path, autojump_clock: MockClock) -> None:
    async with office(tmp_path) as show:
        begun = show.booth.clock.now() / 1e9
        async with listening(show, "?kinds=transport,section,news,health") as listener:
            await show.tell("play")
            told = [await listener.next() for _ in range(3)]
            assert {kind for kind, _ in told} == {"transport", "section", "news"}
            section = next(event for kind, event in told if kind == "section")
            assert (section["section"], section["deck"], section["start"]) == ("Intro", "main", 0)
            _, entered = await listener.next("section")
            assert (entered["section"], entered["at"]) == ("Drop", pytest.approx(begun + 4, abs=0.3))
            await show.tell("pause")
            assert (await listener.next("transport"))[1]["event"] == "pause"
            await show.tell("lock")
            assert (await listener.next("news"))[1]["text"] == "pause, from the control socket"
            assert (await listener.next("news"))[1]["text"] == "the show is locked"
            show.booth.rig.recorders["lights"].fault = "refused: nothing listens there"
            await show.tell("play")
            _, health = await listener.next("health")
            assert (health["target"], health["detail"]) == ("lights", "refused: nothing listens there")


async def test_whoever_comes_back_goes_on_where_it_was(tmp_path: Path) -> None:
    async with office(tmp_path) as show:
        async with listening(show, "?kinds=news") as listener:
            await show.tell("lock")
            await listener.next()
        await show.tell("panic")
        async with listening(show, "?kinds=news", last_event_id=listener.last_id) as again:
            texts = [(await again.next())[1]["text"] for _ in range(3)]
        assert texts[0] == "lock, from the control socket"
        assert texts[1].startswith("panic: every target")


@pytest.mark.parametrize("last", ["other-5", "5", "-", "x-99999999999999999999"])
async def test_whoever_comes_back_to_another_run_of_the_daemon_is_told_that_nobody_knows_what_was_lost(
    last: str, tmp_path: Path
) -> None:
    async with office(tmp_path) as show, listening(show, last_event_id=last) as listener:
        assert await listener.next() == ("lost", {"event": "lost", "count": None})


async def test_whoever_reads_too_slowly_is_told_how_much_is_lost(tmp_path: Path) -> None:
    async with office(tmp_path) as show:
        async with listening(show, "?kinds=news") as listener:
            await show.tell("lock")
            await listener.next()
        seen = show.booth.ring.count
        for number in range(MOST + 10):
            show.booth.tell(News(HostNs(0), "note", str(number)))
        missed = show.booth.ring.count - seen
        async with listening(show, "?kinds=news", last_event_id=listener.last_id) as again:
            kind, lost = await again.next()
            assert kind == "lost"
            assert missed - MOST <= lost["count"] <= missed - MOST + 1
            assert int((await again.next())[1]["text"]) >= 10


def test_the_ring_keeps_the_last_and_counts_the_rest() -> None:
    ring = Ring()
    for number in range(MOST + 5):
        ring.put(Kind.NEWS, HostNs(number), News(HostNs(number), "note", ""))
    events, lost = ring.after(0)
    assert (lost, len(events), events[0].number, events[-1].number) == (5, MOST, 6, MOST + 5)
    events, lost = ring.after(MOST, most=2)
    assert (lost, [event.number for event in events]) == (0, [MOST + 1, MOST + 2])
    assert ring.after(ring.count) == ([], 0)


async def test_a_silent_stream_shows_that_it_lives(tmp_path: Path, autojump_clock: MockClock) -> None:
    async with office(tmp_path) as show, listening(show, "?kinds=cue") as listener:
        with trio.fail_after(40):
            lines = [await listener.line() for _ in range(4)]
            assert lines == ["", ": still here", "", ": still here"]


async def test_more_listeners_than_there_are_places_are_told_so_and_one_that_leaves_makes_room(tmp_path: Path) -> None:
    """K5"""
    async with office(tmp_path) as show, show.over_tcp() as client, trio.open_nursery() as nursery:

        async def listen(task_status: trio.TaskStatus[trio.CancelScope]) -> None:
            with trio.CancelScope() as scope:
                async with client.stream("GET", "/v1/events"):
                    task_status.started(scope)
                    await trio.sleep_forever()

        scopes = [await nursery.start(listen) for _ in range(MAX_WAITING)]
        assert complaint(await client.get("/v1/events"))[:2] == (503, "busy")
        scopes[0].cancel()
        with trio.fail_after(30):
            while True:
                async with client.stream("GET", "/v1/events") as answer:
                    if answer.status_code == 200:
                        break
                await trio.sleep(0.05)
        nursery.cancel_scope.cancel()


async def test_a_kind_that_is_none_is_refused(tmp_path: Path) -> None:
    async with office(tmp_path) as show:
        answer: httpx.Response = await show.client.get("/v1/events?kinds=cue,beat")
        assert "kinds: expected some of cue,transport,section,health,news" in complaint(answer)[2]


def test_the_next_change_of_section_is_a_start_or_an_end() -> None:
    track = song("Intro 2", "Drop 2")
    line = Transport(HostNs(10**12), TrackNs(ns_from_seconds(1)))
    assert next_change(track, line, HostNs(10**12)) == 10**12 + 3 * 10**9
    assert next_change(track, line, HostNs(10**12 + 3 * 10**9)) == 10**12 + 7 * 10**9
    assert next_change(track, line, HostNs(10**12 + 8 * 10**9)) is None
    assert next_change(track, Transport(HostNs(0), TrackNs(0), PAUSED), HostNs(0)) is None
