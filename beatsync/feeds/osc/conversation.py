"""What passes between a player and an open port: its datagrams checked, read and told, its questions asked in time.

Stamps are the kernel's. Time tags are not looked at: a sender's civil time is its own affair, and nothing waits for
one (faults.md, K3).
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from math import inf

import trio

from beatsync.clock import Clock
from beatsync.config.feeds.osc_dialect import OscSettings, Peer, Request
from beatsync.core.osc import Tag, encode
from beatsync.core.osc_reading import MalformedOsc, OscMessage, read_packet
from beatsync.core.position_units import Place
from beatsync.core.units import NO_TIME, seconds_from_ns
from beatsync.feeds.datagrams import Datagram, Datagrams
from beatsync.feeds.feed import FeedTrouble, Listener
from beatsync.feeds.osc.interpreter import Heard, Interpreter
from beatsync.feeds.osc.round_trips import Calendar, RoundTrips
from beatsync.feeds.osc.unread import Unread
from beatsync.feeds.source_lock import SourceLock


class Conversation:
    """From one opening of the port to its closing; nothing is kept beyond."""

    def __init__(
        self,
        settings: OscSettings,
        datagrams: Datagrams,
        *,
        listener: Listener,
        peer: Peer | None,
        clock: Clock,
        place: Place,
        share: Callable[[], float],
    ) -> None:
        """`peer`: the player by its address, where it is one that is asked."""
        self._name = settings.name
        self._dialect = settings.dialect
        self._datagrams = datagrams
        self._listener = listener
        self._peer = peer
        self._clock = clock
        self._interpreter = Interpreter(settings.dialect, place)
        self._lock = SourceLock()
        self._calendar = Calendar(settings.dialect.requests, share=share, now=clock.now())
        self._trips = RoundTrips()
        self._is_timed = any(request.timed for request in settings.dialect.requests)
        self._heard_at = clock.now()
        self._partner: IPv4Address | IPv6Address | None = None
        self._refused = 0

    async def go_on(self) -> None:
        """Ask what is due, then hear what arrives until the next question is. Raises FeedTrouble."""
        wait = inf if self._peer is None else self._ask(self._peer)
        with trio.move_on_after(wait):
            for datagram in await self._datagrams.receive():
                self._hear(datagram)
        if self._datagrams.refused > self._refused:
            self._refused = self._datagrams.refused
            self._listener.ignore(Unread.UNLISTED_SENDER)

    def _ask(self, peer: Peer) -> float:
        """Send what is due; returns for how many seconds nothing else is."""
        now = self._clock.now()
        if now - self._heard_at > self._dialect.patience:
            patience = f"{seconds_from_ns(self._dialect.patience):g} s"
            where = f"{peer.host}:{peer.port}"
            raise FeedTrouble(f"{self._name}: no answer from {where} for {patience}; {self._dialect.silence_remedy}")
        for request in self._calendar.take_due(now):
            if request.timed:
                if self._trips.waits(now):
                    continue
                self._trips.ask(now)
            self._datagrams.send(self._encoded(request), (peer.host, peer.port))
        due = self._calendar.next()
        return inf if due is None else seconds_from_ns(max(0, due - now))

    def _encoded(self, request: Request) -> bytes:
        port = ((Tag.INT, self._datagrams.port),) if request.with_port else ()
        return encode(request.address, (*request.arguments, *port))

    def _hear(self, datagram: Datagram) -> None:
        try:
            messages = read_packet(datagram.data)
        except MalformedOsc as malformed:
            self._listener.ignore(malformed.fault)
            return
        for message in messages:
            if self._interpreter.knows(message):
                self._take(message, datagram)

    def _take(self, message: OscMessage, datagram: Datagram) -> None:
        if not self._lock.admits(datagram.sender, datagram.at):
            self._listener.ignore(Unread.SECOND_SENDER)
            return
        if self._partner != datagram.sender:
            self._partner = datagram.sender
            self._listener.connected(f"{self._name}, from {datagram.sender}")
        self._heard_at = datagram.at
        heard = self._interpreter.read(message, datagram.at)
        for unread in heard.unread:
            self._listener.ignore(unread)
        self._tell(heard)

    def _tell(self, heard: Heard) -> None:
        host, slack = heard.at, NO_TIME
        if self._is_timed and heard.position is not None:
            if between := self._trips.answer(heard.at):
                host, slack = between.host, between.slack
            else:
                heard.position = None
                self._listener.ignore(Unread.SLOW_ANSWER)
        observation = heard.observation(host, slack)
        if observation is not None:
            self._listener.observe(observation)
