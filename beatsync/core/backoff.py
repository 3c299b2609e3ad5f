"""How long to wait before trying again: longer and longer, until it has gone well for a while. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from beatsync.core.units import NO_TIME, DurationNs


@dataclass(slots=True)
class Backoff:
    """Doubles from `first` to `longest`. What has lasted for `steady` was good: then it begins anew.

    Where how long something lasts says nothing (None), whoever knows that it went well says so.
    """

    first: DurationNs
    longest: DurationNs
    steady: DurationNs | None = None
    _current: DurationNs = NO_TIME

    def went_well(self) -> None:
        """The next wait is a short one."""
        self._current = NO_TIME

    def failed(self, *, share: float, lasted: DurationNs = NO_TIME) -> DurationNs:
        """How long to wait after what lasted so long; `share`, 0 to 1, spreads out those who fail together."""
        if self.steady is not None and lasted >= self.steady:
            self.went_well()
        self._current = DurationNs(min(self._current * 2, self.longest)) if self._current else self.first
        return DurationNs(round(self._current * (0.5 + share / 2)))
