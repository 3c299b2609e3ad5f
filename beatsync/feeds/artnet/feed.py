"""The feed for ArtTimeCode. It listens; it sends nothing, not even an answer to ArtPoll."""

from __future__ import annotations

from typing import Final, Never

from beatsync.clock import Clock
from beatsync.config.feeds.artnet import FollowArtnet
from beatsync.core.observation import Accuracy, Character, RateKnowledge
from beatsync.core.timecode import LONGEST_FRAME, frame_start, pulled_down
from beatsync.core.units import DurationNs, ms
from beatsync.feeds.artnet.packet import parse_packet
from beatsync.feeds.datagrams import Datagram, Datagrams
from beatsync.feeds.feed import Listener
from beatsync.feeds.placing import Placing
from beatsync.feeds.readings import Ignored, Reading, tell
from beatsync.feeds.source_lock import SourceLock

ANOTHER_STREAM: Final = Ignored("a timecode of another stream")
ANOTHER_SENDER: Final = Ignored("a timecode from a second sender")


class ArtnetReader:
    """Datagrams to readings: which packets count, and what they say of the track. Pure."""

    def __init__(self, settings: FollowArtnet) -> None:
        self._stream = settings.stream
        self._pull_down = settings.pull_down
        self._placing = Placing(settings.tracks)
        self.lock = SourceLock()

    def read(self, datagram: Datagram) -> Reading:
        """What one datagram says."""
        packet = parse_packet(datagram.data)
        if isinstance(packet, Ignored):
            return packet
        if packet.stream != self._stream:
            return ANOTHER_STREAM
        if not self.lock.admits(datagram.sender, datagram.at):
            return ANOTHER_SENDER
        rate = pulled_down(packet.rate) if self._pull_down else packet.rate
        return self._placing.observation(packet.timecode, rate, host=datagram.at)


class ArtnetFeed:
    """ArtTimeCode of one stream. Frames come as they start, or a little later: a packet is never early."""

    def __init__(self, settings: FollowArtnet, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    @property
    def name(self) -> str:
        """`artnet stream 0`"""
        return f"artnet stream {self._settings.stream}"

    @property
    def character(self) -> Character:
        """Steps of a frame; a console that is paused repeats its frame, or falls silent."""
        return Character(
            accuracy=Accuracy.B,
            interval=ms(40),
            quantum=DurationNs(frame_start(1, LONGEST_FRAME)),
            rate=RateKnowledge.INFERRED if self._settings.varispeed else RateKnowledge.FIXED,
        )

    async def listen(self, listener: Listener) -> Never:
        """Hear the network until cancelled. Raises FeedTrouble where the port cannot be had."""
        settings = self._settings
        reader = ArtnetReader(settings)
        with Datagrams(settings.port, host=settings.host, clock=self._clock, allowed=settings.senders) as datagrams:
            while True:
                for datagram in await datagrams.receive():
                    heard_before = reader.lock.holder
                    reading = reader.read(datagram)
                    if reader.lock.holder != heard_before:
                        listener.connected(f"Art-Net timecode from {reader.lock.holder}")
                    tell(listener, (reading,))
