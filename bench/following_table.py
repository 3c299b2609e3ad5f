"""What `bench.following` has measured, for people and programs: rows, the table of docs/following.md, JSON."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

PAGE: Final = Path(__file__).parent.parent / "docs" / "following.md"
BEGIN: Final = "<!-- simulation:begin -->"
END: Final = "<!-- simulation:end -->"


class Kind(StrEnum):
    """What the figures of a row are, in milliseconds."""

    STEADY = "rms / p99 / max"
    TIME = "median (longest)"
    WORST = "worst"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One case. `prototype`: what the notes say of it; `goal`: nothing where there is none. `p95`: of times."""

    case: str
    kind: Kind
    measured: tuple[float, ...]
    goal: tuple[float, ...] = ()
    prototype: str = ""
    p95: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether every figure is within its goal, as they are shown; None without one."""
        if not self.goal:
            return None
        return all(float(_rounded(it)) <= most for it, most in zip(self.measured, self.goal, strict=True))

    def record(self) -> Mapping[str, Any]:
        """For programs."""
        return {
            "case": self.case,
            "figures": self.kind.value,
            "goal": list(self.goal) or None,
            "measured": [round(value, 3) for value in self.measured],
            "p95": None if self.p95 is None else round(self.p95, 1),
            "met": self.met,
            "prototype": self.prototype or None,
        }

    def cells(self) -> Sequence[str]:
        """For people."""
        met = {None: "", True: "met", False: "**missed**"}[self.met]
        return self.case, self._shown(self.goal), self._shown(self.measured), self.prototype, met

    def _shown(self, values: Sequence[float]) -> str:
        texts = [_rounded(value) for value in values]
        if self.kind is Kind.TIME and texts:
            return f"{texts[0]} ({texts[1]})"
        return " / ".join(texts)


def _rounded(value: float) -> str:
    places = 0 if value >= 20 else 1 if value >= 3 else 2
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if places else text


def steady(errors: Iterable[float]) -> tuple[float, float, float]:
    """The figures of a steady case."""
    sizes = sorted(map(abs, errors))
    rms = statistics.fmean(size * size for size in sizes) ** 0.5
    return rms, sizes[int(0.99 * len(sizes))], sizes[-1]


def markdown(tables: Mapping[str, Sequence[Row]], heading: str) -> str:
    """All tables, as they stand on the page."""
    lines = [heading]
    for title, rows in tables.items():
        lines += ["", f"**{title}**", ""]
        lines += ["| case | goal | measured | prototype | |", "|---|---|---|---|---|"]
        lines += [f"| {' | '.join(row.cells())} |" for row in rows]
    return "\n".join(lines)


def write(text: str, page: Path = PAGE) -> None:
    """Put it on the page, between its two markers. Raises ValueError where they are missing."""
    before, begin, rest = page.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has no {BEGIN} with an {END} behind it")
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")
