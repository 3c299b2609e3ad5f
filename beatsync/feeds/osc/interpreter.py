"""What a player's messages say of playback: messages to observations, as its dialect has it. Pure.

It keeps what a player says in parts: whether it plays and is paused, its tempos, the names of a track.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from beatsync.config.feeds.osc_dialect import Dialect, Meaning, Role
from beatsync.core.limits import MAX_TRACK_SECONDS
from beatsync.core.observation import Observation, TrackHint
from beatsync.core.osc_reading import OscMessage
from beatsync.core.position_units import Place
from beatsync.core.transport import Rate
from beatsync.core.units import DurationNs, HostNs, TrackNs
from beatsync.feeds.osc.beat_count import BEATS_IN_BAR, BeatCount
from beatsync.feeds.osc.matching import Directory
from beatsync.feeds.osc.positions import Positions
from beatsync.feeds.osc.replies import reply_data
from beatsync.feeds.osc.speeds import Tempos, rate_said
from beatsync.feeds.osc.unread import Unread
from beatsync.feeds.osc.values import flag_of, name_of, number_of

_NO_TRACK: Final = "0"
"""What Open Beat Control calls the track of an empty deck."""


@dataclass(slots=True)
class Heard:
    """What one message that arrived `at` says, and what of it could not be read."""

    at: HostNs
    position: TrackNs | None = None
    playing: bool | None = None
    rate: Rate | None = None
    jump: bool = False
    track: TrackHint | None = None
    unread: list[Unread] = field(default_factory=list)

    def observation(self, host: HostNs, slack: DurationNs) -> Observation | None:
        """What was read, as of `host`; None where that is nothing."""
        if self.position is None and self.playing is None and self.rate is None and self.track is None:
            return None
        return Observation(
            host=host,
            position=self.position,
            playing=self.playing,
            rate=self.rate,
            jump=self.jump,
            track=self.track,
            slack=slack,
        )


class Interpreter:
    """One player's messages, in the order in which they came."""

    def __init__(self, dialect: Dialect, place: Place) -> None:
        """`place`: where beats and fractions lie in the track that is loaded at that moment."""
        self._dialect = dialect
        self._directory = Directory((address, meaning) for meaning in dialect.meanings for address in meaning.addresses)
        self._roles = frozenset(meaning.role for meaning in dialect.meanings)
        self._positions = Positions(dialect, place)
        self._tempos = Tempos()
        self._beats = BeatCount()
        self._playing: bool | None = None
        self._paused: bool | None = None
        self._hint = TrackHint()
        self._jumps = False
        self._take: Final[Mapping[Role, Callable[[object, Heard], Unread | None]]] = {
            Role.POSITION: self._take_position,
            Role.BEAT_OF_BAR: self._take_beat,
            Role.PLAYING: self._take_playing,
            Role.PAUSED: self._take_paused,
            Role.RATE: self._take_rate,
            Role.TEMPO: self._take_tempo,
            Role.OWN_TEMPO: self._take_own_tempo,
            Role.LENGTH: self._take_length,
            Role.AT_START: self._take_at_start,
            Role.TITLE: self._take_title,
            Role.ARTIST: self._take_artist,
            Role.TRACK_ID: self._take_track_id,
        }

    def knows(self, message: OscMessage) -> bool:
        """Whether it is one that the dialect has a meaning for."""
        return bool(self._directory.find(message.address))

    def read(self, message: OscMessage, at: HostNs) -> Heard:
        """What `message`, which it knows and which was received at `at`, says."""
        heard = Heard(at)
        arguments = self._arguments(message)
        if isinstance(arguments, Unread):
            heard.unread.append(arguments)
        else:
            self._read(self._directory.find(message.address), arguments, heard)
        return heard

    def _arguments(self, message: OscMessage) -> Mapping[int | str, object] | Unread:
        """By their index, or by key from the JSON of a reply."""
        return reply_data(message) if self._dialect.json else dict(enumerate(message.arguments))

    def _read(self, meanings: list[Meaning], arguments: Mapping[int | str, object], heard: Heard) -> None:
        ours = [
            meaning
            for meaning in meanings
            if meaning.deck_argument is None or str(arguments.get(meaning.deck_argument)) == self._dialect.deck
        ]
        for meaning in ours:
            if meaning.role is Role.JUMP:
                self._jumps = True
            elif meaning.argument not in arguments:
                heard.unread.append(Unread.NO_ARGUMENT)
            elif unread := self._take[meaning.role](arguments[meaning.argument], heard):
                heard.unread.append(unread)

    def _take_position(self, value: object, heard: Heard) -> Unread | None:
        position = self._positions.position(value, heard.at)
        if isinstance(position, Unread):
            return position
        heard.position = position
        if self._jumps:
            heard.jump = True
            self._jumps = False
        if self._tempos.news and self._tempos.heard is not None and Role.RATE not in self._roles:
            rate = self._positions.rate_at(value, self._tempos.heard)
            if rate is not None:
                heard.rate = rate
                self._tempos.news = False
        return None

    def _take_beat(self, value: object, heard: Heard) -> Unread | None:
        if value not in range(1, BEATS_IN_BAR + 1) or not isinstance(value, int) or self._tempos.heard is None:
            return Unread.NO_BEAT
        count = self._beats.take(value, heard.at, self._tempos.heard)
        position = Unread.NOT_COUNTED if count is None else self._positions.of_beats(count)
        if isinstance(position, Unread):
            return position
        heard.position = position
        return None

    def _take_playing(self, value: object, heard: Heard) -> Unread | None:
        self._playing = flag_of(value)
        self._take_flags(heard)
        return Unread.BAD_FLAG if self._playing is None else None

    def _take_paused(self, value: object, heard: Heard) -> Unread | None:
        self._paused = flag_of(value)
        self._take_flags(heard)
        return Unread.BAD_FLAG if self._paused is None else None

    def _take_flags(self, heard: Heard) -> None:
        """A player that says both plays if it is playing and not paused; one that is not paused may be stopped."""
        if self._paused:
            heard.playing = False
        elif self._playing is not None:
            heard.playing = self._playing
        elif self._paused is False and Role.PLAYING not in self._roles:
            heard.playing = True
        if heard.playing is False:
            self._beats.interrupt()

    def _take_rate(self, value: object, heard: Heard) -> Unread | None:
        rate = rate_said(value)
        if isinstance(rate, Unread):
            return rate
        heard.rate = rate
        return None

    def _take_tempo(self, value: object, heard: Heard) -> Unread | None:
        unread = self._tempos.take_heard(value)
        self._take_ratio(heard)
        return unread

    def _take_own_tempo(self, value: object, heard: Heard) -> Unread | None:
        unread = self._tempos.take_own(value)
        self._take_ratio(heard)
        return unread

    def _take_ratio(self, heard: Heard) -> None:
        rate = self._tempos.ratio()
        if rate is not None:
            heard.rate = rate

    def _take_length(self, value: object, _heard: Heard) -> Unread | None:
        length = number_of(value)
        if length is None or not 0 < length <= MAX_TRACK_SECONDS:
            return Unread.BAD_LENGTH
        self._positions.length = length
        return None

    def _take_at_start(self, value: object, _heard: Heard) -> Unread | None:
        flag = flag_of(value)
        if flag:
            self._beats.restart()
        return Unread.BAD_FLAG if flag is None else None

    def _take_title(self, value: object, heard: Heard) -> Unread | None:
        """A new title is another track, whose artist has not been said."""
        name = name_of(value)
        if name is not None and name != self._hint.title:
            self._take_hint(TrackHint(title=name), heard)
        return Unread.BAD_TEXT if name is None else None

    def _take_artist(self, value: object, heard: Heard) -> Unread | None:
        name = name_of(value)
        if name is not None and name != self._hint.artist:
            self._take_hint(replace(self._hint, artist=name), heard)
        return Unread.BAD_TEXT if name is None else None

    def _take_track_id(self, value: object, heard: Heard) -> Unread | None:
        """A track that takes the place of another is loaded, and stands at its start."""
        name = name_of(value)
        if name is not None and name != self._hint.id:
            if self._hint.id is not None:
                self._beats.restart()
            self._take_hint(TrackHint(id=name), heard)
            if name == _NO_TRACK:
                heard.track = None
        return Unread.BAD_TEXT if name is None else None

    def _take_hint(self, hint: TrackHint, heard: Heard) -> None:
        self._hint = hint
        heard.track = hint
