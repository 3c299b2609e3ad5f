"""The feed for one player of a Pro DJ Link network. Experimental: tried with constructed packets only.

It listens, and sends nothing: no keep-alive, so that no player takes it for another one. Beats are broadcast. Whether a
CDJ-3000 sends its position to a listener that keeps silent, nobody has written down.
"""

from __future__ import annotations

from typing import Final, Never, assert_never

from beatsync.clock import Clock
from beatsync.config.feeds.prodj import FollowProDjLink
from beatsync.core.observation import Accuracy, Character, Observation, RateKnowledge
from beatsync.core.transport import Rate
from beatsync.core.units import DurationNs, HostNs, ms
from beatsync.feeds.datagrams import Datagram, Datagrams
from beatsync.feeds.feed import Listener
from beatsync.feeds.prodj.packet import Beat, Position, parse_packet
from beatsync.feeds.readings import Ignored, Reading, tell
from beatsync.feeds.source_lock import SourceLock

ANOTHER_PLAYER: Final = Ignored("a packet of another player")
ANOTHER_SENDER: Final = Ignored("a packet from a second sender with the same player's number")
NO_NEWS: Final = Ignored("a beat of a player that tells its position as well")
SECOND_OF_A_BEAT: Final = Ignored("a second packet for the same beat")

_SAME_BEAT: Final = ms(1500)
"""Longer than three quarters of a beat at 30 beats a minute: that late an XDJ-XZ sends its second packet of a beat."""


class ProDjReader:
    """Datagrams to readings. Pure."""

    def __init__(self, settings: FollowProDjLink) -> None:
        self._device = settings.device
        self._length: DurationNs | None = None
        self._beat: tuple[int, HostNs] | None = None
        self._rate: Rate | None = None
        self.lock = SourceLock()

    def read(self, datagram: Datagram) -> Reading:
        """What one datagram says."""
        packet = parse_packet(datagram.data)
        if isinstance(packet, Ignored):
            return packet
        if packet.device != self._device:
            return ANOTHER_PLAYER
        if not self.lock.admits(datagram.sender, datagram.at):
            return ANOTHER_SENDER
        match packet:
            case Position():
                return self._positioned(packet, datagram.at)
            case Beat():
                return self._beaten(packet, datagram.at)
            case _ as never:
                assert_never(never)

    def _positioned(self, packet: Position, at: HostNs) -> Observation:
        """Another length is another track."""
        another = self._length not in {None, packet.length}
        rate = packet.rate if packet.rate != self._rate else None
        self._length, self._rate = packet.length, packet.rate
        return Observation(host=at, position=packet.position, rate=rate, jump=another)

    def _beaten(self, packet: Beat, at: HostNs) -> Reading:
        """A beat has no position, since it does not say which of the track's it is: all that it tells is the rate."""
        if self._length is not None:
            return NO_NEWS
        last, self._beat = self._beat, (packet.of_bar, at)
        if last is not None and last[0] == packet.of_bar and at - last[1] < _SAME_BEAT:
            return SECOND_OF_A_BEAT
        return Observation(host=at, rate=packet.rate)


class ProDjFeed:
    """The position that a CDJ-3000 sends, and the pitch that all of them do."""

    def __init__(self, settings: FollowProDjLink, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    @property
    def name(self) -> str:
        """`pro dj link player 2 (experimental)`"""
        return f"pro dj link player {self._settings.device} (experimental)"

    @property
    def character(self) -> Character:
        """A reading every 30 ms, also while the track stands. Its accuracy is a guess: nobody has measured it."""
        return Character(
            accuracy=Accuracy.B,
            interval=ms(30),
            quantum=ms(1),
            rate=RateKnowledge.REPORTED,
        )

    async def listen(self, listener: Listener) -> Never:
        """Hear the network until cancelled. Raises FeedTrouble where the port cannot be had."""
        settings = self._settings
        reader = ProDjReader(settings)
        with Datagrams(settings.port, host=settings.host, clock=self._clock, allowed=settings.senders) as datagrams:
            while True:
                for datagram in await datagrams.receive():
                    heard_before = reader.lock.holder
                    reading = reader.read(datagram)
                    if reader.lock.holder != heard_before:
                        player = f"player {settings.device} at {reader.lock.holder}"
                        listener.connected(f"Pro DJ Link {player} (experimental)")
                    tell(listener, (reading,))
