"""What an engine knows, as a value: enough for another engine to go on where this one was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from beatsync.core.leads import Lead
from beatsync.core.schedule import Cue
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs, TrackNs
from beatsync.core.verdicts import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class CursorMemory:
    """One cursor; what each field means is said at `core.cursor.Cursor`."""

    index: int
    decided: TrackNs | None
    landed: TrackNs | None
    settled: tuple[Cue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetMemory:
    """One target; what each field means is said at `core.target_state.TargetState`.

    `saved` and `counted_at` are its allowance of pulses; `cursors` go by the leads of their rules.
    """

    saved: int
    counted_at: HostNs
    cursors: tuple[tuple[Lead, CursorMemory], ...]
    standing: tuple[Cue, ...]
    begun: tuple[tuple[Cue, Cue], ...]
    fired: tuple[Cue, ...]
    renewed: tuple[Cue, ...]
    silences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """The end of a cue that holds for a time of its own: when it is to be handed out, and when it falls due."""

    out: HostNs
    due: HostNs
    cue: Cue


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineMemory:
    """The whole engine; its schedule goes separately, once.

    `leads`: of each target at present, and `track_lead` the track's; `owed`: decided and not handed out yet.
    """

    transport: Transport | None
    leads: Mapping[str, Lead]
    track_lead: Lead
    targets: Mapping[str, TargetMemory]
    owed: tuple[Outcome, ...]
    holds: tuple[Held, ...]
    decided_at: HostNs
    reached: TrackNs
    entered: bool
    pass_number: int
