"""What waits for a slow stream: bounded by count and by age, so that no old cue is played late. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from beatsync.core.units import NS_PER_MS, DurationNs, HostNs


@dataclass(slots=True)
class Frame:
    """A frame that is not wholly written. `written`: how many bytes of it are."""

    ticket: int
    data: bytes
    since: HostNs
    written: int = 0

    @property
    def begun(self) -> bool:
        """Whether a part of it is on the stream: then the rest must follow before anything else."""
        return self.written > 0


@dataclass(frozen=True, slots=True)
class Dropped:
    """A frame that is given up, and why."""

    ticket: int
    reason: str


class Waiting:
    """Frames in order; only the first may be begun."""

    def __init__(self, *, count: int, age: DurationNs) -> None:
        """`count` and `age`: the bounds."""
        self._frames: deque[Frame] = deque()
        self._count = count
        self._age = age

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def first(self) -> Frame | None:
        """What is to be written next."""
        return self._frames[0] if self._frames else None

    @property
    def next_expiry(self) -> HostNs | None:
        """When the oldest frame that is not begun is too old."""
        for frame in self._frames:
            if not frame.begun:
                return HostNs(frame.since + self._age)
        return None

    def add(self, frame: Frame) -> Dropped | None:
        """Queue `frame`; returns the one that had to go for it."""
        self._frames.append(frame)
        if len(self._frames) <= self._count:
            return None
        index = 1 if self._frames[0].begun and len(self._frames) > 1 else 0
        victim = self._frames[index]
        del self._frames[index]
        return Dropped(victim.ticket, f"more than {self._count} packets wait for a receiver that reads too slowly")

    def expire(self, now: HostNs) -> list[Dropped]:
        """Give up what is too old."""
        dropped = []
        for frame in tuple(self._frames):
            waited = now - frame.since
            if not frame.begun and waited >= self._age:
                self._frames.remove(frame)
                reason = f"waited {waited // NS_PER_MS} ms for a receiver that reads too slowly"
                dropped.append(Dropped(frame.ticket, reason))
        return dropped

    def finish_first(self) -> Frame:
        """The first frame is wholly written."""
        return self._frames.popleft()

    def give_up(self, reason: str) -> list[Dropped]:
        """Drop everything."""
        dropped = [Dropped(frame.ticket, reason) for frame in self._frames]
        self._frames.clear()
        return dropped
