"""What a source has stated besides positions. It holds until the source says otherwise."""

from __future__ import annotations

from beatsync.core.observation import Observation
from beatsync.core.transport import NORMAL_RATE, Rate


class Statements:
    """`playing`: None as long as nothing was said of it; `rate`: the nominal one; `jump`: one was announced, and its
    position is still to come.
    """

    __slots__ = ("jump", "playing", "rate")

    def __init__(self) -> None:
        """Nothing was said."""
        self.playing: bool | None = None
        self.rate: Rate = NORMAL_RATE
        self.jump = False

    def take(self, observation: Observation, *, believed: float) -> float | None:
        """Take what is stated; returns how many times as fast playback goes now, if that has changed.

        `believed`: the rate at which it has been going.
        """
        if observation.playing is not None:
            self.playing = observation.playing
        self.jump = self.jump or observation.jump
        before = self.rate
        if observation.rate is None or observation.rate == before:
            return None
        self.rate = observation.rate
        if self.rate <= 0:
            return None
        return self.rate / before if before > 0 else self.rate / NORMAL_RATE / believed

    @property
    def stands(self) -> bool:
        """Whether playback does not go forward: it is paused, or goes backwards."""
        return self.playing is False or self.rate <= 0
