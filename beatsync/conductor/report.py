"""What the conductor says of itself: of each cue a report, of the whole a snapshot. Both are values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from beatsync.conductor.tally import Totals, total_of
from beatsync.core.histogram import Histogram
from beatsync.core.units import DurationNs, HostNs, TrackNs
from beatsync.core.verdicts import Outcome
from beatsync.outputs.output import Health


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one due cue, for people: the engine's outcome with the network's answer worked in.

    `at`: when it was sent or decided; `lateness` is against its due instant; `position`: where playback stood.
    """

    outcome: Outcome
    at: HostNs
    position: TrackNs | None

    @property
    def lateness(self) -> DurationNs:
        """How much later than due."""
        return DurationNs(self.at - self.outcome.due)


@dataclass(frozen=True, slots=True)
class Precision:
    """What the operating system grants the conductor; each is `yes`, or why not in the system's own words."""

    realtime: str
    memory_locked: str

    @property
    def granted(self) -> bool:
        """Whether it has everything that it asks for."""
        return self.realtime == self.memory_locked == GRANTED


GRANTED: Final = "yes"
NOT_ASKED: Final = Precision("not asked for", "not asked for")


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The conductor at one instant. `deadline`: of the next cue; `woke`: when it last looked for due cues.

    `process`: its id; `totals` and `health` are by target. `rearmed`: how long it took from telling a conductor
    something, in another process, to its alarm's being set to the deadline that this led to.
    """

    at: HostNs
    woke: HostNs
    deadline: HostNs | None
    totals: Mapping[str, Totals] = field(default_factory=dict)
    health: Mapping[str, Health] = field(default_factory=dict)
    precision: Precision = NOT_ASKED
    process: int = 0
    rearmed: Histogram = field(default_factory=Histogram)

    @property
    def total(self) -> Totals:
        """The books of all targets as one."""
        return total_of(self.totals.values())
