"""Addresses: names looked up once when a target is opened, sockets bound to where packets are to leave from."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, TypeAlias

import trio

from beatsync.core.targets import Carrier, Target
from beatsync.outputs.books import reason_of

SocketAddress: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Peer:
    """A receiver's address, looked up and pinned."""

    family: socket.AddressFamily
    address: SocketAddress

    @property
    def is_multicast(self) -> bool:
        """Whether it is a group rather than a host."""
        return ip_address(str(self.address[0]).partition("%")[0]).is_multicast


async def look_up(target: Target) -> Peer:
    """The target's address; an IPv4 one where a name has both. Raises OSError where there is none."""
    kind = socket.SOCK_DGRAM if target.carrier is Carrier.UDP else socket.SOCK_STREAM
    found = await trio.socket.getaddrinfo(target.host, target.port, type=kind)
    family, _, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return Peer(family, address)


def open_socket(target: Target, peer: Peer) -> socket.socket:
    """A non-blocking socket for the target, bound to its source, not yet connected. Raises OSError."""
    kind = socket.SOCK_DGRAM if target.carrier is Carrier.UDP else socket.SOCK_STREAM
    opened = socket.socket(peer.family, kind | socket.SOCK_CLOEXEC)
    try:
        opened.settimeout(0)
        if target.source_host or target.source_port:
            # Several targets may be spoken to from one port, and a connection to one be made again from it at once.
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            anywhere = "::" if peer.family == socket.AF_INET6 else "0.0.0.0"  # noqa: S104  a source, not a listener
            opened.bind((target.source_host or anywhere, target.source_port or 0))
        if target.broadcast:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        if kind is socket.SOCK_DGRAM and peer.is_multicast:
            _set_multicast(opened, target, peer)
    except OSError:
        opened.close()
        raise
    return opened


def _set_multicast(opened: socket.socket, target: Target, peer: Peer) -> None:
    if peer.family == socket.AF_INET:
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, target.multicast_ttl)
        if target.source_host:
            opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(target.source_host))
    else:
        # An IPv6 group's interface is its zone, as in ff02::1%eth0.
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, target.multicast_ttl)


def written(address: SocketAddress) -> str:
    """A socket address as people write it: `127.0.0.1:7700`, `[::1]:7700`."""
    host, port = address[0], address[1]
    return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"


@dataclass(frozen=True, slots=True)
class Way:
    """How packets would reach a target from this machine. `source`: the address that they would leave from; None where
    that is only known when the target is opened. `trouble`: why they would not leave, empty if they would.
    """

    source: str | None = None
    trouble: str = ""


def way_to(target: Target) -> Way:
    """The way to a numeric host, without sending anything; nothing is known of a name."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)
        family, _, _, _, address = found[0]
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            if target.broadcast:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            if target.source_host:
                probe.bind((target.source_host, 0))
            probe.connect(address)
            return Way(str(probe.getsockname()[0]))
    except socket.gaierror as error:
        return Way() if error.errno == socket.EAI_NONAME else Way(trouble=reason_of(error))
    except OSError as error:
        return Way(trouble=reason_of(error))
