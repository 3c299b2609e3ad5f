"""How long a conductor in another process takes to react: from an input's being told to the alarm's being set anew."""

from __future__ import annotations

from collections import deque
from typing import Final

from beatsync.core.histogram import Histogram, Recorder
from beatsync.core.units import HostNs

_MOST_UNDER_WAY: Final = 1000


class Reactions:
    """Inputs under way, by their numbers, and how long those before them took. Both instants are of one clock."""

    def __init__(self) -> None:
        self._under_way: deque[tuple[int, HostNs]] = deque(maxlen=_MOST_UNDER_WAY)
        self._recorder = Recorder()

    def told(self, number: int, at: HostNs) -> None:
        """An input was told."""
        self._under_way.append((number, at))

    def armed(self, applied: int, at: HostNs) -> None:
        """All inputs up to this one have been applied, and the alarm was set by then."""
        while self._under_way and self._under_way[0][0] <= applied:
            _, told = self._under_way.popleft()
            self._recorder.add(at - told)

    def forget(self) -> None:
        """Another conductor has come: what it takes to start one is not what is measured here."""
        self._under_way.clear()

    def snapshot(self) -> Histogram:
        """Everything counted so far."""
        return self._recorder.snapshot()
