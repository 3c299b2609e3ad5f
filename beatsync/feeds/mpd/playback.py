"""What MPD's answers add up to: observations. Pure: statuses and instants are arguments.

MPD says nothing of seeks, and its position is early right after one: it states the target from when the seek is
accepted, and starts to move when the first sound has gone to the output (null output: 0 to 2 ms later with WAV, 3 to 9
with FLAC; up to 40 were seen). So where playback has started, gone on or jumped, the first position that has moved is
the first that is told. After a pause it moves at once, by a step, and is right.

It is ahead of the sound by what the output holds, and so is the change to the next song: that is told when it is about
to be heard. After a skip or a seek, which empty the output, MPD fills it at once and is as far ahead as ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from beatsync.core.observation import Observation, TrackHint
from beatsync.core.transport import Transport
from beatsync.core.units import DurationNs, HostNs, TrackNs, ms
from beatsync.feeds.mpd.messages import State, Status, quantum_of
from beatsync.feeds.round_trips import Stamp

USUAL_QUANTUM: Final = quantum_of("44100:16:2") or ms(23)

SCATTER: Final = ms(30)
"""So far off its line a position may be, beyond two of its steps, before it is a jump. Smaller jumps are none here."""

STUCK: Final = ms(300)
"""So long a position may stand still while MPD says that it plays; then nothing comes out (faults.md, F13)."""

LEAD_IN: Final = ms(100)
"""The next song is told so long before it is heard, for its first beat not to be missed."""

NEAR_END: Final = ms(1_000)
"""So near its end a song stands still because all of it has gone to the output."""


@dataclass(frozen=True, slots=True)
class _Start:
    """Playback starts at `position`, or will. `least`: what is below belongs to the time before."""

    position: TrackNs
    since: HostNs
    least: TrackNs


class MpdPlayback:
    """One connection's worth of what MPD says."""

    def __init__(self, ahead: DurationNs) -> None:
        """`ahead`: how far MPD's position is ahead of what is heard."""
        self.quantum = USUAL_QUANTUM
        self._ahead = TrackNs(max(0, ahead))
        self._state: State | None = None
        self._song: str | None = None
        self._line: Transport | None = None
        self._start: _Start | None = None
        self._stands_at: TrackNs | None = None
        self._moved_at = HostNs(0)
        self._undated = False
        self._jump = self._moved = False
        self._name: TrackHint | None = None
        self._named: TrackHint | None = None

    def restless(self) -> bool:
        """Whether the next status is wanted soon: playback is about to start, or the last one could not be dated."""
        return self._state is State.PLAY and (self._line is None or self._undated)

    @property
    def eager(self) -> bool:
        """Whether any position is wanted, however roughly it is dated: playback is about to start, or the last one
        could not be dated, so that nobody knows whether it has jumped.
        """
        return self._line is None or self._undated

    def wants_name(self, status: Status) -> bool:
        """Whether it is not known what the song is called."""
        return status.song is not None and (self._name is None or self._name.id != status.song)

    def name(self, song: TrackHint | None) -> None:
        """What the current song is called."""
        self._name = song or self._name

    def answered(self, status: Status, stamp: Stamp | None, now: HostNs) -> Observation | None:
        """What is to be told, now that MPD is known to have had this status at `stamp`, if it is."""
        self.quantum = status.quantum or self.quantum
        self._undated = stamp is None
        before, self._state = self._state, status.state
        another = self._song is not None and status.song != self._song
        self._song = status.song
        if status.state is State.STOP:
            return self._stopped(now)
        if another or before is State.STOP:
            self._jump = self._moved = True
        if status.state is State.PAUSE:
            return self._paused(status, now)
        if stamp is None or status.elapsed is None:
            return None
        if another:
            self._begin(status.elapsed, now)
        return self._played(status.elapsed, status, stamp, now)

    def _stopped(self, now: HostNs) -> Observation:
        self._line = self._start = self._stands_at = None
        return Observation(host=now, playing=False)

    def _paused(self, status: Status, now: HostNs) -> Observation:
        position = status.elapsed
        if self._is_elsewhere(position, now):
            self._jump = self._moved = True
        jump, self._moved = self._moved and position is not None, self._moved and position is None
        self._line = self._start = None
        self._stands_at = position
        return Observation(host=now, position=position, playing=False, jump=jump, track=self._news())

    def _is_elsewhere(self, position: TrackNs | None, now: HostNs) -> bool:
        expected = self._stands_at if self._line is None else self._line.position_at(now)
        return position is not None and expected is not None and abs(position - expected) > self._tolerance

    @property
    def _tolerance(self) -> int:
        return 2 * self.quantum + SCATTER

    def _played(self, position: TrackNs, status: Status, stamp: Stamp, now: HostNs) -> Observation | None:
        if self._start is None and self._line is None:
            self._jump |= self._is_elsewhere(position, now)
            self._begin(position if self._stands_at is None or self._jump else self._stands_at, now)
        elif self._line is not None and self._start is None:
            if position == self._stands_at:
                return self._standing(position, status, now)
            if self._is_elsewhere(position, stamp.at):
                self._jump = True
                self._begin(position, now)
        if self._start is not None and not self._has_started(self._start, position, now):
            return self._late_start(self._start, position, now)
        return self._moving(position, stamp, now)

    def _begin(self, position: TrackNs, now: HostNs) -> None:
        """Something else is to be heard; where playback goes on without a break that is not before `least`."""
        went_on = self._line is not None
        self._start = _Start(position, now, TrackNs(max(0, self._ahead - LEAD_IN) if went_on else 0))
        self._line = None

    def _has_started(self, start: _Start, position: TrackNs, now: HostNs) -> bool:
        if abs(position - start.position) > self._tolerance + (now - start.since):
            self._jump = True
            self._begin(position, now)
            return False
        return position != start.position and position >= start.least

    def _late_start(self, start: _Start, position: TrackNs, now: HostNs) -> Observation | None:
        """Nothing yet, or nothing at all: then it stands still."""
        if now - start.since <= start.least + max(STUCK, 4 * self.quantum):
            return None
        return Observation(host=now, position=position, playing=False)

    def _standing(self, position: TrackNs, status: Status, now: HostNs) -> Observation | None:
        """The position has not moved: too soon, or at the end of all there is to play, or stuck."""
        ending = status.length is not None and position > status.length - NEAR_END
        if ending or now - self._moved_at <= max(STUCK, 4 * self.quantum):
            return None
        self._begin(position, HostNs(now - STUCK - 4 * self.quantum))
        return Observation(host=now, position=position, playing=False)

    def _moving(self, position: TrackNs, stamp: Stamp, now: HostNs) -> Observation:
        jump = self._jump
        self._jump, self._moved, self._start = False, False, None
        self._line = Transport(stamp.at, position)
        self._stands_at, self._moved_at = position, now
        return Observation(
            host=stamp.at, position=position, playing=True, jump=jump, track=self._news(), slack=stamp.slack
        )

    def _news(self) -> TrackHint | None:
        """What the song is called, if that is known and has not been told."""
        if self._name is None or self._name.id != self._song or self._name == self._named:
            return None
        self._named = self._name
        return self._name
