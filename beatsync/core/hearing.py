"""From observations to readings: what is too old or makes no sense is refused; the offset is added here, once.

Of a reply it is known only that it was made between question and answer: one that took longer than the quickest is
taken to have been made early, for what is late does no harm to an envelope.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Final

from beatsync.core.envelope import Reading
from beatsync.core.limits import MAX_TRACK_SECONDS
from beatsync.core.observation import Following, Observation, TrackHint
from beatsync.core.units import NS_PER_SECOND, DurationNs, HostNs, TrackNs, ms

EARLIEST: Final = ms(-600_000)
"""Nobody counts down for longer than ten minutes."""

BEYOND_THE_END: Final = ms(10_000)
"""A player may run past the duration that it states by so much."""

AHEAD_OF_TIME: Final = ms(50)
"""Clocks that are converted into each other differ by less."""

_END_OF_TIME: Final = MAX_TRACK_SECONDS * NS_PER_SECOND
_FORGIVING: Final = 0.02


def is_another_track(before: TrackHint, hint: TrackHint) -> bool:
    """Whether two hints cannot be of one track: what both of them say differs."""
    pairs = [(getattr(before, name), getattr(hint, name)) for name in ("id", "file", "title", "artist")]
    return any(old != new for old, new in pairs if old is not None and new is not None)


def _both(before: TrackHint, hint: TrackHint) -> TrackHint:
    """What is known of a track by two hints."""
    names = [field.name for field in fields(hint)]
    return replace(before, **{name: getattr(hint, name) for name in names if getattr(hint, name) is not None})


class Hearing:
    """What a feed says, checked. `last`: when it was heard last; `refused`: how much was not taken."""

    __slots__ = ("_latest", "_offset", "_quickest", "last", "refused", "track")

    def __init__(self, following: Following) -> None:
        """`following`: for the offset."""
        self._offset = following.offset
        self._latest = TrackNs(_END_OF_TIME)
        self._quickest: float | None = None
        self.last: HostNs | None = None
        self.refused = 0
        self.track: TrackHint | None = None

    def takes(self, observation: Observation, now: HostNs) -> bool:
        """Whether it is no older than what was heard before (F3), and not of the future; if not, it is counted."""
        if (self.last is not None and observation.host < self.last) or observation.host > now + AHEAD_OF_TIME:
            self.refused += 1
            return False
        self.last = observation.host
        return True

    def names_another_track(self, hint: TrackHint | None) -> bool:
        """Take what the source says of the track; returns whether that is another one than before."""
        if hint is None:
            return False
        is_another = self.track is None or is_another_track(self.track, hint)
        self.track = hint if self.track is None or is_another else _both(self.track, hint)
        duration = self.track.duration
        self._latest = TrackNs(_END_OF_TIME if duration is None else duration + BEYOND_THE_END)
        return is_another

    def position(self, observation: Observation) -> TrackNs | None:
        """Where the sound is that belongs to the position stated; None without one, or if it makes no sense (F7)."""
        if observation.position is None:
            return None
        position = TrackNs(observation.position + self._offset)
        if EARLIEST <= position <= self._latest:
            return position
        self.refused += 1
        return None

    def reading(self, observation: Observation, position: TrackNs, rate: float) -> Reading:
        """The position as a point that is late, if anything."""
        slack = float(observation.slack)
        if self._quickest is None or slack < self._quickest:
            self._quickest = slack
        longer = slack - self._quickest
        self._quickest += longer * _FORGIVING
        return Reading(observation.host, position - longer * max(rate, 0.0))

    @property
    def slack(self) -> DurationNs:
        """By how much even the quickest answer may be wrong."""
        return DurationNs(round(self._quickest or 0.0))
