"""How fast playback runs, from what a player says: its rate, or tempos whose ratio is the rate."""

from __future__ import annotations

from typing import Final

from beatsync.core.transport import Rate, rate_of
from beatsync.feeds.osc.unread import Unread
from beatsync.feeds.osc.values import number_of

_FASTEST: Final = 16.0
_SLOWEST_BPM: Final = 5.0
_FASTEST_BPM: Final = 1000.0


def rate_said(value: object) -> Rate | Unread:
    """A rate, 1 as recorded; negative in reverse."""
    number = number_of(value)
    return Unread.BAD_RATE if number is None or abs(number) > _FASTEST else rate_of(number)


class Tempos:
    """A player's tempos: as heard, and the track's own.

    `news`: the tempo as heard has changed, and no ratio has told what that means for the rate.
    """

    def __init__(self) -> None:
        self.heard: float | None = None
        self.own: float | None = None
        self.news = False

    def take_heard(self, value: object) -> Unread | None:
        """A tempo as heard; why it is none."""
        tempo = _tempo_of(value)
        if tempo is None:
            return Unread.BAD_RATE
        self.news |= tempo != self.heard
        self.heard = tempo
        return None

    def take_own(self, value: object) -> Unread | None:
        """The track's own tempo; why it is none."""
        self.own = _tempo_of(value)
        return Unread.BAD_RATE if self.own is None else None

    def ratio(self) -> Rate | None:
        """The rate, where both are known."""
        if self.heard is None or self.own is None:
            return None
        self.news = False
        return rate_of(self.heard / self.own)


def _tempo_of(value: object) -> float | None:
    number = number_of(value)
    return number if number is not None and _SLOWEST_BPM <= number <= _FASTEST_BPM else None
