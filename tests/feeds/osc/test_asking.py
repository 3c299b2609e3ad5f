"""Players that are asked: QLab, AbletonOSC, VirtualDJ and Open Beat Control, played by small servers on loopback."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import trio
from trio.testing import MockClock

from beatsync.clock import TrioClock
from beatsync.config.feeds.osc_dialect import OscSettings, Peer
from beatsync.core.osc_reading import OscMessage, read_packet
from beatsync.core.position_units import placement
from beatsync.core.transport import rate_of
from beatsync.core.units import HostNs, ms, ns_from_seconds
from beatsync.feeds.osc.unread import Unread
from tests.core.shows import song
from tests.feeds.listening import Heard
from tests.feeds.osc.players import CLOCK, listening, packet, plain, settings, trouble_of

SONG = song("Intro 64")
Answer = Callable[[OscMessage], list[bytes]]


@asynccontextmanager
async def player(answer: Answer) -> AsyncIterator[tuple[Peer, list[OscMessage]]]:
    """A player that answers at the asker's own address and port, and what it was asked."""
    asked: list[OscMessage] = []
    with trio.socket.socket(trio.socket.AF_INET, trio.socket.SOCK_DGRAM) as opened:
        await opened.bind(("127.0.0.1", 0))

        async def serve() -> None:
            while True:
                data, asker = await opened.recvfrom(4096)
                (message,) = read_packet(data)
                asked.append(message)
                for reply in answer(message):
                    await opened.sendto(reply, asker)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(serve)
            yield Peer("127.0.0.1", opened.getsockname()[1]), asked
            nursery.cancel_scope.cancel()


def facing(chosen: OscSettings, peer: Peer) -> OscSettings:
    return replace(chosen, peer=peer)


async def wait_until(heard: Heard, condition: Callable[[], bool]) -> None:
    with trio.fail_after(30):
        while not condition():
            await heard.news.wait()


async def test_qlab_is_asked_and_its_answer_was_true_between_question_and_answer() -> None:
    answered: dict[int, HostNs] = {}

    def answer(message: OscMessage) -> list[bytes]:
        if message.address != "/cue/12/valuesForKeys":
            return []
        position = len(answered)
        answered[position] = CLOCK.now()
        data = {"actionElapsed": position, "isRunning": True, "isPaused": False}
        text = json.dumps({"status": "ok", "workspace_id": "X", "address": message.address, "data": data})
        return [packet(f"/reply{message.address}", text)]

    chosen = settings(preset="qlab", cue=12)
    async with player(answer) as (peer, asked), listening(facing(chosen, peer)) as (feed, heard):
        await wait_until(heard, lambda: sum(one.position is not None for one in heard.observations) >= 5)
    timed = [one for one in heard.observations if one.position is not None]
    for one in timed:
        assert one.position is not None
        assert abs(one.host - answered[one.position // 10**9]) <= one.slack + ms(1)
        assert one.playing is True
    assert asked[0] == OscMessage("/udpReplyPort", "i", (feed.port,))
    assert asked[1] == OscMessage("/cue/12/valuesForKeys", "s", ('["actionElapsed","isRunning","isPaused"]',))


async def test_a_qlab_that_lets_nobody_look_is_told_of() -> None:
    def answer(message: OscMessage) -> list[bytes]:
        return [packet(f"/reply{message.address}", '{"status":"denied"}')]

    async with player(answer) as (peer, _), listening(facing(settings(preset="qlab"), peer)) as (_, heard):
        await heard.wait_ignored(2)
    assert set(heard.ignored) == {Unread.DENIED}
    assert heard.observations == []


async def test_ableton_is_subscribed_to_and_speaks_of_beats() -> None:
    values: dict[str, object] = {"is_playing": 1, "tempo": 126.0, "current_song_time": 8.0}

    def answer(message: OscMessage) -> list[bytes]:
        name = message.address.rpartition("/")[2]
        return [packet(f"/live/song/get/{name}", values[name])]

    async with player(answer) as (peer, asked):
        chosen = facing(settings(preset="abletonosc"), peer)
        async with listening(chosen, place=placement(SONG)) as (_, heard):
            await wait_until(heard, lambda: any(one.position is not None for one in heard.observations))
    (position,) = [one for one in heard.observations if one.position is not None]
    assert (position.position, position.slack) == (ns_from_seconds(4.0), 0)
    assert position.rate is not None
    assert abs(position.rate - rate_of(1.05)) < 1000
    assert heard.observations[0].playing is True
    assert [message.address for message in asked[:4]] == [
        "/live/song/start_listen/is_playing",
        "/live/song/start_listen/tempo",
        "/live/song/start_listen/current_song_time",
        "/live/song/get/is_playing",
    ]


async def test_virtualdj_is_asked_again_and_again() -> None:
    values: dict[str, object] = {"song_pos": 0.25, "get_songlength": 200.0, "play": 1, "get_title": "One"}

    def answer(message: OscMessage) -> list[bytes]:
        verb = message.address.rpartition("/")[2]
        return [packet(f"/vdj/deck/2/{verb}", values[verb])] if verb in values else []

    chosen = settings(preset="virtualdj", deck=2, peer=8000)
    async with player(answer) as (peer, asked), listening(facing(chosen, peer)) as (_, heard):
        await wait_until(heard, lambda: sum(one.position is not None for one in heard.observations) >= 3)
    assert {one.position for one in heard.observations} == {None, ns_from_seconds(50.0)}
    assert {one.track.title for one in heard.observations if one.track} == {"One"}
    assert "/vdj/query/deck/2/song_pos" in {message.address for message in asked}


async def test_open_beat_control_is_told_where_to_answer() -> None:
    def answer(message: OscMessage) -> list[bytes]:
        return {
            "/cued": [packet("/cued/1", 1)],
            "/playing": [packet("/playing/1", 1)],
            "/loaded": [packet("/beat", 1, 1, 120.0, 120.0, 1.0)],
        }.get(message.address, [])

    async with player(answer) as (peer, asked):
        chosen = facing(settings(preset="open_beat_control"), peer)
        async with listening(chosen, place=placement(SONG)) as (feed, heard):
            await wait_until(heard, lambda: any(one.position is not None for one in heard.observations))
    assert asked[0] == OscMessage("/respond", "i", (feed.port,))
    assert {message.arguments for message in asked[1:5]} == {("stream",)}
    assert [one.position for one in heard.observations if one.position is not None] == [0]


async def test_others_than_the_player_that_is_asked_are_not_heard() -> None:
    """F11"""
    async with player(lambda _: []) as (peer, _):
        elsewhere = replace(settings(preset="qlab"), peer=Peer("127.0.0.2", peer.port))
        async with listening(elsewhere) as (feed, heard):
            with trio.socket.socket(trio.socket.AF_INET, trio.socket.SOCK_DGRAM) as spoof:
                await spoof.sendto(packet("/reply/cue/active/valuesForKeys", "{}"), ("127.0.0.1", feed.port))
            await heard.wait_ignored(1)
    assert heard.ignored == {Unread.UNLISTED_SENDER: 1}


async def test_a_player_that_does_not_answer_is_trouble_with_the_remedy(autojump_clock: MockClock) -> None:
    async with player(lambda _: []) as (peer, asked):
        trouble = await trouble_of(facing(settings(preset="qlab"), peer), TrioClock())
    assert trouble == (
        f"qlab port 9000: no answer from 127.0.0.1:{peer.port} for 5 s; "
        "is the workspace open, and may it be viewed over OSC (Workspace Settings, Network)?"
    )
    assert len([message for message in asked if message.address == "/cue/active/valuesForKeys"]) >= 4


async def test_a_player_that_is_not_asked_may_be_silent_for_as_long_as_it_likes(autojump_clock: MockClock) -> None:
    async with listening(plain(), clock=TrioClock()) as (_, heard):
        await trio.sleep(3600)
        assert heard.observations == []
