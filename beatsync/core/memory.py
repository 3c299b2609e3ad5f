"""What an engine knows, as a value: enough for another engine to go on where this one was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from beatsync.core.schedule import Cue
from beatsync.core.transport import Transport
from beatsync.core.units import DurationNs, HostNs, TrackNs
from beatsync.core.verdicts import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class CursorMemory:
    """One target's cursor; what each field means is said at `core.cursor.Cursor`.

    `saved` and `counted_at` are its allowance of pulses; `begun` has each ending still owed with the cue that it ends.
    """

    lead: DurationNs
    saved: int
    counted_at: HostNs
    index: int
    decided: TrackNs | None
    landed: TrackNs | None
    standing: tuple[Cue, ...]
    begun: tuple[tuple[Cue, Cue], ...]
    fired: tuple[Cue, ...]
    settled: tuple[Cue, ...]
    renewed: tuple[Cue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineMemory:
    """The whole engine; its schedule goes separately, once.

    `owed`: decided and not handed out yet; `holds`: endings that fall due in real time, each with when.
    """

    transport: Transport | None
    cursors: Mapping[str, CursorMemory]
    owed: tuple[Outcome, ...]
    holds: tuple[tuple[HostNs, Cue], ...]
    decided_at: HostNs
    reached: TrackNs
    entered: bool
    pass_number: int
