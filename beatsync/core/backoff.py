"""How long to wait before trying again: longer and longer, until it has gone well for a while. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from beatsync.core.units import NO_TIME, DurationNs


@dataclass(slots=True)
class Backoff:
    """Doubles from `first` to `longest`. What has lasted for `steady` was good: then it begins anew."""

    first: DurationNs
    longest: DurationNs
    steady: DurationNs
    _current: DurationNs = NO_TIME

    def failed(self, *, lasted: DurationNs, share: float) -> DurationNs:
        """How long to wait after what lasted so long; `share`, 0 to 1, spreads out those who fail together."""
        again = min(self._current * 2, self.longest) if self._current and lasted < self.steady else self.first
        self._current = DurationNs(again)
        return DurationNs(round(self._current * (0.5 + share / 2)))
