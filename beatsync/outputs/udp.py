"""OSC over UDP. Sending never waits, never looks up a name, and never reads: what comes back has no effect.

The socket is connected, so that the kernel says when nobody listens. It says so on the *next* send, and swallows that
packet (receivers.md 0.7), so a refused packet is sent again at once. A receiver that is silent is never called well.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from beatsync.core.targets import Target
from beatsync.core.units import HostNs
from beatsync.outputs.address import Peer, look_up, open_socket, written
from beatsync.outputs.books import Books, is_of_the_network, reason_of
from beatsync.outputs.output import SENT, Health, SendResult, State
from beatsync.outputs.volley import Volley, VolleyArena, taken_by

REFUSALS_UNTIL_DEGRADED: Final = 3


class UdpOutput:
    """One UDP target. Until `open` has succeeded every send fails, with the reason."""

    def __init__(self, target: Target) -> None:
        """`target`: where to."""
        self._target = target
        self._books = Books(target.url)
        self._socket: socket.socket | None = None
        self._send: Callable[[bytes], int] | None = None
        self._sent = 0
        self._peer: Peer | None = None
        self._refusals = 0
        self._why_closed = f"no address for {target.host!r} yet"

    @property
    def target(self) -> Target:
        """The value it was opened from."""
        return self._target

    @property
    def ailing(self) -> bool:
        """Whether opening it again may help."""
        return self._books.state is State.DOWN

    async def open(self) -> None:
        """Look the address up, the first time, and open the socket, again after network errors.

        What goes wrong is kept for `health` and for the sends that fail by it.
        """
        try:
            if self._peer is None:
                self._peer = await look_up(self._target)
            fresh = open_socket(self._target, self._peer)
            self._connect(fresh, self._peer)
        except OSError as error:
            self._why_closed = f"{self._target.host}: {reason_of(error)}"
            self._books.met(self._why_closed)

    def _connect(self, fresh: socket.socket, peer: Peer) -> None:
        try:
            fresh.connect(peer.address)
        except OSError:
            fresh.close()
            raise
        self.close()
        self._socket = fresh
        self._send = fresh.send
        self._books.source = written(fresh.getsockname())
        self._books.healed(State.UNKNOWN)

    def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = self._send = None

    def send(self, packet: bytes, ticket: int, now: HostNs) -> SendResult:  # noqa: ARG002  the face of every output
        """Hand the packet to the kernel."""
        if self._send is None:
            return self._books.missed(self._why_closed)
        try:
            self._send(packet)
        except ConnectionRefusedError as refusal:
            return self._send_again(self._send, packet, refusal)
        except OSError as error:
            return self._miss(error)
        self._sent += 1
        if self._books.troubled:
            self._refusals = 0
            self._books.healed(State.UNKNOWN)
        return SENT

    @property
    def file(self) -> int | None:
        """The socket's file, for volleys; None while there is none."""
        return None if self._socket is None else self._socket.fileno()

    def settle_volley(self, arena: VolleyArena, volley: Volley, answer: int) -> list[SendResult]:
        """Of a volley sendmmsg has answered this: send what it did not take; returns how that went for each packet."""
        results: list[SendResult] = []
        while True:
            first = len(results)
            try:
                taken = taken_by(answer)
            except ConnectionRefusedError as refusal:
                results.append(self._send_again(self._opened.send, volley.packets[first], refusal))
            except OSError as error:
                results.append(self._miss(error))
            else:
                self._sent += taken
                results += [SENT] * taken
            if len(results) == len(volley.packets):
                return results
            rest = len(volley.packets) - len(results)
            answer = arena.call(self._opened.fileno(), volley.header(len(results)), rest, 0)

    @property
    def _opened(self) -> socket.socket:
        assert self._socket is not None, "nothing is sent through a socket that is not open"
        return self._socket

    def _send_again(self, send: Callable[[bytes], int], packet: bytes, refusal: OSError) -> SendResult:
        """The refusal was the answer to an earlier packet; this one has not been sent yet."""
        self._refusals += 1
        self._books.met(reason_of(refusal))
        self._books.state = State.DEGRADED if self._refusals >= REFUSALS_UNTIL_DEGRADED else State.UNKNOWN
        try:
            send(packet)
        except OSError as error:
            return self._miss(error)
        self._sent += 1
        return SENT

    def _miss(self, error: OSError) -> SendResult:
        if is_of_the_network(error):
            self._books.state = State.DOWN
        return self._books.missed(reason_of(error))

    def health(self) -> Health:
        """The present state."""
        return replace(self._books.health(), sent=self._sent)
