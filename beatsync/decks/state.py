"""What a deck is doing, as a value: for the status, the page and whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from beatsync.core.observation import TrackHint
from beatsync.core.quality import Quality
from beatsync.core.track import Track
from beatsync.core.transport import Rate, Transport
from beatsync.core.units import HostNs, TrackNs
from beatsync.decks.deck_clock import FeedStanding
from beatsync.decks.material import Material


class Playback(StrEnum):
    """What a deck is doing."""

    EMPTY = "empty"
    """nothing is loaded"""
    ARMED = "armed"
    COUNTDOWN = "countdown"
    PLAYING = "playing"
    PAUSED = "paused"
    ENDED = "ended"


def playback_of(track: Track | None, transport: Transport | None, now: HostNs) -> Playback:
    """What a deck does that has this track loaded and follows this line."""
    if track is None:
        return Playback.EMPTY
    if transport is None:
        return Playback.ARMED
    if not transport.moving:
        return Playback.PAUSED
    position = transport.position_at(now)
    if position < 0:
        return Playback.COUNTDOWN
    return Playback.PLAYING if position < track.duration else Playback.ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class DeckState:
    """A snapshot of a deck.

    `transport` is None while nothing plays. `clock`: what leads it, as people call it; `feeds`: those it may follow.
    `unknown`: what its player plays, where that is nothing that is known. `place`: of the track in a set list of
    `count`, from 0; `following`: what comes next. `stopped`: by command; what leads it is not listened to.
    """

    name: str
    at: HostNs
    playback: Playback
    material: Material | None
    transport: Transport | None
    rate: Rate
    clock: str
    quality: Quality
    feeds: tuple[FeedStanding, ...]
    unknown: TrackHint | None
    stopped: bool
    on_air: bool
    place: int | None
    count: int
    following: str | None

    @property
    def track(self) -> Track | None:
        """What is loaded."""
        return self.material.track if self.material else None

    @property
    def position(self) -> TrackNs | None:
        """Where playback stands; negative in a countdown."""
        return self.transport.position_at(self.at) if self.transport else None
