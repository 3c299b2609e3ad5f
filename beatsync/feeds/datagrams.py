"""Datagrams with the instant at which the kernel received them, whatever this program was doing at the time.

Senders are checked here, before anything looks at a datagram. A flood is thinned out to what is worth reading: of many
positions that wait the last ones are the news (faults.md, F12).
"""

from __future__ import annotations

import socket
import struct
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, Self, TypeAlias

import trio

from beatsync.clock import Clock
from beatsync.core.units import NS_PER_SECOND, HostNs, WallNs, ms
from beatsync.feeds.feed import FeedTrouble
from beatsync.port_holders import why_not

MAX_DATAGRAM_BYTES: Final = 4096
"""More than any position message needs; what is larger is cut, and then no message any more."""

AT_ONCE: Final = 32
"""How many of the datagrams that wait are read; older ones are thrown away unread."""

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

_STRANGERS_SECONDS: Final = 0.02
_TIMESPEC: Final = struct.Struct("@ll")
_LONGEST_WAIT: Final = ms(10_000)
# Not in Python's socket module. Linux, asm-generic/socket.h.
_SO_TIMESTAMPNS: Final = 35


@dataclass(frozen=True, slots=True)
class Datagram:
    """One datagram. `at`: when the kernel received it."""

    data: bytes
    sender: Address
    port: int
    at: HostNs


class Datagrams:
    """A bound UDP port. Use as a context, in one task."""

    def __init__(self, port: int, *, host: str = "0.0.0.0", clock: Clock, allowed: tuple[Network, ...] = ()) -> None:  # noqa: S104
        """`host`: the address to listen on; a multicast group is joined. `allowed`: senders; everybody if empty.

        Raises FeedTrouble where the port cannot be had.
        """
        self._clock = clock
        self._allowed = allowed
        self._where = f"{host}:{port}"
        self.refused = 0
        self.thinned_out = 0
        try:
            self._socket = _bound(host, port)
        except OSError as error:
            raise FeedTrouble(f"cannot listen on udp {self._where}: {why_not(error, port, 'udp')}") from None
        self._listening = trio.socket.from_stdlib_socket(self._socket)

    @property
    def port(self) -> int:
        """The port that it is bound to."""
        return int(self._socket.getsockname()[1])

    def __enter__(self) -> Self:
        """Nothing more to open."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let the port go."""
        self._listening.close()

    def send(self, data: bytes, peer: tuple[str, int]) -> bool:
        """Send a datagram from this port, without waiting; returns whether it left."""
        try:
            self._socket.sendto(data, peer)
        except OSError:
            return False
        return True

    async def receive(self) -> Sequence[Datagram]:
        """The datagrams of allowed senders that wait, in order, of a flood the latest; waits until there is one."""
        while True:
            await trio.lowlevel.wait_readable(self._socket)
            if waiting := self._waiting():
                return waiting
            await trio.sleep(_STRANGERS_SECONDS)  # a flood of strangers leaves time for everything else

    def _waiting(self) -> Sequence[Datagram]:
        latest: deque[Datagram] = deque(maxlen=AT_ONCE)
        for _ in range(AT_ONCE * 32):
            try:
                data, ancillary, _, source = self._socket.recvmsg(MAX_DATAGRAM_BYTES, 64)
            except BlockingIOError:
                break
            except OSError:
                continue  # the answer to something that was sent from this port
            sender = ip_address(source[0].partition("%")[0])
            if self._allowed and not any(sender in network for network in self._allowed):
                self.refused += 1
                continue
            self.thinned_out += len(latest) == AT_ONCE
            latest.append(Datagram(data, sender, source[1], self._received_at(ancillary)))
        return latest

    def _received_at(self, ancillary: list[tuple[int, int, bytes]]) -> HostNs:
        """The kernel's stamp is civil time."""
        now = self._clock.now()
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS and len(data) >= _TIMESPEC.size:
                seconds, nanoseconds = _TIMESPEC.unpack_from(data)
                at = self._clock.host_of(WallNs(seconds * NS_PER_SECOND + nanoseconds))
                return at if now - _LONGEST_WAIT <= at <= now else now
        return now


def _bound(host: str, port: int) -> socket.socket:
    address = ip_address(host)
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
    try:
        opened.settimeout(0)
        opened.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        if address.is_multicast and address.version == 4:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            membership = socket.inet_aton(host) + socket.inet_aton("0.0.0.0")  # noqa: S104
            opened.bind((host, port))
            opened.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        else:
            opened.bind((host, port))
    except OSError:
        opened.close()
        raise
    return opened
