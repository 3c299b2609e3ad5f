"""What the host of a virtual machine takes away from it, as the kernel counts it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

_STATISTICS: Final = Path("/proc/stat")
_STEAL: Final = 7
_COUNTED: Final = 8
"""Of the first line's fields: user, nice, system, idle, iowait, irq, softirq, steal; others repeat some of these."""


@dataclass(frozen=True, slots=True)
class Ticks:
    """Of all cores since the start: how many there were, how many the host did not give."""

    all: int
    stolen: int

    @classmethod
    def now(cls) -> Self:
        """As it stands; nothing where the system does not count."""
        try:
            return cls.of(_STATISTICS.read_text())
        except OSError:
            return cls(0, 0)

    @classmethod
    def of(cls, text: str) -> Self:
        """As /proc/stat says it."""
        ticks = [int(field) for field in text.partition("\n")[0].split()[1 : 1 + _COUNTED]]
        return cls(sum(ticks), ticks[_STEAL] if len(ticks) > _STEAL else 0)

    def stolen_since(self, before: Ticks) -> float:
        """Which share of the time since then the host has kept for others."""
        return (self.stolen - before.stolen) / max(1, self.all - before.all)
