"""The estimator: from what a feed says to the line that playback follows. It is handed instants and reads no clock.

Rules
  1. Readings are late, never early: the line is their upper envelope (`envelope`), whatever the delay and its tails.
  2. What the source states (jump, playing, rate, track) is believed at once; everything else needs more than one
     reading: a jump as many as `Following.confirm` says, a pause two repeats.
  3. The line that is given out does not wobble: small corrections slew, large ones step and say so (`slewing`). Nothing
     below the engine's hysteresis is ever a jump.
  4. An unannounced change of rate is looked for only where the feed's rate is to be inferred (`bends`).
  5. Nothing fires while it is not known that playback goes forward: before the first lock, in a pause, in reverse,
     while positions leap about, and while playback jumps again and again (`scrubbing`).
  6. Silence is a pause where the feed's character says so. Elsewhere playback freewheels, then the feed is lost, and
     what becomes of playback then is the user's choice. After that a small difference is an adjustment.
  7. Word comes late. A jump lands where playback may have landed, and catches up at once; a pause goes back to where
     playback stands by a correction, so that what was sent beyond it is not sent again.
  8. The same observations and instants give the same verdicts, bit for bit.

Whoever owns it does after every verdict what the verdict says, and calls `advance` as long as `next_deadline` is due.
"""

from __future__ import annotations

from typing import Final, assert_never

from beatsync.core.follower import Follower, Phase
from beatsync.core.hearing import Hearing
from beatsync.core.lags import GRAIN
from beatsync.core.observation import Character, Following, Observation, TrackHint
from beatsync.core.playback import HELD, TrackChanged, Verdict
from beatsync.core.quality import Break, Quality, State
from beatsync.core.scrubbing import Scrubbing
from beatsync.core.transport import Transport
from beatsync.core.units import DurationNs, HostNs, ms

SILENCE: Final = ms(150)
"""No reading for so long, or for three intervals if that is longer, is a silence."""

_SIGMAS: Final = 4


class Estimator:
    """Follows one feed."""

    def __init__(self, character: Character, following: Following) -> None:
        """`character`: what sort of clock the feed is; `following`: how the user wants it followed."""
        self._character = character
        self._following = following
        self._hearing = Hearing(following)
        self._follower = Follower(character, following)
        self._scrubbing = Scrubbing()
        self._break: Break | None = None

    # Inputs

    def observe(self, observation: Observation, now: HostNs) -> Verdict:
        """The feed says something; returns what the deck is to do. `now`: no earlier than in any call before."""
        if not self._hearing.takes(observation, now):
            return HELD
        follower = self._follower
        follower.now = max(follower.now, now)
        follower.cadence.add(observation.host)
        is_named = self._hearing.track is not None
        is_another = self._hearing.names_another_track(observation.track)
        if is_another and (is_named or follower.phase is not Phase.PLAYING):
            follower.begin_again()
        verdict = self._take(observation)
        self._keep_note()
        if is_another and observation.track is not None:
            self._scrubbing.release()
            return TrackChanged(track=observation.track, transport=self.transport)
        return self._scrubbing.hear(verdict, follower.now)

    def _take(self, observation: Observation) -> Verdict:
        position = self._hearing.position(observation)
        has_turned = self._follower.states(observation)
        rate = self._follower.playing.tracker.rate
        reading = None if position is None else self._hearing.reading(observation, position, rate)
        verdict = self._follower.take(observation, position, reading)
        return self._follower.playing.aim(self._follower.now) if has_turned and verdict is HELD else verdict

    def become(self, character: Character) -> None:
        """The feed has turned out to be such a clock. What is followed already goes on as it was."""
        if self._follower.phase is Phase.WAITING:
            self._character = character
            self._follower = Follower(character, self._following)

    def advance(self, now: HostNs) -> Verdict:
        """Time has passed. One thing at a time: there may be another deadline that is due."""
        follower = self._follower
        follower.now = max(follower.now, now)
        settles = self._scrubbing.next_deadline()
        if settles is not None and now >= settles:
            return self._scrubbing.advance(now)
        silent = self._silent_at()
        is_silent = silent is not None and now >= silent
        verdict = self._fall_silent() if is_silent else follower.advance()
        self._keep_note()
        return self._scrubbing.hear(verdict, now)

    def _fall_silent(self) -> Verdict:
        assert self._hearing.last is not None
        if self._character.silence_is_pause:
            return self._follower.fall_silent(self._hearing.last)
        return self._follower.lose()

    def _keep_note(self) -> None:
        playing = self._follower.playing
        if playing.note:
            self._break, playing.note = Break(self._follower.now, playing.note), ""

    # Queries

    @property
    def transport(self) -> Transport | None:
        """The line to follow; None before the first lock, and where playback is stopped for want of readings."""
        return self._scrubbing.held or self._follower.playing.transport

    @property
    def track(self) -> TrackHint | None:
        """What the source says of the track that it plays."""
        return self._hearing.track

    def next_deadline(self) -> HostNs | None:
        """When to call `advance` next; None when nothing happens by itself."""
        dues = (self._follower.next_deadline(), self._silent_at(), self._scrubbing.next_deadline())
        return min((due for due in dues if due is not None), default=None)

    @property
    def silence(self) -> DurationNs:
        """A silence longer than this is one."""
        return DurationNs(max(SILENCE, round(3 * self._follower.cadence.interval)))

    def _silent_at(self) -> HostNs | None:
        """When a silence will have been too long, if it goes on."""
        if self._follower.phase is not Phase.PLAYING or self._hearing.last is None:
            return None
        return HostNs(
            self._hearing.last + (self.silence if self._character.silence_is_pause else self._following.freewheel),
        )

    def quality(self, now: HostNs) -> Quality:
        """How well playback is followed, at `now`."""
        return Quality(
            state=self.state(now),
            error=self._error(now),
            rate=self._follower.cadence.rate(now),
            age=self.age(now),
            last_break=self._break,
            refused=self._hearing.refused,
        )

    def age(self, now: HostNs) -> DurationNs | None:
        """Time since the last reading; None before the first."""
        last = self._hearing.last
        return None if last is None else DurationNs(max(now - last, 0))

    def state(self, now: HostNs) -> State:
        """What it is doing."""
        if self._scrubbing.held is not None:
            return State.PAUSED
        match self._follower.phase:
            case Phase.WAITING:
                return State.WAITING
            case Phase.PAUSED:
                return State.PAUSED
            case Phase.LOST:
                return State.LOST
            case Phase.PLAYING:
                if self._hearing.last is not None and now - self._hearing.last > self.silence:
                    return State.FREEWHEELING
                return State.SLEWING if self._follower.playing.is_led else State.LOCKED
            case _:
                assert_never(self._follower.phase)

    def _error(self, now: HostNs) -> DurationNs | None:
        transport = self.transport
        if transport is None:
            return None
        if not transport.moving:
            return self._character.quantum
        line = self._follower.playing.tracker.line
        apart = abs(line.at(now) - transport.position_at(now))
        return DurationNs(round(_SIGMAS * line.doubt(now) + GRAIN + apart) + self._hearing.slack)
