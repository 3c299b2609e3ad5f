"""What a player is doing, told from its readings, in phases.

WAITING ──readings agree──▶ PLAYING ──says so, stands still, silence, leaps about──▶ PAUSED
   ▲                         │  ▲ ▲                                                    │
   └──another track──────────┤  │ └──────────────says so, moves on─────────────────────┘
                             │  └──a reading─┐
                             └──silence──▶ LOST
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from typing import Final, assert_never

from beatsync.core.acquisition import Acquisition
from beatsync.core.cadence import Cadence
from beatsync.core.cursor import HYSTERESIS
from beatsync.core.envelope import Reading
from beatsync.core.observation import Character, Following, Observation, RateKnowledge, WhenLost
from beatsync.core.playback import HELD, Adjusted, Lost, Paused, Verdict
from beatsync.core.playing import Playing
from beatsync.core.statements import Statements
from beatsync.core.stillness import Stillness
from beatsync.core.transport import NORMAL_RATE, PAUSED, Transport
from beatsync.core.units import HostNs, TrackNs, ms

DEBOUNCE: Final = ms(50)
"""Where play and pause flap, playing must have stood for so long (F8)."""

FLAPPING: Final = ms(500)
"""A pause so soon after playback went on is flapping."""

RELOCK: Final = ms(100)
"""After a loss a difference of so much is a drift: nobody seeks by less while nobody listens."""

ASTRAY: Final = 4
"""So many readings in a row that fit no line: playback is scratched, wound, or leaps about."""

INSISTENT: Final = 4
"""So many readings that move on in step, though the source has said that it is paused: its word to play was lost."""

_SAME: Final = ms(1)
_GENEROUS: Final = 1.25


class Phase(Enum):
    """What is known of playback."""

    WAITING = auto()
    PLAYING = auto()
    PAUSED = auto()
    LOST = auto()


class Pause(Enum):
    """How it is known that playback does not go forward."""

    SAID = "the source says so"
    STILL = "the position stands still"
    SILENT = "silence"
    ASTRAY = "positions leap about"


class Follower:
    """Follows playback; `now` is set by whoever owns it, before each call."""

    __slots__ = (
        "_acquisition",
        "_character",
        "_flapping",
        "_following",
        "_pause_kind",
        "_resume_due",
        "_resumed_at",
        "_resuming",
        "_said",
        "_stillness",
        "cadence",
        "now",
        "phase",
        "playing",
    )

    def __init__(self, character: Character, following: Following) -> None:
        """As for the estimator."""
        self._character = character
        self._following = following
        self._acquisition = Acquisition(infers=character.rate is RateKnowledge.INFERRED)
        self._stillness = Stillness(character)
        self._said = Statements()
        self._flapping = False
        self._resumed_at: HostNs | None = None
        self.cadence = Cadence(character.interval)
        self.playing = Playing(character, confirm=following.confirm)
        self.now = HostNs(0)
        self.begin_again()

    def begin_again(self) -> None:
        """Another track: nothing is known of playback any more, but much of the feed."""
        self.phase = Phase.WAITING
        self.playing.stop()
        self._pause_kind = Pause.SAID
        self._said.jump = False
        self._listen_anew()

    def _listen_anew(self) -> None:
        self._acquisition.forget()
        self._stillness.forget()
        self._resume_due: HostNs | None = None
        self._resuming: list[Reading] = []

    # What is said

    def states(self, observation: Observation) -> bool:
        """Take what the source states besides the position; returns whether the line has changed by that."""
        tracker = self.playing.tracker
        ratio = self._said.take(observation, believed=tracker.rate)
        if ratio is None:
            return False
        if self.phase is not Phase.PLAYING:
            tracker.play_at(ratio)
            return False
        tracker.turn(observation.host, ratio)
        self.playing.note = f"the rate is {self._said.rate / NORMAL_RATE:g} now, says the source"
        return True

    def take(self, observation: Observation, position: TrackNs | None, reading: Reading | None) -> Verdict:
        """Take an observation whose statements have been taken; `position` and `reading` are None where it has none."""
        if self._said.stands:
            return self._stand(observation, position, reading)
        match self.phase:
            case Phase.PAUSED:
                return self._wait(observation, position, reading)
            case _ if position is None or reading is None:
                return HELD
            case Phase.PLAYING:
                return self._go_on(position, reading)
            case Phase.WAITING | Phase.LOST:
                return self._find(position, reading)
            case _:
                assert_never(self.phase)

    # Finding

    def _find(self, position: TrackNs, reading: Reading) -> Verdict:
        if self.phase is Phase.LOST and self._is_where_it_was_thought(reading):
            self.playing.tracker.start([reading])
            self._plays()
            self.playing.note = "the feed is back"
            return self.playing.aim(self.now)
        if self._stillness.repeats(reading.host, position, self.cadence.interval):
            if self._stillness.lasts(reading.host, says_playing=False):
                return self._pause(position, Pause.STILL)
            return HELD
        readings = self._agreeing(reading)
        if self._acquisition.is_absurd:
            self.playing.note = f"positions move {self._acquisition.pace:.0f} times as fast as time: is the unit right?"
        if len(readings) < self._needed() and not (self._said.jump and self.phase is Phase.LOST):
            return HELD
        why = "found" if self.phase is Phase.WAITING else "found again"
        self._plays()
        return self.playing.jump(readings, self.now, why=why)

    def _plays(self) -> None:
        self.phase = Phase.PLAYING
        self._said.jump = False
        self._listen_anew()

    def _agreeing(self, reading: Reading) -> Sequence[Reading]:
        tolerance = self.playing.tracker.lags.longest + self._character.quantum + HYSTERESIS
        return self._acquisition.agree(reading, rate=self.playing.tracker.rate, tolerance=tolerance)

    def _needed(self) -> int:
        """How many readings it takes. One alone does not show that playback moves."""
        if self.phase is Phase.LOST and self._following.when_lost is WhenLost.CONTINUE:
            return self._following.confirm
        is_known_to_play = self._said.playing is True or self._character.silence_is_pause
        return max(self._following.pre_roll, 1 if is_known_to_play else 2)

    def _is_where_it_was_thought(self, reading: Reading) -> bool:
        transport = self.playing.transport
        if transport is None or not transport.moving or self._said.jump:
            return False
        above = reading.position - transport.position_at(reading.host)
        return -RELOCK - self.playing.tracker.lags.longest <= above <= RELOCK

    # Playing

    def _go_on(self, position: TrackNs, reading: Reading) -> Verdict:
        repeats = self._stillness.repeats(reading.host, position, self.cadence.interval)
        if self._said.jump:
            self._said.jump = False
            return self.playing.jump_back(reading, self.cadence.interval, self.now, why="the source says so")
        if repeats:
            lasts = self._stillness.lasts(reading.host, says_playing=self._said.playing is True)
            return self._pause(position, Pause.STILL) if lasts else HELD
        verdict = self.playing.add(reading, self.cadence.interval, self.now)
        if self.playing.tracker.astray >= ASTRAY or self.playing.tracker.line.rate <= 0:
            return self._pause(position, Pause.ASTRAY)
        return verdict

    # Standing

    def _pause(self, position: TrackNs, kind: Pause) -> Paused | Adjusted:
        rate = self._said.rate if self._said.rate <= 0 else PAUSED
        if self.phase is Phase.PLAYING:
            self._flapping = self._resumed_at is not None and self.now - self._resumed_at < FLAPPING
        if self.phase is not Phase.PAUSED or kind is not self._pause_kind:
            self._acquisition.forget()
            self.playing.note = f"a pause: {kind.value}"
        self.phase, self._pause_kind = Phase.PAUSED, kind
        self._said.jump = False
        self._resume_due = None
        return self.playing.pause(Paused(transport=Transport(self.now, position, rate), why=kind.value), self.now)

    def _stand(self, observation: Observation, position: TrackNs | None, reading: Reading | None) -> Verdict:
        """The source says, or has said, that playback does not go forward."""
        self._resume_due = None
        transport = self.playing.transport
        here = None if transport is None else transport.position_at(self.now)
        where = here if position is None else position
        if where is None:
            return HELD
        if self.phase is not Phase.PAUSED or self._pause_kind is not Pause.SAID:
            return self._pause(where, Pause.SAID)
        if here is None or abs(where - here) <= _SAME:
            return HELD
        if reading is not None and observation.playing is None and self._said.rate > 0 and self._insists(reading):
            self._said.playing = None
            return self._resume(self._agreeing(reading))
        return self._pause(where, Pause.SAID)

    def _insists(self, reading: Reading) -> bool:
        """Whether positions move on all the same."""
        readings = self._agreeing(reading)
        moved, passed = reading.position - readings[0].position, reading.host - readings[0].host
        return len(readings) >= INSISTENT and 2 * moved > passed * self.playing.tracker.rate

    def _wait(self, observation: Observation, position: TrackNs | None, reading: Reading | None) -> Verdict:
        """Paused, and nobody says so any more: does it go on?"""
        is_believed = (
            observation.playing is True and self._pause_kind is not Pause.STILL
        )  # some say it in every message
        if is_believed or self._pause_kind is Pause.SAID:
            return self._go_on_when_it_lasts(reading)
        if position is None or reading is None:
            return HELD
        passed = reading.host - self._stillness.heard
        if self._stillness.repeats(reading.host, position, self.cadence.interval):
            return HELD
        if self._pause_kind is Pause.ASTRAY:
            readings = self._agreeing(reading)
            goes_on = len(readings) > self._following.confirm
        else:
            readings = [reading]
            goes_on = self._pause_kind is Pause.SILENT or self._has_moved_on(position, passed)
        return self._resume(readings) if goes_on else self._pause(position, self._pause_kind)

    def _has_moved_on(self, position: TrackNs, passed: int) -> bool:
        """Whether playback from where it stood brings it to `position`, in the time since it was last seen standing."""
        assert self.playing.transport is not None
        moved = position - self.playing.transport.track
        lag = self.playing.tracker.lags.longest + self._character.quantum
        return 0 < moved <= _GENEROUS * passed * self.playing.tracker.rate + lag and not self._said.jump

    def _go_on_when_it_lasts(self, reading: Reading | None) -> Verdict:
        """The source says that it plays. Where that flaps, it must say so for a while."""
        if reading is None:
            assert self.playing.transport is not None
            reading = Reading(self.now, float(self.playing.transport.position_at(self.now)))
        if self._resume_due is None and not self._flapping:
            return self._resume([reading])
        if self._resume_due is None:
            self._resuming = []
            self._resume_due = HostNs(self.now + DEBOUNCE)
        self._resuming.append(reading)
        return HELD

    def _resume(self, readings: Sequence[Reading]) -> Verdict:
        has_jumped = self._said.jump
        self._plays()
        self._resumed_at = self.now
        if has_jumped:
            return self.playing.jump(readings, self.now, why="the source says so")
        return self.playing.resume(readings, self.now)

    # Time

    def next_deadline(self) -> HostNs | None:
        """When something happens by itself."""
        dues = (self._resume_due, self.playing.next_deadline())
        return min((due for due in dues if due is not None), default=None)

    def advance(self) -> Verdict:
        """What has happened by itself by now, one thing at a time."""
        if self._resume_due is not None and self.now >= self._resume_due:
            return self._resume(self._resuming)
        return self.playing.advance(self.now)

    def fall_silent(self, last: HostNs) -> Paused | Adjusted:
        """Nothing has been heard since `last`: the source says nothing while it is paused."""
        return self._pause(TrackNs(round(self.playing.tracker.line.at(last))), Pause.SILENT)

    def lose(self) -> Lost:
        """Nothing has been heard for longer than playback is believed to go on."""
        transport = self.playing.transport
        assert transport is not None
        self.phase = Phase.LOST
        self._listen_anew()
        self.playing.note = "the feed is lost"
        match self._following.when_lost:
            case WhenLost.HOLD:
                self.playing.put(Transport(self.now, transport.position_at(self.now), PAUSED))
            case WhenLost.STOP:
                self.playing.stop()
            case WhenLost.CONTINUE:
                pass
        return Lost(when_lost=self._following.when_lost, transport=self.playing.transport)
