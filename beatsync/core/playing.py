"""The line of a deck while it plays: where the readings lead, what is given out, and the loop that is foreseen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from beatsync.core.cursor import HYSTERESIS
from beatsync.core.envelope import Line, Reading
from beatsync.core.looping import Looping
from beatsync.core.observation import Character
from beatsync.core.playback import HELD, Adjusted, Jumped, Resumed, Verdict
from beatsync.core.slewing import STEP, Slewing
from beatsync.core.tracker import Footing, Tracker
from beatsync.core.transport import NORMAL_RATE, Rate, Transport
from beatsync.core.units import DurationNs, HostNs, TrackNs, ms

FRESH_STEP: Final = ms(5)
"""Right after something has happened to playback the line is still being found: corrections step from here on."""

DOUBTFUL_STEP: Final = ms(100)
"""What may not be so is not stepped to: a slew goes back as smoothly as it went."""

CATCH_UP: Final = ms(200)
"""What was played before word of it came is made up for, up to this; beyond, playback has jumped."""

_STEPS: Final = {Footing.FIRM: STEP, Footing.FRESH: FRESH_STEP, Footing.DOUBTFUL: DOUBTFUL_STEP}


class Playing:
    """`given`: the line that is given out, None where there is none.

    `note`: what happened last, for people; whoever reads it takes it away.
    """

    __slots__ = ("_catching_up", "_round_at", "_round_until", "given", "looping", "note", "tracker")

    def __init__(self, character: Character, *, confirm: int) -> None:
        """As for the tracker."""
        self.tracker = Tracker(character, confirm=confirm)
        self.looping = Looping()
        self.note = ""
        self.stop()

    def stop(self) -> None:
        """Nothing is given out any more."""
        self.given: Slewing | None = None
        self._catching_up: HostNs | None = None
        self._round_at: HostNs | None = None
        self._round_until = HostNs(0)
        self.looping.forget()

    @property
    def transport(self) -> Transport | None:
        """The line that is given out."""
        return None if self.given is None else self.given.transport

    def put(self, transport: Transport) -> None:
        """Give out this line, whatever was before."""
        self._catching_up = None
        if self.given is None:
            self.given = Slewing(transport)
        else:
            self.given.put(transport)

    def _line_now(self, now: HostNs) -> Transport:
        line = self.tracker.line
        return Transport(now, TrackNs(round(line.at(now))), Rate(round(line.rate * NORMAL_RATE)))

    # What happens

    def turn(self, host: HostNs, ratio: float) -> None:
        """From `host` on playback goes `ratio` times as fast."""
        self.tracker.turn(host, ratio)

    def jump(self, readings: Sequence[Reading], now: HostNs, *, why: str) -> Jumped:
        """Playback is where `readings` say, and was somewhere else, or nowhere."""
        self.tracker.start(readings)
        self.looping.forget()
        return self._land(now, why)

    def jump_back(self, reading: Reading, interval: float, now: HostNs, *, why: str) -> Verdict:
        """The source says that playback has jumped to `reading`; it may be the loop that has just been foreseen."""
        old, last = self.tracker.line, self.tracker.last
        if now < self._round_until and abs(reading.position - old.at(now)) <= HYSTERESIS + self.tracker.lags.longest:
            return self.add(reading, interval, now)
        self.tracker.start([reading])
        self._learn_loop(old, last, reading.host)
        return self._land(now, why)

    def add(self, reading: Reading, interval: float, now: HostNs) -> Verdict:
        """One more reading of undisturbed playback, or so it is believed."""
        if self._is_from_before_the_turn(reading):
            self.looping.saw(reading.position)
            return HELD
        was_bent = self.tracker.bend is not None
        old = self.tracker.line
        step = self.tracker.add(reading, interval)
        if step is not None and abs(step.size) > HYSTERESIS:
            self._learn_loop(old, step.last, step.first.host)
            return self._land(now, f"{step.length} readings agree on it")
        if step is not None:
            self.note = "playback has slipped a little"
        elif self.tracker.bend is not None and not was_bent:
            self.note = f"the rate changes, to {self.tracker.line.rate:.3f} or so"
        return self.aim(now)

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
            return self._land(now, "it goes on somewhere else")
        self.put(Transport(now, held, Rate(round(self.tracker.line.rate * NORMAL_RATE))))
        self._catching_up = now
        self.note = "it goes on"
        return Resumed(transport=self.given.transport)

    def _land(self, now: HostNs, why: str) -> Jumped:
        """Playback is where the tracker says, and was somewhere else."""
        went_from = None if self.given is None else self.given.transport.position_at(now)
        transport = self._line_now(now)
        self.put(transport)
        self._round_at = None
        self._round_until = HostNs(0)
        self.note = why if went_from is None else f"a jump: {why}"
        return Jumped(transport=transport, went_from=went_from, went_to=transport.track, why=why)

    # Loops

    def _learn_loop(self, old: Line, last: Reading, first: HostNs) -> None:
        """Playback left `old` after the reading `last`, which may be late but not early, and before one at `first`."""
        size = self.tracker.line.at(first) - old.at(first)
        doubt = self.tracker.line.doubt(first) + old.doubt(first)
        self.looping.jumped(size, after=last.position, before=old.at(first), doubt=doubt)

    def _goes_round_at(self) -> HostNs | None:
        """When the loop goes round, if there is one."""
        transport, looping = self.transport, self.looping
        if looping.turn is None or transport is None or not transport.moving or transport.track >= looping.turn:
            return None
        return transport.host_at(looping.turn)

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
        late = looping.beyond - before + tracker.lags.longest
        self._round_until = HostNs(now + round(late / max(self.tracker.rate, 0.1)) + ms(5))
        transport = Transport(now, TrackNs(before - length), self.given.transport.rate)
        self.put(transport)
        return Jumped(transport=transport, went_from=before, went_to=transport.track, why="the loop goes round")

    def _is_from_before_the_turn(self, reading: Reading) -> bool:
        """Whether it was read before the loop went round: it may have done so a little later than was foreseen."""
        if reading.host >= self._round_until or self.looping.length is None:
            return False
        return reading.position - self.tracker.line.at(reading.host) > self.looping.length / 2

    # Time

    def next_deadline(self) -> HostNs | None:
        """When something happens by itself."""
        until = None if self.given is None else self.given.until
        dues = (self._catching_up, until, self._goes_round_at())
        return min((due for due in dues if due is not None), default=None)

    @property
    def is_led(self) -> bool:
        """Whether what is given out is being led to the line."""
        return self.given is not None and self.given.until is not None

    def advance(self, now: HostNs) -> Verdict:
        """What has happened by itself by `now`, one thing at a time."""
        if self._catching_up is not None:
            return self._catch_up(now)
        turn = self._goes_round_at()
        if turn is not None and now >= turn:
            return self._go_round(now)
        if self.given is not None and self.given.advance(now):
            return Adjusted(transport=self.given.transport)
        return HELD

    def _catch_up(self, now: HostNs) -> Adjusted:
        """Make up for what has been played before word of it came."""
        assert self.given is not None
        before = self.given.transport.position_at(now)
        transport = self._line_now(now)
        self.put(transport)
        return Adjusted(transport=transport, step=DurationNs(transport.track - before))
