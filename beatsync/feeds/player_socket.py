"""A stream to a player: commands go out at once, lines come in with the instant at which they were read.

Never waits longer than its limits say, and holds no more than a line. What the system says becomes FeedTrouble.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Self

import trio

from beatsync.clock import Clock
from beatsync.config.feeds.addresses import Address, TcpAddress, UnixAddress
from beatsync.core.units import HostNs
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.lines import Lines
from beatsync.regular_files import reason_of

CONNECT_SECONDS: Final = 2.0
ANSWER_SECONDS: Final = 3.0
"""A player that has not answered a question in this time has hung: its connection is given up."""

_CHUNK_BYTES: Final = 8_192
"""So much is read at a time: some hundred lines, which is about a millisecond's work."""


@dataclass(frozen=True, slots=True)
class Received:
    """Whole lines without their ends, in order, and when they were read."""

    lines: Sequence[bytes]
    at: HostNs


class PlayerSocket:
    """One connection. Use as a context; one task receives."""

    def __init__(self, opened: socket.socket, *, who: str, clock: Clock, longest: int) -> None:
        """`opened`: connected; `who`: for messages; `longest`: bytes that a line may have."""
        self._socket = opened
        self._who = who
        self._clock = clock
        self._lines = Lines(longest)
        self._told_too_long = 0

    def __enter__(self) -> Self:
        """It is open already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._socket.close()

    def send(self, data: bytes) -> HostNs:
        """Send all of `data` without waiting; returns when. Raises FeedTrouble, also where the player takes no more."""
        at = self._clock.now()
        try:
            sent = self._socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            raise self._lost(error) from None
        if sent < len(data):
            raise FeedTrouble(f"{self._who} takes no more commands; does it hang?")
        return at

    async def receive(self) -> Received:
        """The next lines, at least one. Raises FeedTrouble when the connection is over."""
        while True:
            await trio.lowlevel.wait_readable(self._socket)
            at = self._clock.now()
            try:
                data = self._socket.recv(_CHUNK_BYTES)
            except BlockingIOError:
                continue
            except OSError as error:
                raise self._lost(error) from None
            if not data:
                raise FeedTrouble(f"{self._who} closed the connection; has it ended?")
            if lines := self._lines.split(data):
                return Received(lines, at)

    def count_too_long(self) -> int:
        """How many lines were thrown away since the last call, because they were too long."""
        new = self._lines.too_long - self._told_too_long
        self._told_too_long += new
        return new

    def _lost(self, error: OSError) -> FeedTrouble:
        return FeedTrouble(f"{self._who}: the connection was lost: {reason_of(error)}")


@contextmanager
def patience(who: str) -> Iterator[None]:
    """For what a question takes, from the first byte to the last. Raises FeedTrouble."""
    try:
        with trio.fail_after(ANSWER_SECONDS):
            yield
    except trio.TooSlowError:
        raise FeedTrouble(f"{who} does not answer within {ANSWER_SECONDS:g} s; does it hang?") from None


async def connect(address: Address, *, who: str, remedy: str, clock: Clock, longest: int) -> PlayerSocket:
    """A connection to the player at `address`. Raises FeedTrouble, with the `remedy` where nobody is there."""
    try:
        with trio.fail_after(CONNECT_SECONDS):
            opened = await _opened(address)
    except trio.TooSlowError:
        raise FeedTrouble(f"{who} is not there: no answer within {CONNECT_SECONDS:g} s; {remedy}") from None
    except OSError as error:
        raise FeedTrouble(f"{who} is not there: {reason_of(error)}; {remedy}") from None
    return PlayerSocket(opened, who=who, clock=clock, longest=longest)


async def _opened(address: Address) -> socket.socket:
    match address:
        case UnixAddress(path):
            name = f"\0{path[1:]}" if path.startswith("@") else path
            return await _connected(socket.AF_UNIX, name)
        case TcpAddress(host, port):
            found = await trio.socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            *others, last = [(family, peer) for family, _, _, _, peer in found]
            for family, peer in others:
                try:
                    return await _connected(family, peer)
                except OSError:
                    continue
            return await _connected(*last)


async def _connected(family: int, peer: object) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        opened.settimeout(0)
        if family != socket.AF_UNIX:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await trio.socket.from_stdlib_socket(opened).connect(peer)
    except BaseException:
        opened.close()
        raise
    return opened
