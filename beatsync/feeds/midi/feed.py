"""The feeds that read MIDI. They listen; they send nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Never, Protocol

import trio

from beatsync.clock import Clock
from beatsync.config.feeds.midi import ExistingPort, MidiPort
from beatsync.config.feeds.midi_clock import FollowMidiClock
from beatsync.config.feeds.mtc import FollowMtc
from beatsync.core.observation import Character
from beatsync.core.units import HostNs
from beatsync.feeds.choosing import chosen
from beatsync.feeds.feed import FeedTrouble, Listener
from beatsync.feeds.handover import Handover
from beatsync.feeds.midi.beat_clock import BeatClockReader, PlaceOfBeat
from beatsync.feeds.midi.inputs import Hear, MidiInput, MidiSystem, RtMidi
from beatsync.feeds.midi.time_code import TimeCodeReader
from beatsync.feeds.readings import Ignored, Reading, tell

WATCH_SECONDS: Final = 1.0
"""After so long without a message somebody looks whether the port is still there."""

MOST_WAITING: Final = 1024
"""Eight seconds of time code."""

LOST: Final = Ignored("MIDI that came faster than it could be read")


class MessageReader(Protocol):
    """Messages to readings: the pure part of a feed."""

    @property
    def character(self) -> Character:
        """What sort of clock it is."""
        ...

    def read(self, message: bytes, at: HostNs) -> Sequence[Reading]:
        """What a message that arrived at `at` says."""
        ...


class MidiFeed:
    """One input, read by one kind of reader, which starts anew with each connection."""

    def __init__(
        self,
        kind: str,
        port: MidiPort,
        *,
        reader: Callable[[], MessageReader],
        clock: Clock,
        system: Callable[[], MidiSystem] = RtMidi,
    ) -> None:
        """`kind`: what people call it; `system`: the machine's MIDI."""
        self._kind = kind
        self._port = port
        self._reader = reader
        self._clock = clock
        self._system = system

    @property
    def name(self) -> str:
        """`midi time code from USB MIDI`"""
        return f"{self._kind} from {self._port.name}"

    @property
    def character(self) -> Character:
        """What sort of clock it is."""
        return self._reader().character

    async def listen(self, listener: Listener) -> Never:
        """Hear the port until cancelled. Raises FeedTrouble where it is not there, or goes."""
        handover: Handover[tuple[HostNs, bytes]] = Handover(MOST_WAITING)

        def hear(message: bytes) -> None:
            handover.put((self._clock.now(), message))

        # Not abandoned when cancelled: a port that nobody closes would stay.
        opened = await trio.to_thread.run_sync(partial(self._open, hear))
        try:
            listener.connected(f"{self._kind} from {opened.name}")
            await self._hear(handover, opened, listener)
        finally:
            opened.close()

    def _open(self, hear: Hear) -> MidiInput:
        system = self._system()
        if isinstance(self._port, ExistingPort):
            return system.open(chosen(self._port.name, system.names(), "MIDI inputs"), hear)
        return system.create(self._port.name, hear)

    async def _hear(self, handover: Handover[tuple[HostNs, bytes]], opened: MidiInput, listener: Listener) -> Never:
        reader = self._reader()
        while True:
            messages: list[tuple[HostNs, bytes]] = []
            lost = 0
            with trio.move_on_after(WATCH_SECONDS):
                messages, lost = await handover.receive()
            if not messages and not await trio.to_thread.run_sync(opened.is_there):
                raise FeedTrouble(f"{opened.name} has gone; plug it in again")
            tell(listener, [LOST] * lost)
            for at, message in messages:
                tell(listener, reader.read(message, at))


def mtc_feed(settings: FollowMtc, *, clock: Clock, system: Callable[[], MidiSystem] = RtMidi) -> MidiFeed:
    """MIDI time code."""
    reader = partial(TimeCodeReader, settings)
    return MidiFeed("MIDI time code", settings.port, reader=reader, clock=clock, system=system)


def midi_clock_feed(
    settings: FollowMidiClock,
    *,
    place: PlaceOfBeat,
    clock: Clock,
    system: Callable[[], MidiSystem] = RtMidi,
) -> MidiFeed:
    """MIDI clock; `place` knows the grid of the track that is loaded."""
    reader = partial(BeatClockReader, place)
    return MidiFeed("MIDI clock", settings.port, reader=reader, clock=clock, system=system)
