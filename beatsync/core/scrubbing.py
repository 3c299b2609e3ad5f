"""Scrubbing: where playback jumps again and again, the deck holds until it settles, and then makes one seek.

The first jump is believed at once: nobody knows yet that there will be another. A loop is no scrubbing however short
it is: its jumps are all alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from beatsync.core.cursor import HYSTERESIS
from beatsync.core.playback import HELD, Adjusted, Held, Jumped, Paused, Resumed, Verdict
from beatsync.core.transport import PAUSED, Transport
from beatsync.core.units import HostNs, TrackNs, ms

AGAIN: Final = ms(500)
"""Another jump so soon after one is scrubbing: a key held down jumps some ten times a second, a finger three times."""

SETTLED: Final = ms(300)
"""Without a jump for so long, it is over."""

_SAME_TURN: Final = ms(150)


@dataclass(frozen=True, slots=True)
class _Jump:
    at: HostNs
    went_from: TrackNs
    size: int

    def is_turn_of(self, other: _Jump) -> bool:
        """Whether both are turns of one loop."""
        return (
            abs(self.size - other.size) <= HYSTERESIS
            and self.size < 0
            and abs(self.went_from - other.went_from) <= _SAME_TURN
        )


class Scrubbing:
    """Stands between a follower and a deck: verdicts in, verdicts out. `held`: where the deck is held, if it is."""

    __slots__ = ("_last", "_newest", "_settles", "held")

    def __init__(self) -> None:
        """Nothing jumps."""
        self._last: _Jump | None = None
        self._newest: Transport | None = None
        self._settles: HostNs | None = None
        self.held: Transport | None = None

    def hear(self, verdict: Verdict, now: HostNs) -> Verdict:
        """What the deck is to do about `verdict`."""
        match verdict:
            case Jumped(went_from=int() as went_from, went_to=went_to, foreseen=False):
                last, self._last = self._last, _Jump(now, TrackNs(went_from), went_to - went_from)
                return self._jumped(verdict, self._last, last)
            case Jumped() | Adjusted() | Resumed():
                return self._went_on(verdict)
            case Held():
                return HELD
            case _:
                self.release()
                return verdict

    def _jumped(self, verdict: Jumped, jump: _Jump, last: _Jump | None) -> Verdict:
        is_turn = last is not None and jump.is_turn_of(last)
        is_again = last is not None and jump.at - last.at < AGAIN
        if is_turn or not (self.held or is_again):
            return self._went_on(verdict)
        self._newest = verdict.transport
        self._settles = HostNs(jump.at + SETTLED)
        self.held = Transport(jump.at, verdict.went_to, PAUSED)
        return Paused(transport=self.held, why="scrubbing")

    def _went_on(self, verdict: Jumped | Adjusted | Resumed) -> Verdict:
        if self.held is None:
            return verdict
        self._newest = verdict.transport
        return HELD

    def next_deadline(self) -> HostNs | None:
        """When it will have settled."""
        return self._settles

    def advance(self, now: HostNs) -> Verdict:
        """Let the deck go on where playback is by now, if it has settled."""
        if self._settles is None or now < self._settles or self._newest is None or self.held is None:
            return HELD
        went_from, went_to = self.held.track, self._newest.position_at(now)
        self.release()
        return Jumped(transport=self._newest, went_from=went_from, went_to=went_to, why="scrubbing has settled")

    def release(self) -> None:
        """The deck is not held any more: something else is the matter now."""
        self._settles = self.held = None
