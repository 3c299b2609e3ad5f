"""Latenesses as figures, and as a small picture. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from beatsync.core.units import NS_PER_MS, HostNs

PERCENTILES: Final = (50.0, 99.0, 99.9)
_EDGES_US: Final = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
_BAR_CELLS: Final = 40


@dataclass(frozen=True, slots=True)
class Figures:
    """Of `due` cues those that came, by lateness in nanoseconds, rising. One that left early has a negative one.

    `lasts`: of each instant at which any came, how late the last of them was.
    """

    due: int
    latenesses: tuple[int, ...]
    lasts: tuple[int, ...] = ()

    @property
    def missing(self) -> int:
        """How many never came."""
        return self.due - len(self.latenesses)

    def percentile(self, percent: float) -> float:
        """What `percent` of those that came are at most, in milliseconds; 0 where none came."""
        if not self.latenesses:
            return 0.0
        rank = max(1, -(-len(self.latenesses) * percent // 100))
        return self.latenesses[int(rank) - 1] / NS_PER_MS

    @property
    def worst(self) -> float:
        """The largest, in milliseconds."""
        return self.latenesses[-1] / NS_PER_MS if self.latenesses else 0.0

    @property
    def last(self) -> float:
        """How late the last cue of an instant left, half of the times, in milliseconds."""
        return self.lasts[(len(self.lasts) - 1) // 2] / NS_PER_MS if self.lasts else 0.0

    def record(self) -> dict[str, float]:
        """For programs, in milliseconds."""
        percentiles = {f"p{percent:g}": round(self.percentile(percent), 4) for percent in PERCENTILES}
        last = round(self.last, 4)
        return {"due": self.due, "missing": self.missing, **percentiles, "max": round(self.worst, 4), "last p50": last}

    def picture(self) -> tuple[str, ...]:
        """A line for each range of lateness that has any."""
        counts: dict[int, int] = {}
        for lateness in self.latenesses:
            edge = next((index for index, us in enumerate(_EDGES_US) if lateness < us * 1000), len(_EDGES_US))
            counts[edge] = counts.get(edge, 0) + 1
        most = max(counts.values(), default=1)
        return tuple(
            f"{_range(edge):>16}  {'█' * max(1, round(count / most * _BAR_CELLS))} {count}"
            for edge, count in sorted(counts.items())
        )


def figures_of(instants: Mapping[int, HostNs], left: Iterable[tuple[int, HostNs]], *, receivers: int = 1) -> Figures:
    """The figures of cues that are due at these instants, by number, each to so many receivers, and when they left."""
    latenesses: list[int] = []
    lasts: dict[HostNs, int] = {}
    for number, at in left:
        due = instants.get(number)
        if due is not None:
            latenesses.append(at - due)
            lasts[due] = max(lasts.get(due, at - due), at - due)
    return Figures(len(instants) * receivers, tuple(sorted(latenesses)), tuple(sorted(lasts.values())))


def together(parts: Iterable[Figures]) -> Figures:
    """Several as one."""
    whole = tuple(parts)
    return Figures(
        sum(part.due for part in whole),
        tuple(sorted(lateness for part in whole for lateness in part.latenesses)),
        tuple(sorted(last for part in whole for last in part.lasts)),
    )


def _range(edge: int) -> str:
    if edge == len(_EDGES_US):
        return f"over {written(_EDGES_US[-1] / 1000)}"
    return f"under {written(_EDGES_US[edge] / 1000)}"


def written(milliseconds: float) -> str:
    """For people: `7 µs`, `1.4 ms`, `23 ms`."""
    if milliseconds < 0.9995:
        return f"{milliseconds * 1000:.0f} µs"
    return f"{milliseconds:.1f}".removesuffix(".0") + " ms" if milliseconds < 10 else f"{milliseconds:.0f} ms"
