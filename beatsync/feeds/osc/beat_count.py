"""Beats counted from the start of a track, where a player says only which beat of the bar it is.

What it cannot see: a jump by whole bars. It starts when the player stands at the track's start, and where it started
in the middle of one it says nothing.
"""

from __future__ import annotations

from typing import Final

from beatsync.core.units import NS_PER_SECOND, HostNs

BEATS_IN_BAR: Final = 4
"""Pro DJ Link knows no other bars."""

_SAME_BEAT: Final = 0.3
"""Of a beat: closer together than this two messages are of one beat (XDJ-XZ sends two, feeds.md 1.1)."""


class BeatCount:
    """How many beats after the first downbeat the last one was."""

    def __init__(self) -> None:
        self._at_start = False
        self._count: int | None = None
        self._last: HostNs | None = None
        self._beat = 0

    def restart(self) -> None:
        """Playback stands at the start of the track: the next beat is its first."""
        self._at_start = True
        self._count = None

    def interrupt(self) -> None:
        """Playback stands still: the time until the next beat says nothing."""
        self._last = None

    def take(self, beat: int, at: HostNs, bpm: float) -> int | None:
        """The count of a beat that is `beat` (1 to 4) of its bar: 0 is the first downbeat; None while it is not known.

        `bpm`: its tempo, which tells how many beats were lost since the last message.
        """
        if self._at_start:
            self._at_start = False
            self._count = beat - 1 if beat == 1 else beat - 1 - BEATS_IN_BAR
        elif self._count is not None:
            self._count += self._passed(beat, at, bpm)
        self._beat, self._last = beat, at
        return self._count

    def _passed(self, beat: int, at: HostNs, bpm: float) -> int:
        """How many beats it is from the last one: what the numbers say, and as many bars as the time says."""
        step = (beat - self._beat) % BEATS_IN_BAR
        if self._last is None:
            return step
        elapsed = (at - self._last) * bpm / (60 * NS_PER_SECOND)
        if step == 0 and elapsed < _SAME_BEAT:
            return 0
        return step + BEATS_IN_BAR * max(0, round((elapsed - step) / BEATS_IN_BAR))
