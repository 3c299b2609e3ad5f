"""What a feed says of playback: one reading of a player's clock, and what sort of clock that is. Values only.

What a reading means is the estimator's affair: it knows what came before.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from beatsync.core.transport import Rate
from beatsync.core.units import NO_TIME, DurationNs, HostNs, TrackNs, ms

USUAL_FREEWHEEL: Final = ms(10_000)
"""A player that is not heard of is believed to play on for this long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackHint:
    """What a player calls the track that it plays; what it does not say is None. `id`: in whatever numbers it has."""

    id: str | None = None
    file: str | None = None
    title: str | None = None
    artist: str | None = None
    duration: DurationNs | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One reading. What the source does not say is None, and means that nothing has changed.

    `host`: the instant at which playback stood at `position`, as near as is known: the kernel's receive stamp, or the
    middle between request and reply; `slack`: by how much that may be wrong either way. `jump`: the source says that
    playback has jumped (a seek, a loop, a hot cue), so that earlier readings say nothing of this one.
    """

    host: HostNs
    position: TrackNs | None = None
    playing: bool | None = None
    rate: Rate | None = None
    jump: bool = False
    track: TrackHint | None = None
    slack: DurationNs = NO_TIME


class Accuracy(StrEnum):
    """What a feed can promise (feeds.md, section 6): cues against the player's own clock, steady, 99 of 100."""

    A = "A"
    """5 ms"""
    B = "B"
    """10 ms"""
    C = "C"
    """30 ms"""
    D = "D"
    """no promise: 100 ms to 1 s"""


class RateKnowledge(StrEnum):
    """How the rate of playback is known."""

    FIXED = "fixed"
    """it is always as recorded"""
    REPORTED = "reported"
    """the source says when it changes"""
    INFERRED = "inferred"
    """nobody says; it has to be read off the positions"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """What sort of clock a feed is.

    `interval`: the usual time between two readings; `quantum`: positions move in steps of this. `states_playing`: every
    pause is said by the source; where it is not, a position that stands still is a pause. `states_jumps`: every jump is
    said; a small one that is not is a stall of the sound (an underrun), after which nothing is played again.
    `silence_is_pause`: the source stops talking while playback is paused, so that silence is no loss.
    """

    accuracy: Accuracy
    interval: DurationNs
    quantum: DurationNs = NO_TIME
    rate: RateKnowledge = RateKnowledge.FIXED
    states_playing: bool = False
    states_jumps: bool = False
    silence_is_pause: bool = False


class WhenLost(StrEnum):
    """What becomes of playback when a feed has been silent for longer than its freewheel."""

    CONTINUE = "continue"
    """it is believed to go on"""
    HOLD = "hold"
    """the position is held, as in a pause"""
    STOP = "stop"
    """every look ends, and nothing is due until the feed is back"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """How a feed is followed; in the words of timecode equipment.

    `offset` is added to every position: what lies between the position that the source states and the sound that people
    hear; negative where the source runs ahead. `freewheel`: for how long playback is believed to go on without a
    reading. `pre_roll`: how many readings must agree before anything fires; `confirm`: how many must agree that
    playback has jumped where the source does not say so itself.
    """

    offset: DurationNs = NO_TIME
    freewheel: DurationNs = USUAL_FREEWHEEL
    when_lost: WhenLost = WhenLost.CONTINUE
    pre_roll: int = 1
    confirm: int = 2
