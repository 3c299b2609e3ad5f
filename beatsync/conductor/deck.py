"""A deck: one track with its transport, as people operate it. Commands become transports for the conductor."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import trio

from beatsync.clock import Clock
from beatsync.conductor.actions import Seek, Stop
from beatsync.conductor.conducted import Conducted
from beatsync.core.engine import MAIN_DECK
from beatsync.core.track import Track
from beatsync.core.transport import NORMAL_RATE, PAUSED, Transport
from beatsync.core.units import NS_PER_SECOND, HostNs, TrackNs


class Playback(StrEnum):
    """What a deck is doing."""

    ARMED = "armed"
    COUNTDOWN = "countdown"
    PLAYING = "playing"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeckState:
    """A snapshot of a deck. `position` is None while it is armed."""

    playback: Playback
    position: TrackNs | None
    duration: TrackNs


class Deck:
    """Operates a conductor whose playback no player leads."""

    def __init__(self, track: Track, conductor: Conducted, clock: Clock, *, name: str = MAIN_DECK) -> None:
        """`track`: what the schedule of the conductor's deck of this `name` was compiled from."""
        self._track = track
        self._name = name
        self._conductor = conductor
        self._clock = clock
        self._moved = trio.Event()

    @property
    def _transport(self) -> Transport | None:
        return self._conductor.transport(self._name)

    def position(self) -> TrackNs | None:
        """Where playback stands now; None while the deck is armed."""
        transport = self._transport
        return transport.position_at(self._clock.now()) if transport else None

    def follow(self, transport: Transport) -> None:
        """Playback goes as `transport` says."""
        self._conductor.do(Seek(self._name, transport))
        self._moved.set()
        self._moved = trio.Event()

    def play(self) -> None:
        """Start from the top, go on after a pause; nothing if it plays already."""
        position, transport = self.position(), self._transport
        if transport is None or not transport.moving:
            self.follow(Transport(self._clock.now(), TrackNs(0) if position is None else position))

    def pause(self) -> None:
        """Hold the position; nothing if it is held already, or nothing plays."""
        transport = self._transport
        if transport is not None and transport.moving:
            now = self._clock.now()
            self.follow(Transport(now, transport.position_at(now), PAUSED))

    def seek(self, position: TrackNs) -> None:
        """Go to `position`, playing on or holding as before; an armed deck holds there until it is told to play."""
        transport = self._transport
        moving = transport is not None and transport.moving
        self.follow(Transport(self._clock.now(), position, NORMAL_RATE if moving else PAUSED))

    def stop(self) -> None:
        """End every look and be armed again."""
        self._conductor.do(Stop(self._name))
        self._moved.set()
        self._moved = trio.Event()

    def state(self) -> DeckState:
        """What the deck is doing."""
        transport, position = self._transport, self.position()
        if transport is None or position is None:
            playback = Playback.ARMED
        elif not transport.moving:
            playback = Playback.PAUSED
        elif position < 0:
            playback = Playback.COUNTDOWN
        else:
            playback = Playback.PLAYING if position < self._track.duration else Playback.ENDED
        return DeckState(playback=playback, position=position, duration=self._track.duration)

    async def wait_ended(self) -> None:
        """Return when playback has reached the track's end and every cue has fallen due."""
        while True:
            moved, transport = self._moved, self._transport
            if transport is None or not transport.moving:
                await moved.wait()
                continue
            end = max(transport.host_at(self._track.duration), self._conductor.next_deadline(self._name) or HostNs(0))
            wait = end - self._clock.now()
            if wait <= 0 and self._conductor.next_deadline(self._name) is None:
                return
            with trio.move_on_after(max(wait, 0) / NS_PER_SECOND):
                await moved.wait()
