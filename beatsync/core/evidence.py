"""The last readings against the line that was believed until now: what steps and bends are told from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from beatsync.core.envelope import Line, Reading
from beatsync.core.lags import GRAIN, Lags


@dataclass(frozen=True, slots=True)
class Evidence:
    """Readings, the last one last, against a line.

    `above`: how far each lies above `line`, in nanoseconds. `pace`: the line's rate, never nothing. `doubt`: standard
    deviation of the line at the last reading, and the grain of the clocks. `chances`: how odd the last 0, 1, 2...
    readings are together if nothing has happened, in nats.
    """

    readings: Sequence[Reading]
    line: Line
    lags: Lags
    above: Sequence[float]
    pace: float
    doubt: float
    chances: Sequence[float]

    @property
    def oddity(self) -> float:
        """That of the last reading alone."""
        return self.chances[1]


def evidence_of(readings: Sequence[Reading], line: Line, lags: Lags) -> Evidence:
    """What `readings`, at least one, say against `line`."""
    pace = max(abs(line.rate), 0.1)
    doubt = GRAIN + line.doubt(readings[-1].host)
    above = [reading.position - line.at(reading.host) for reading in readings]
    chances = [0.0]
    for ahead in reversed(above):
        chances.append(chances[-1] + lags.oddity(-ahead / pace, doubt))
    return Evidence(readings, line, lags, above, pace, doubt, chances)
