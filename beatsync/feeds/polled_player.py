"""A player that is asked for everything at once, again and again: its answers to observations. Pure.

What it states is compared with what its position does: see `motion`. Signals that a player sends never get here; they
are a reason to ask, and not an answer.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from beatsync.core.limits import MAX_TRACK_SECONDS
from beatsync.core.observation import Observation, TrackHint
from beatsync.core.transport import NORMAL_RATE, PAUSED, Rate, Transport
from beatsync.core.units import NO_TIME, NS_PER_SECOND, DurationNs, HostNs, TrackNs, ms
from beatsync.feeds.motion import LONGEST_STAND, Motion
from beatsync.feeds.round_trips import Stamp
from beatsync.feeds.turning import Turn

TOO_SLOW: Final = "an answer that took too long to be dated"
OUTSIDE: Final = "a position outside the track"
STANDS: Final = "a position that stands still while the player says that it plays: taken as a pause"
MOVES: Final = "a position that moves while the player says that it does not play: taken as playing"

LEAST_RATE: Final = Rate(NORMAL_RATE // 100)
MOST_RATE: Final = Rate(NORMAL_RATE * 100)

_BEFORE: Final = ms(10_000)
"""mpv counts up to the start of a loop from below zero (-398 ms measured), while the end of the last round is heard."""
_BEYOND: Final = ms(10_000)
"""Lengths are estimates; further beyond the end it is another unit, or rubbish (Clementine, issue 5097)."""
_LONGEST: Final = MAX_TRACK_SECONDS * NS_PER_SECOND
_LOOP_EDGE: Final = ms(3_000)
"""A position this near to the start that follows one this near to the end of a track that loops is its next round."""
_SETTLING: Final = ms(1_000)
"""For so long after it was announced a jump is waited for: the old position may still be told (cmus, issue 1407)."""
_ASTRAY: Final = ms(350)
"""So far from where playback would be is a jump. VLC announces some where there are none, and its steps are 300 ms."""
_STEPS_THAT_CONVINCE: Final = 3
_FAR: Final = ms(2_000)
"""No step of whole seconds and no answer that was held up is so far off: two answers in a row that are, are a jump."""
_SAME: Final = ms(5)
_RECENT: Final = 5
"""Of so many readings one is as fresh as any: mpv's position is renewed every 50 ms or so."""


class Status(StrEnum):
    """What a player says that it does."""

    PLAYING = "playing"
    PAUSED = "paused"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One answer. What the player did not say, or what makes no sense, is None; `unread`: why, in fixed words.

    `loops`: the track is repeated; `doubt`: by how much the position may be wrong either way, by its arithmetic alone.
    """

    status: Status | None = None
    position: TrackNs | None = None
    rate: Rate | None = None
    track: TrackHint | None = None
    loops: bool | None = None
    doubt: DurationNs = NO_TIME
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer comes to: perhaps an observation, and what was not taken as said."""

    observation: Observation | None
    ignored: tuple[str, ...]


class PolledPlayer:
    """One player, from the first answer on."""

    def __init__(self, *, jumped: bool = False) -> None:
        """`jumped`: another player was followed before, so that the first position of this one continues nothing."""
        self._motion = Motion()
        self._status: Status | None = None
        self._rate: Rate | None = None
        self._track: TrackHint | None = None
        self._loops = False
        self._jump = jumped
        self._settled = HostNs(0)
        self._line: Transport | None = None
        self._renewed: TrackNs | None = None
        self._paused = False
        self._far = False
        self._turn: Turn | None = None
        self._recent: deque[Transport] = deque(maxlen=_RECENT)

    @property
    def idle(self) -> bool:
        """Whether it does not play, by all that is known."""
        return self._line is None or not self._line.moving

    def seek_announced(self, at: HostNs) -> None:
        """The player says that playback jumps, or has jumped; whether and where to is asked."""
        self._settled = HostNs(at + _SETTLING)

    def is_mute(self, at: HostNs) -> bool:
        """Whether it has said for long enough that it plays, without its position moving as time does."""
        return self._says_that_it_plays and self._motion.unmoved_for(at) > LONGEST_STAND

    def take(self, said: Snapshot, stamp: Stamp | None, *, at: HostNs) -> Reading:
        """What an answer that came in at `at` says; `stamp`: when it was true, where that can be told."""
        ignored = list(said.unread)
        news = self._take_track(said.track)
        self._take_rate(said.rate, at)
        self._take_status(said.status)
        self._loops = self._loops if said.loops is None else said.loops
        host = at if stamp is None else stamp.at
        position = self._position_in(said.position, stamp, ignored)
        if position is not None:
            self._motion.see(position, host, self._speed)
        playing = self._believed(ignored)
        if playing is None or (self._status is Status.STOPPED and not playing):
            position = None  # a player that is stopped says 0, or where it was
        if position is not None and self._says_nothing_new(position, said.doubt, playing=bool(playing)):
            position, playing = None, None if playing else False
            self._stand(host)
        jump = position is not None and self._jumps_to(position, host)
        is_settled = jump or not playing or news is not None
        if position is not None and self._still_turns(position, host, settled=is_settled):
            return Reading(None, tuple(ignored))
        if position is not None:
            self._follow(Transport(host, position, self._speed if playing else PAUSED))
        elif playing is None and news is None:
            return Reading(None, tuple(ignored))
        slack = DurationNs((stamp.slack if stamp else 0) + said.doubt * NORMAL_RATE // self._speed)
        return Reading(
            Observation(
                host=host, position=position, playing=playing, rate=self._rate, jump=jump, track=news, slack=slack
            ),
            tuple(ignored),
        )

    @property
    def _speed(self) -> Rate:
        return NORMAL_RATE if self._rate is None else self._rate

    @property
    def _says_that_it_plays(self) -> bool:
        """Where it says nothing, its position alone counts."""
        return self._status in {None, Status.PLAYING}

    def _take_track(self, track: TrackHint | None) -> TrackHint | None:
        """The track where there is anything new of it. Another track is a jump; one that is better known is none."""
        if track is None or track == self._track:
            return None
        if self._track is not None and not same_track(track, self._track):
            self._jump = True
        self._track = track
        return track

    def _take_rate(self, rate: Rate | None, at: HostNs) -> None:
        if rate is None or rate == self._rate:
            return
        if self._line is not None and self._line.moving and rate != self._line.rate:
            self._turn = Turn(self._edge(self._line), rate, at)
        self._rate = rate

    def _edge(self, line: Transport) -> Transport:
        """Playback by the freshest of the last readings: word of another speed may come after its first effects."""
        return max(self._recent, key=lambda recent: recent.position_at(line.host), default=line)

    def _still_turns(self, position: TrackNs, host: HostNs, *, settled: bool) -> bool:
        """Whether what is heard is not at the new speed yet; `settled`: something else has happened that ends that."""
        if self._turn is not None and (settled or self._far or self._turn.is_over(position, host)):
            self._turn = None
        return self._turn is not None

    def _take_status(self, status: Status | None) -> None:
        if status is not None and status is not self._status:
            self._motion.begin_afresh()
            self._jump = self._jump or status is Status.STOPPED  # whatever is played next continues nothing
            self._status = status

    def _position_in(self, position: TrackNs | None, stamp: Stamp | None, ignored: list[str]) -> TrackNs | None:
        if position is None:
            return None
        duration = self._track.duration if self._track else None
        if not -_BEFORE <= position <= (_LONGEST if duration is None else duration + _BEYOND):
            ignored.append(OUTSIDE)
            return None
        if stamp is None:
            ignored.append(TOO_SLOW)
            return None
        return position

    def _believed(self, ignored: list[str]) -> bool | None:
        """Whether it plays; None where it says so and has not proven yet that its positions mean anything."""
        motion = self._motion
        if self._says_that_it_plays:
            if motion.standing:
                ignored.append(STANDS)
            return not motion.standing if motion.proven else None
        if motion.in_a_row < _STEPS_THAT_CONVINCE:
            return False
        ignored.append(MOVES)
        return True

    def _says_nothing_new(self, position: TrackNs, doubt: DurationNs, *, playing: bool) -> bool:
        """Whether it says nothing of where playback stands in a pause, or goes on after it.

        VLC's position is up to 0.3 s old when it pauses, and stays so, or is renewed a little while later. So the last
        one from before the pause is nothing, nor is a small change in the pause; a seek is a large one.
        """
        line, was_paused, renewed = self._line, self._paused, self._renewed
        pauses = self._status is Status.PAUSED and not playing
        self._paused = pauses or was_paused
        if self._jump or not self._paused:
            self._paused, self._renewed = pauses, position
            return False
        if renewed is not None and abs(position - renewed) <= max(_SAME, doubt):
            return True
        if pauses and was_paused and line is not None and abs(position - line.track) <= _ASTRAY:
            return True
        self._paused, self._renewed = pauses, None if pauses else position
        return False

    def _stand(self, host: HostNs) -> None:
        """Playback stands where it has come to by now."""
        if self._line is not None and self._line.moving:
            self._line = Transport(host, self._line.position_at(host), PAUSED)

    def _follow(self, line: Transport) -> None:
        """Playback follows `line`, unless that is far off for the first time."""
        if self._jump or self._turn is not None or not line.moving:
            self._recent.clear()
        self._recent.append(line)
        self._jump = False
        if not self._far:
            self._line = line

    def _jumps_to(self, position: TrackNs, host: HostNs) -> bool:
        """Whether another track has begun, or a jump that was announced has been made, or the track is repeated."""
        line = self._line
        was_far, self._far = self._far, False
        if self._jump or line is None:
            return self._jump
        off = abs(position - line.position_at(host))
        if was_far and off > _FAR:
            return True
        self._far = off > _FAR
        if host <= self._settled and off > _ASTRAY:
            self._far = False
            return True
        duration = self._track.duration if self._track else None
        if not self._loops or duration is None:
            return False
        return line.track > duration - _LOOP_EDGE and position < _LOOP_EDGE < duration - _LOOP_EDGE


def same_track(one: TrackHint, other: TrackHint | None) -> bool:
    """Whether it is one track that is told of; its title and length may come later, when the player has read them."""
    return other is not None and (one.id, one.file or one.title) == (other.id, other.file or other.title)
