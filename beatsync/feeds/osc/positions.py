"""A player's positions, in whatever unit it states them, as track time."""

from __future__ import annotations

from typing import Final

from beatsync.config.feeds.osc_dialect import Dialect
from beatsync.core.limits import MAX_TRACK_SECONDS
from beatsync.core.position_units import Place, PositionUnit
from beatsync.core.timecode_text import timecode_position
from beatsync.core.transport import Rate
from beatsync.core.units import NS_PER_MS, NS_PER_SECOND, HostNs, TrackNs, ns_from_seconds
from beatsync.feeds.osc.unit_check import UnitCheck
from beatsync.feeds.osc.unread import Unread
from beatsync.feeds.osc.values import number_of

_FARTHEST: Final = MAX_TRACK_SECONDS * NS_PER_SECOND
_NS_OF: Final = {PositionUnit.SECONDS: NS_PER_SECOND, PositionUnit.MILLISECONDS: NS_PER_MS}
# A grid's single beats are rounded and wobble; a tempo is of many.
_BEATS_EITHER_SIDE: Final = 16


class Positions:
    """Reads positions. `length`: of the track in seconds, where the player says it; fractions are of it."""

    def __init__(self, dialect: Dialect, place: Place) -> None:
        """`place`: where beats and fractions lie in the track that is loaded at that moment."""
        self._unit = dialect.unit
        self._frame_rate = dialect.frame_rate
        self._first_beat = dialect.first_beat
        self._place = place
        self._check = UnitCheck()
        self.length: float | None = None

    def position(self, value: object, at: HostNs) -> TrackNs | Unread:
        """The position that an argument, received at `at`, states."""
        if self._unit is PositionUnit.TIMECODE:
            return self._timecode(value)
        number = number_of(value)
        if number is None:
            return Unread.NOT_A_NUMBER
        match self._unit:
            case PositionUnit.BEATS:
                return self.of_beats(number - self._first_beat)
            case PositionUnit.FRACTION:
                return self._fraction(number)
            case _:
                return self._time(number, at)

    def _time(self, number: float, at: HostNs) -> TrackNs | Unread:
        if number < 0:
            return Unread.NEGATIVE
        if number > _FARTHEST / _NS_OF[self._unit]:
            return Unread.TOO_LARGE
        position = TrackNs(round(number * _NS_OF[self._unit]))
        return self._check.fault(at, position) or position

    def of_beats(self, beats: float) -> TrackNs | Unread:
        """The position so many beats after the first downbeat."""
        return self._placed(beats, PositionUnit.BEATS)

    def rate_at(self, value: object, tempo: float) -> Rate | None:
        """How fast playback at `tempo` goes through the track's own beats around a position in beats."""
        number = number_of(value) if self._unit is PositionUnit.BEATS else None
        if number is None:
            return None
        before, after = (
            self._place(number - self._first_beat + beats, PositionUnit.BEATS)
            for beats in (-_BEATS_EITHER_SIDE, _BEATS_EITHER_SIDE)
        )
        if before is None or after is None:
            return None
        return Rate(round((after - before) / (2 * _BEATS_EITHER_SIDE) * tempo / 60))

    def _timecode(self, value: object) -> TrackNs | Unread:
        assert self._frame_rate is not None
        position = timecode_position(value, self._frame_rate) if isinstance(value, str) else None
        if position is None:
            return Unread.NO_TIMECODE
        return position if position <= _FARTHEST else Unread.TOO_LARGE

    def _fraction(self, number: float) -> TrackNs | Unread:
        if not 0 <= number <= 1:
            return Unread.NO_FRACTION
        if self.length is not None:
            return TrackNs(ns_from_seconds(number * self.length))
        return self._placed(number, PositionUnit.FRACTION)

    def _placed(self, number: float, unit: PositionUnit) -> TrackNs | Unread:
        position = self._place(number, unit)
        return Unread.NO_PLACE if position is None else position
