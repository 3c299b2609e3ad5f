"""The OSC control port, over real datagrams. K1, K2, K3, K4, K9."""

from __future__ import annotations

import random  # noqa: TID251  seeded
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path

import pytest
import trio
import trio.lowlevel
from pythonosc.osc_message_builder import OscMessageBuilder

from beatsync.clock import SystemClock
from beatsync.config.configuration import ControlChoice, OscControlChoice
from beatsync.config.networks import THIS_MACHINE, Network
from beatsync.control.entrances import open_entrances
from beatsync.control.osc.port import STRANGERS
from beatsync.core.osc_reading import OscFault
from beatsync.decks.state import Playback
from beatsync.errors import ControlError
from tests.control.office import TWO_DECKS, Office, office
from tests.control.test_commands import SETLIST, THREE
from tests.needs import needs

PATIENCE_SECONDS = 30


@asynccontextmanager
async def port(
    folder: Path, written: str = "", *, senders: tuple[Network, ...] = THIS_MACHINE, tracks: object = None
) -> AsyncIterator[tuple[Office, Callable[..., None]]]:
    """An office with an OSC port, and a way to send to it."""
    choice = OscControlChoice("127.0.0.1", 0, senders)
    async with office(folder, written, osc=choice, tracks=tracks) as show:  # type: ignore[arg-type]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:

            def send(address: str | bytes, *arguments: object) -> None:
                data = address if isinstance(address, bytes) else message(address, *arguments)
                sender.sendto(data, ("127.0.0.1", show.osc_port))

            yield show, send


def message(address: str, *arguments: object) -> bytes:
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument)  # type: ignore[arg-type]
    return bytes(builder.build().dgram)


async def until(condition: Callable[[], bool]) -> None:
    """Return once it is so."""
    with trio.fail_after(PATIENCE_SECONDS):
        while not condition():
            await trio.sleep(0.005)


async def refused(show: Office) -> dict[str, int]:
    """What was counted, as the status says it; asked for by a command, since a status may be a moment old."""
    counts: dict[str, int] = (await show.tell("lock", {"on": False})).json()["refused"]
    return counts


async def test_decks_and_targets_are_operated_by_messages(tmp_path: Path) -> None:
    async with port(tmp_path, TWO_DECKS) as (show, send):
        a, b = show.booth.ensemble.decks.values()
        send("/beatsync/deck/b/seek", 2.5)
        await until(lambda: b.state().position == 2_500_000_000)
        send("/beatsync/play", 1.0)
        send("/beatsync/play", 0.0)
        await until(lambda: a.state().playback is Playback.PLAYING)
        send("/beatsync/target/lights/mute", 1)
        await until(lambda: show.booth.desk.settings.muted == {"lights"})
        send("/beatsync/panic")
        await until(lambda: show.booth.desk.settings.panicked)
        send("/beatsync/panic", False)
        await until(lambda: not show.booth.desk.settings.panicked)
        send("/beatsync/deck/b/on_air", "now")
        await until(lambda: show.booth.ensemble.on_air.master == "b")
        assert "play, from osc 127.0.0.1" in show.booth.said
        assert await refused(show) == {}


async def test_oscsend_commands_as_the_documentation_says(tmp_path: Path) -> None:
    """Liblo's own sender."""
    oscsend = needs("liblo-tools", "oscsend")
    async with port(tmp_path) as (show, _):
        for words in (["/beatsync/seek", "f", "3.5"], ["/beatsync/target/lights/lead", "f", "40"], ["/beatsync/play"]):
            await trio.run_process([oscsend, "127.0.0.1", str(show.osc_port), *words])
        await until(lambda: show.booth.deck.state().playback is Playback.PLAYING)
        assert show.booth.desk.targets[0].lead.real == 40_000_000
        position = show.booth.deck.state().position
        assert position is not None
        assert position >= 3_500_000_000


async def test_a_bundle_is_done_in_its_order_and_at_once_whatever_its_time_tag(tmp_path: Path) -> None:
    """K3: nothing sleeps, nothing is kept for later."""
    async with port(tmp_path) as (show, send):
        parts = [message("/beatsync/seek", 2.5), message("/beatsync/play"), message("/beatsync/pause")]
        some_day = struct.pack(">Q", 2**64 - 1)
        send(b"#bundle\0" + some_day + b"".join(struct.pack(">i", len(part)) + part for part in parts))
        await until(lambda: show.booth.deck.state().playback is Playback.PAUSED)
        told = [news.fields["command"] for news in show.booth.news if news.event == "command"]
        assert told == ["seek", "play", "pause"]


async def test_two_gos_of_the_set_list_are_two_tracks_further(tmp_path: Path) -> None:
    """K10"""
    async with port(tmp_path, SETLIST, tracks=THREE) as (show, send):
        send("/beatsync/next")
        send("/beatsync/next")
        await until(lambda: show.booth.deck.state().place == 2)
        send("/beatsync/next")
        await until(lambda: any("last track of the set list" in text for text in show.booth.said))


async def test_who_is_not_on_the_list_is_not_obeyed(tmp_path: Path) -> None:
    """K9: this machine alone unless the configuration says otherwise."""
    async with port(tmp_path, senders=(ip_network("127.0.0.2/32"),)) as (show, send):
        send("/beatsync/play")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as known:
            known.bind(("127.0.0.2", 0))
            known.sendto(message("/beatsync/seek", 1.0), ("127.0.0.1", show.osc_port))
        await until(lambda: show.booth.deck.state().position == 10**9)
        assert show.booth.deck.state().playback is Playback.PAUSED
        assert await refused(show) == {STRANGERS: 1}


HOSTILE = [
    b"",
    b"/beatsync/play",
    b"\xff" * 100,
    bytes(65_507),
    b"/beatsync/play\0\0,f\0\0",
    b"/beatsync/play\0\0,\xff\0\0",
    b"#bundle\0" + bytes(8) + struct.pack(">i", -4),
    b"#bundle\0" + bytes(8) + struct.pack(">i", 2**31 - 1),
    b"#bundle\0" + bytes(7),
    b"/beatsync/load\0\0,s\0\0/etc/passwd\0",
    b"/beatsync/seek\0\0," + b"[" * 2000 + b"f" + b"]" * 2000 + b"\0\0" + bytes(4),
    b"/beatsync/seek\0\0,f\0\0\x7f\xc0\0\0",
]


def _nested(depth: int) -> bytes:
    packet = message("/beatsync/play")
    for _ in range(depth):
        packet = b"#bundle\0" + bytes(7) + b"\1" + struct.pack(">i", len(packet)) + packet
    return packet


@pytest.mark.parametrize("packet", [*HOSTILE, _nested(500)], ids=range(len(HOSTILE) + 1))
async def test_a_hostile_packet_does_nothing(packet: bytes, tmp_path: Path) -> None:
    """K1, K2: among them the one that holds python-osc's parser for ever."""
    async with port(tmp_path) as (show, send):
        send(packet)
        send("/beatsync/seek", 1.0)
        await until(lambda: show.booth.deck.state().position == 10**9)
        assert show.booth.deck.state().playback is Playback.PAUSED
        assert sum((await refused(show)).values()) == 1


@pytest.mark.parametrize("seed", range(3))
async def test_noise_does_nothing_and_is_told_a_few_times_at_most(seed: int, tmp_path: Path) -> None:
    """K1: messages with accidents, whatever becomes of them."""
    chance = random.Random(seed)
    good = message("/beatsync/target/lights/lead", 40.0)
    async with port(tmp_path) as (show, send):
        for _ in range(400):
            data = bytearray(good)
            for _ in range(chance.randint(1, 6)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            send(bytes(data[: chance.randrange(len(data) + 1)]))
            if chance.random() < 0.1:
                await trio.lowlevel.checkpoint()
        with trio.fail_after(PATIENCE_SECONDS):
            while show.booth.deck.state().position != 10**9:
                send("/beatsync/seek", 1.0)
                await trio.sleep(0.05)
        assert len([news for news in show.booth.news if news.event == "osc"]) <= len(OscFault) + 5


async def test_a_flood_is_thinned_out_and_what_comes_after_it_is_heard(tmp_path: Path) -> None:
    """K4: the port reads so much and no more, and tells people once."""
    written = f"on_air: {{by: fader, hand_over: now}}\n{TWO_DECKS}"
    async with port(tmp_path, written) as (show, send):
        for step in range(3000):
            send("/beatsync/deck/b/fader", (step % 10) / 100)
        with trio.fail_after(PATIENCE_SECONDS):
            while show.booth.ensemble.on_air.master != "b":
                send("/beatsync/deck/b/fader", 1.0)
                await trio.sleep(0.05)
        for _ in range(3000):
            send("/beatsync/nothing")
        with trio.fail_after(PATIENCE_SECONDS):
            while show.booth.ensemble.decks["a"].state().position != 10**9:
                send("/beatsync/deck/a/seek", 1.0)
                await trio.sleep(0.05)
        told = [news for news in show.booth.news if news.event == "osc"]
        assert len(told) == len({news.fields["reason"] for news in told}) <= 2


async def test_faults_of_ours_are_told_and_end_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with port(tmp_path) as (show, send):

        def broken() -> None:
            raise KeyError("oops")

        monkeypatch.setattr(show.booth.deck, "play", broken)
        send("/beatsync/play")
        await until(lambda: any("this is a fault of beatsync: KeyError" in text for text in show.booth.said))
        send("/beatsync/seek", 1.0)
        await until(lambda: show.booth.deck.state().position == 10**9)


def test_a_port_that_another_program_has_is_said_before_anything_plays(tmp_path: Path) -> None:
    """L7"""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        choice = ControlChoice(osc=OscControlChoice("127.0.0.1", other.getsockname()[1], THIS_MACHINE))
        with (
            pytest.raises(ControlError, match=r"control\.osc: cannot listen on udp 127\.0\.0\.1:\d+: address already"),
            open_entrances(tmp_path / "control.sock", choice, SystemClock()),
        ):
            pass
