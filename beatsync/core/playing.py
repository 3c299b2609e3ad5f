"""The line of a deck while it plays: where the readings lead, what is given out, and the loop that is foreseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from beatsync.core.cursor import HYSTERESIS
from beatsync.core.envelope import Line, Reading
from beatsync.core.looping import Looping
from beatsync.core.observation import Character
from beatsync.core.playback import HELD, Adjusted, Jumped, Paused, Resumed, Verdict
from beatsync.core.slewing import STEP, Slewing
from beatsync.core.steps import Step
from beatsync.core.tracker import Footing, Tracker
from beatsync.core.transport import NORMAL_RATE, Rate, Transport
from beatsync.core.units import DurationNs, HostNs, TrackNs, ms

FRESH_STEP: Final = ms(5)
"""Right after something has happened to playback the line is still being found: corrections step from here on."""

DOUBTFUL_STEP: Final = ms(100)
"""What may not be so is not stepped to: a slew goes back as smoothly as it went."""

CATCH_UP: Final = ms(500)
"""What was played before word of it came is made up for, up to this; beyond, playback has jumped."""

OVERSHOT: Final = ms(500)
"""So far playback may have been believed to go on when it stood still already: what that has fired, it will not fire
again. Further back it is as good as a jump."""

LANDING: Final = HYSTERESIS
"""Playback that says where it has jumped to may have landed so much earlier: nobody says it at that very instant."""

STALL: Final = ms(250)
"""A sound card that ran dry is out by so much, and goes on from where it was."""

STALLED: Final = ms(500)
"""Readings from before a loop went round may come so late."""

_STEPS: Final = {Footing.FIRM: STEP, Footing.FRESH: FRESH_STEP, Footing.DOUBTFUL: DOUBTFUL_STEP}


class Playing:
    """`given`: the line that is given out, None where there is none.

    `note`: what happened last, for people; whoever reads it takes it away.
    """

    __slots__ = (
        "_follow_up",
        "_follow_up_due",
        "_has_turned",
        "_round_at",
        "_slip",
        "given",
        "looping",
        "note",
        "tracker",
    )

    def __init__(self, character: Character, *, confirm: int) -> None:
        """As for the tracker."""
        self.tracker = Tracker(character, confirm=confirm)
        self.looping = Looping()
        self.note = ""
        self._slip = STALL if character.states_jumps else HYSTERESIS
        self.stop()

    def stop(self) -> None:
        """Nothing is given out any more."""
        self.given: Slewing | None = None
        self._follow_up: Adjusted | Paused | None = None
        self._follow_up_due = HostNs(0)
        self._round_at: HostNs | None = None
        self._has_turned = False
        self.looping.forget()

    @property
    def transport(self) -> Transport | None:
        """The line that is given out."""
        return None if self.given is None else self.given.transport

    def put(self, transport: Transport) -> None:
        """Give out this line, whatever was before."""
        self._follow_up = None
        if self.given is None:
            self.given = Slewing(transport)
        else:
            self.given.put(transport)

    def _line_now(self, now: HostNs) -> Transport:
        line = self.tracker.line
        return Transport(now, TrackNs(round(line.at(now))), Rate(round(line.rate * NORMAL_RATE)))

    # What happens

    def jump(self, readings: Sequence[Reading], now: HostNs, *, why: str) -> Jumped:
        """Playback is where `readings` say, and was somewhere else, or nowhere."""
        self.tracker.start(readings)
        self.looping.forget()
        return self._land(now, why, landed=readings[-1].position - LANDING)

    def jump_back(self, reading: Reading, interval: float, now: HostNs, *, why: str) -> Verdict:
        """The source says that playback has jumped to `reading`; it may be the loop that has just been foreseen."""
        old, last = self.tracker.line, self.tracker.last
        is_there = abs(reading.position - old.at(reading.host)) <= HYSTERESIS + self.tracker.lags.longest
        if self._round_at is not None and is_there:
            return self.add(reading, interval, now)
        self.tracker.start([reading])
        self._learn_loop(old, last, reading.host)
        return self._land(now, why, landed=reading.position - LANDING)

    def add(self, reading: Reading, interval: float, now: HostNs) -> Verdict:
        """One more reading of undisturbed playback, or so it is believed."""
        if self._is_from_before_the_turn(reading):
            self.looping.saw(reading.position)
            return HELD
        was_bent = self.tracker.bend is not None
        old = self.tracker.line
        step = self.tracker.add(reading, interval)
        if step is not None and abs(step.size) > self._slip:
            return self._jumped(step, old, interval, now)
        if step is not None:
            self.note = "playback has slipped a little"
        elif self.tracker.bend is not None and not was_bent:
            self.note = f"the rate changes, to {self.tracker.line.rate:.3f} or so"
        return self.aim(now)

    def _jumped(self, step: Step, old: Line, interval: float, now: HostNs) -> Jumped:
        if self._round_at is not None and self.looping.is_over(step.size):
            self.looping.forget()
            return replace(self._land(now, "the loop is over", landed=self.tracker.line.at(now)), foreseen=True)
        self._learn_loop(old, step.last, step.first.host)
        earlier = min((step.first.host - step.last.host) * self.tracker.rate, interval) + self.tracker.lags.spread
        return self._land(now, f"{step.length} readings agree on it", landed=step.first.position - earlier)

    def aim(self, now: HostNs) -> Verdict:
        """Lead what is given out towards the line."""
        assert self.given is not None
        line = self.tracker.line
        step = self.given.aim(line, now, step=_STEPS[self.tracker.footing])
        return HELD if step is None else Adjusted(transport=self.given.transport, step=step)

    def resume(self, readings: Sequence[Reading], now: HostNs) -> Resumed | Jumped:
        """Go on from where it is held, if `readings` are not far from there."""
        assert self.given is not None
        held = self.given.transport.position_at(now)
        self.tracker.start(readings)
        if not -HYSTERESIS <= self.tracker.line.at(now) - held <= CATCH_UP:
            self.looping.forget()
            return self._land(now, "it goes on somewhere else", landed=readings[0].position - LANDING)
        self.note = "it goes on"
        return Resumed(transport=self._put_behind(self._line_now(now), held, now))

    def pause(self, paused: Paused, now: HostNs) -> Paused | Adjusted:
        """Hold; if that was behind where playback was believed to be, it was only known badly, and did not jump."""
        before, there = self.transport, paused.transport.track
        if before is None or not HYSTERESIS < before.position_at(now) - there <= OVERSHOT or not before.moving:
            self.put(paused.transport)
            return paused
        step = DurationNs(there - before.position_at(now))
        self.put(Transport(now, there, before.rate))
        self._follow_up, self._follow_up_due = paused, now
        return Adjusted(transport=Transport(now, there, before.rate), step=step)

    def _put_behind(self, here: Transport, behind: float, now: HostNs) -> Transport:
        """Give out a line from `behind` on; that playback is `here` follows at once. Returns the first of the two."""
        start = replace(here, track=TrackNs(round(behind)))
        self.put(start)
        self._follow_up = Adjusted(transport=here, step=DurationNs(here.track - start.track))
        self._follow_up_due = now
        return start

    def _land(self, now: HostNs, why: str, *, landed: float) -> Jumped:
        """Playback is where the tracker says, and was somewhere else.

        `landed`: the earliest place where that may have begun. What lies between was played, and is not skipped.
        """
        went_from = None if self.given is None else self.given.transport.position_at(now)
        here = transport = self._line_now(now)
        if 0 < here.track - landed <= CATCH_UP and here.moving:
            transport = self._put_behind(here, landed, now)
        else:
            self.put(here)
        self._round_at = None
        self.note = why if went_from is None else f"a jump: {why}"
        return Jumped(transport=transport, went_from=went_from, went_to=here.track, why=why)

    # Loops

    def _learn_loop(self, old: Line, last: Reading, first: HostNs) -> None:
        """Playback left `old` after the reading `last`, which may be late but not early, and before one at `first`."""
        size = self.tracker.line.at(first) - old.at(first)
        doubt = self.tracker.line.doubt(first) + old.doubt(first)
        self.looping.jumped(size, after=last.position, before=old.at(first), doubt=doubt)

    def _goes_round_at(self) -> HostNs | None:
        """When the loop goes round, if there is one: at once where a correction has led past that place."""
        transport, looping = self.transport, self.looping
        if looping.turn is None or transport is None or not transport.moving or looping.is_left(transport.track):
            return None
        return max(transport.host_at(looping.turn), transport.host)

    def _go_round(self, now: HostNs) -> Jumped:
        looping, tracker = self.looping, self.tracker
        assert looping.length is not None
        assert self.given is not None
        if self._round_at is not None:
            looping.went_round(-tracker.shifted_by)
        length = round(looping.length)
        before = self.given.transport.position_at(now)
        tracker.shift(now, -length, doubt=looping.doubt)
        self._round_at = now
        self._has_turned = False
        self.given.shift(now, DurationNs(-length))
        transport, why = self.given.transport, "the loop goes round"
        return Jumped(transport=transport, went_from=before, went_to=transport.track, why=why, foreseen=True)

    def _is_from_before_the_turn(self, reading: Reading) -> bool:
        """Whether it was read before the loop went round: it may have done so a little later than was foreseen."""
        if self._round_at is None or self._has_turned or self.looping.is_left(reading.position):
            return False
        ahead = reading.position - self.tracker.line.at(reading.host)
        self._has_turned = ahead < HYSTERESIS
        return not self._has_turned and reading.host - self._round_at < STALLED

    # Time

    def next_deadline(self) -> HostNs | None:
        """When something happens by itself."""
        if self._follow_up is not None:
            return self._follow_up_due
        until = None if self.given is None else self.given.until
        dues = (until, self._goes_round_at())
        return min((due for due in dues if due is not None), default=None)

    @property
    def is_led(self) -> bool:
        """Whether what is given out is being led to the line."""
        return self.given is not None and self.given.until is not None

    def advance(self, now: HostNs) -> Verdict:
        """What has happened by itself by `now`, one thing at a time."""
        if self._follow_up is not None:
            follow_up = self._follow_up
            self.put(follow_up.transport)
            return follow_up
        turn = self._goes_round_at()
        if turn is not None and now >= turn:
            return self._go_round(now)
        if self.given is not None and self.given.advance(now):
            return Adjusted(transport=self.given.transport)
        return HELD
