"""MIDI clock with song position to readings of a track. Pure.

24 ticks `F8` make a beat, a quarter note. `FA` starts at beat 0 and `FB` goes on from where the song stands, both with
the next tick; `FC` stops; `F2` says where the song stands, in sixteenth notes, which are six ticks. Where in the track
a beat is, the track's grid says: beats are no seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from beatsync.core.observation import Accuracy, Character, Observation, RateKnowledge
from beatsync.core.units import HostNs, TrackNs, ms
from beatsync.feeds.readings import Ignored, Reading

PlaceOfBeat: TypeAlias = Callable[[float], TrackNs | None]
"""Beats from the song's start to a position in the track that is loaded; None where the track has no such beat."""

NOT_CLOCK: Final = Ignored("a MIDI message that is no clock")
NO_START: Final = Ignored(
    "a MIDI clock whose start was not heard; stop and start the sender, or move its song position"
)
NO_SUCH_BEAT: Final = Ignored("a beat that the track does not have")

TICKS_A_BEAT: Final = 24
TICKS_A_SIXTEENTH: Final = 6


class BeatClockReader:
    """Messages to readings."""

    def __init__(self, place: PlaceOfBeat) -> None:
        self._place = place
        self._next: int | None = None
        """which tick of the song the next one is; None until somebody has said it"""
        self._running = False
        self._jumped = False

    @property
    def character(self) -> Character:
        """A tick every 21 ms at 120 beats a minute. The tempo of the sender need not be the track's."""
        return Character(accuracy=Accuracy.B, interval=ms(21), rate=RateKnowledge.INFERRED, states_playing=True)

    def read(self, message: bytes, at: HostNs) -> Sequence[Reading]:
        """What a message that arrived at `at` says."""
        match list(message):
            case [0xF8]:
                return self._tick(at)
            case [0xFA]:
                return self._go(0)
            case [0xFB]:
                return self._go(self._next)
            case [0xFC]:
                self._running = False
                return (Observation(host=at, playing=False),)
            case [0xF2, low, high]:
                return self._move((low & 0x7F | (high & 0x7F) << 7) * TICKS_A_SIXTEENTH, at)
            case _:
                return (NOT_CLOCK,)

    def _go(self, tick: int | None) -> Sequence[Reading]:
        """Playback starts with the next tick, not with this message."""
        self._next = tick
        self._running = self._jumped = True
        return ()

    def _move(self, tick: int, at: HostNs) -> Sequence[Reading]:
        """While the song plays, which few senders do, the next tick is the new position's."""
        self._next = tick
        self._jumped = True
        return () if self._running else self._said(tick, at, playing=False)

    def _tick(self, at: HostNs) -> Sequence[Reading]:
        if not self._running:
            # Many senders tick while they are stopped, to tell the tempo.
            return () if self._next is not None else (NO_START,)
        if self._next is None:
            return (NO_START,)
        tick = self._next
        self._next += 1
        return self._said(tick, at, playing=True)

    def _said(self, tick: int, at: HostNs, *, playing: bool) -> Sequence[Reading]:
        position = self._place(tick / TICKS_A_BEAT)
        if position is None:
            return (NO_SUCH_BEAT,)
        jumped, self._jumped = self._jumped, False
        return (Observation(host=at, position=position, playing=playing, jump=jumped),)
