"""Players for the tests: what they send as bytes, and what a feed makes of it."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

import trio
from pythonosc.osc_message_builder import OscMessageBuilder

from beatsync.clock import Clock, SystemClock
from beatsync.config.feeds.osc import OscModel
from beatsync.config.feeds.osc_dialect import OscSettings, Peer
from beatsync.core.osc_reading import read_packet
from beatsync.core.position_units import Place, nowhere
from beatsync.core.units import HostNs, ms
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.osc.feed import OscFeed
from beatsync.feeds.osc.interpreter import Heard, Interpreter
from tests.feeds.listening import Heard as Listening

CLOCK = SystemClock()


def packet(address: str, *values: object) -> bytes:
    """An OSC message: floats as f, ints as i, text as s."""
    builder = OscMessageBuilder(address)
    for value in values:
        builder.add_arg(value)  # type: ignore[arg-type]
    return builder.build().dgram


def settings(**keys: object) -> OscSettings:
    """A feed as a configuration describes it, on a free port of loopback."""
    peer = keys.pop("peer", None)
    model = OscModel.model_validate({"port": 9000, **keys, **({"peer": f"127.0.0.1:{peer}"} if peer else {})})
    return replace(model.choice(Path()), port=0, host="127.0.0.1")


def plain(**keys: object) -> OscSettings:
    """Positions in seconds at /position, unless said otherwise."""
    return settings(**{"address": "/position", "unit": "s", **keys})


class Deck:
    """An interpreter that is sent messages, 100 ms apart unless said otherwise."""

    def __init__(self, chosen: OscSettings, place: Place = nowhere) -> None:
        self._interpreter = Interpreter(chosen.dialect, place)
        self.now = HostNs(0)

    def hears(self, address: str, *values: object, after: float = 100) -> Heard:
        """What it makes of a message that comes `after` so many ms."""
        self.now = HostNs(self.now + ms(after))
        (message,) = read_packet(packet(address, *values))
        assert self._interpreter.knows(message)
        return self._interpreter.read(message, self.now)

    def knows(self, address: str) -> bool:
        """Whether a message to `address` matters."""
        (message,) = read_packet(packet(address))
        return self._interpreter.knows(message)


@contextmanager
def sender(host: str = "127.0.0.1") -> Iterator[socket.socket]:
    """A socket that sends from an address of this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind((host, 0))
        yield opened


@asynccontextmanager
async def listening(
    chosen: OscSettings,
    *,
    clock: Clock = CLOCK,
    place: Place = nowhere,
) -> AsyncIterator[tuple[OscFeed, Listening]]:
    """A feed that listens, and what it says. Its trouble ends the test."""
    heard = Listening()
    feed = OscFeed(chosen, clock=clock, place=place, share=lambda: 0.5)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(feed.listen, heard)
        with trio.fail_after(30):
            while feed.port == 0:
                await trio.lowlevel.checkpoint()
        yield feed, heard
        nursery.cancel_scope.cancel()


async def trouble_of(chosen: OscSettings, clock: Clock = CLOCK) -> str:
    """The trouble that a feed raises, which must be nothing else."""
    try:
        await OscFeed(chosen, clock=clock, share=lambda: 0.5).listen(Listening())
    except FeedTrouble as trouble:
        return str(trouble)
    raise AssertionError("unreachable")


def peer_of(opened: socket.socket) -> Peer:
    """A socket's address, as that of a player."""
    return Peer("127.0.0.1", int(opened.getsockname()[1]))
