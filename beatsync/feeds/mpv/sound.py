"""What of mpv's position is heard. Its buffer holds up to half a second of sound, and its position forgets that twice.

mpv computes its position as what it has written, less the length of its buffer times the speed (player/audio.c,
playing_audio_pts). Seen with mpv 0.35.1 and 0.4 s of buffer:

- Right after a change of speed the buffer still holds sound of the old one: the position leaps by the buffer's length
  times the difference (1.0 to 1.5: 0.21 s back), while the sound goes on at the old speed and without a leap. By the
  time that sound has been played the two lines have met: the old line is right until then, the new one from there on.
- An A-B loop goes back to A as soon as B is written, and the buffer is kept: the position goes on at A less the buffer
  (loop of 1.0 to 1.5: from 1.1 to 0.6), while the sound goes on to B. Positions before A are of the passes before.

Taken at its word, mpv would have cues fired twice, others left out, and some fired that lie before the loop.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from beatsync.core.transport import NORMAL_RATE, PAUSED, Rate, Transport
from beatsync.core.units import HostNs, TrackNs, ms

NEAR: Final = ms(3)
"""Lines that are so near are one: readings scatter by less than half a millisecond."""

LONGEST: Final = ms(2_000)
"""A buffer longer than this is not believed in."""


SHORTEST: Final = ms(30)
"""A loop shorter than this is one place, here and to the engine."""


@dataclass(frozen=True, slots=True)
class Loop:
    """An A-B loop, [start, end), of at least `SHORTEST`."""

    start: TrackNs
    end: TrackNs

    @property
    def length(self) -> int:
        """Of one pass."""
        return self.end - self.start

    def passes_between(self, position: TrackNs, heard: TrackNs) -> int:
        """How many passes, to the nearest whole number, `position` is behind what is heard."""
        return (2 * (self.within(heard) - position) + self.length) // (2 * self.length)

    def place_of(self, position: TrackNs, passes: int) -> TrackNs:
        """What is heard so many passes after `position`."""
        return self.within(TrackNs(position + passes * self.length))

    def within(self, position: TrackNs) -> TrackNs:
        """The position, or what is heard instead of it at the end of the loop and behind."""
        return position if position < self.end else TrackNs(self.start + (position - self.start) % self.length)


@dataclass(frozen=True, slots=True)
class Heard:
    """What is heard at the instant of a reading. `jumped`: it does not follow from what was heard before."""

    position: TrackNs
    jumped: bool


class Sound:
    """The line of what is heard. `rate`: how fast it is now; `loop`: as it is set now."""

    def __init__(self) -> None:
        self.rate = NORMAL_RATE
        self.loop: Loop | None = None
        self._speed = NORMAL_RATE
        self._line: Transport | None = None
        self._jumped_from: Transport | None = None
        self._jumped = False
        self._changed: HostNs | None = None
        self._passes_of: Loop | None = None

    def jump(self) -> None:
        """Another place, or another file; what was in the buffer is thrown away, except by a loop."""
        self._jumped_from = self._line or self._jumped_from
        self._jumped = True
        self.forget()

    def forget(self) -> None:
        """No buffer is to be reckoned with."""
        self._line = self._changed = None
        self.rate = self._speed

    def change_speed(self, speed: Rate, at: HostNs) -> None:
        """From now on mpv writes at this speed."""
        self._speed = speed
        if self._line is None:
            self.rate = speed
        elif self._changed is None and speed != self.rate:
            self._changed = at

    def pause(self, at: HostNs) -> None:
        """Nothing is played from `at` on; the buffer is kept."""
        if self._line is not None:
            self._line = Transport(at, self._line.position_at(at), PAUSED)

    def resume(self, at: HostNs) -> None:
        """Playback goes on with what is in the buffer."""
        if self._line is not None:
            self._line = Transport(at, self._line.position_at(at), self.rate)
            self._changed = self._changed and at

    def while_paused(self, position: TrackNs | None, now: HostNs) -> TrackNs | None:
        """What is heard next, when mpv stands still and states `position`."""
        if self._line is not None and self._changed is not None:
            return self._line.position_at(now)
        return position if position is None or self._jumped else self._unfolded(position, now)

    def hear(self, position: TrackNs, at: HostNs) -> Heard | None:
        """What is heard, now that mpv states `position` and plays; None where that cannot be told from it."""
        jumped = self._jumped
        if jumped:
            self._passes_of = self._loop_gone_round(position, at)
            jumped = self._passes_of is None
        place = self._unfolded(position, at)
        if not jumped and self._line is not None:
            if self._changed is not None and not self._has_met(self._line, place, at):
                if at - self._changed <= LONGEST:
                    return None
                jumped = True
            jumped |= self._passes_of is not None and place < self._line.position_at(at) - SHORTEST
        self._jumped, self._jumped_from = False, None
        self.forget()
        self._line = Transport(at, place, self.rate)
        return Heard(place, jumped)

    def _has_met(self, line: Transport, position: TrackNs, at: HostNs) -> bool:
        gap = position - line.position_at(at)
        return gap >= -NEAR if self._speed > self.rate else gap <= NEAR

    def _loop_gone_round(self, position: TrackNs, at: HostNs) -> Loop | None:
        """The loop, if the jump was its own: then the sound has gone on without one."""
        loop, before = self.loop or self._passes_of, self._jumped_from
        if loop is None or before is None or not loop.start - LONGEST <= position < loop.start:
            return None
        heard = before.position_at(at)
        passes = loop.passes_between(position, heard)
        if passes < 1 or abs(loop.place_of(position, passes) - loop.within(heard)) > NEAR:
            return None
        self._line = before
        return loop

    def _unfolded(self, position: TrackNs, at: HostNs) -> TrackNs:
        """What is heard: `position`, or some passes of the loop later."""
        loop, line = self._passes_of, self._line
        if loop is None or line is None or position >= loop.start:
            return position
        return loop.place_of(position, loop.passes_between(position, line.position_at(at)))
