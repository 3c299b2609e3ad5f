"""What the API answers with, as values: written as JSON, and described to the OpenAPI document by their types.

Instants are seconds of the daemon's monotonic clock, positions seconds from the track's first sample.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from beatsync.core.quality import State as QualityState
from beatsync.core.verdicts import Verdict
from beatsync.decks.state import Playback
from beatsync.feeds.keeping import FeedState
from beatsync.outputs.output import State as TargetState


def written(record: object) -> bytes:
    """A record, or anything that is made of such, as JSON."""
    return msgspec.json.encode(record)


@dataclass(frozen=True, slots=True, kw_only=True)
class LatenessRecord:
    """In milliseconds: half of all cues were less late than `p50`, 99 of 100 less than `p99`."""

    p50: float
    p99: float
    max: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakRecord:
    """What last happened to playback, `ago` seconds ago."""

    ago: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRecord:
    """How well playback is followed: within `error_ms`, 99 times of 100; `age`: seconds since the last reading."""

    state: QualityState
    error_ms: float | None
    observations_per_second: float
    age: float | None
    refused: int
    last_break: BreakRecord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRecord:
    """One feed of a deck. `leads`: whether the deck follows it; `source`: what answers; `reason`: why nothing does.

    `ignored`: what came that was no reading, by reason; `troubles`: how often it broke or could not be started.
    """

    name: str
    leads: bool
    state: FeedState
    source: str | None
    reason: str | None
    observations: int
    ignored: Mapping[str, int]
    troubles: int
    quality: QualityRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class DeckRecord:
    """One deck. `place`: of the track in a set list of `setlist`, from 0; `cue_ahead`: whether a cue is still to come.

    `clock`: what leads it; `feeds`: those that it may follow, in order of preference; `unknown_track`: what its player
    plays, where that is nothing known; `stopped`: by command.
    """

    playback: Playback
    position: float | None
    rate: float
    track: str | None
    duration: float | None
    section: str | None
    bar: int | None
    cues: int
    cue_ahead: bool
    clock: str
    quality: QualityRecord
    feeds: tuple[FeedRecord, ...]
    unknown_track: str | None
    stopped: bool
    on_air: bool
    place: int | None
    setlist: int
    following: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRecord:
    """One target: what is known of its receiver, and the books of its cues. Leads are in milliseconds.

    `silent`: whether it is sent nothing at present: muted, not soloed while others are, or in a panic.
    """

    state: TargetState
    peer: str
    source: str
    sent: int
    failed: int
    breaks: int
    detail: str
    lead_ms: float
    track_lead_ms: float
    silent: bool
    due: int
    queued: int
    verdicts: Mapping[Verdict, int]
    lateness_ms: LatenessRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ConductorRecord:
    """The process that sends. `realtime` and `memory_locked`: `yes`, or why not."""

    process: int
    realtime: str
    memory_locked: str
    seconds_since_wake: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRecord:
    """Everything. `at`: when that was so; `revision` changes with every command; `refused`: requests not let in.

    `verdicts` and `queued` add up to `due`.
    """

    at: float
    revision: str
    on_air: str
    locked: bool
    panic: bool
    muted: list[str]
    soloed: list[str]
    decks: Mapping[str, DeckRecord]
    due: int
    queued: int
    verdicts: Mapping[Verdict, int]
    lateness_ms: LatenessRecord
    conductor: ConductorRecord
    targets: Mapping[str, TargetRecord]
    refused: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorDetail:
    """`code`: what kind of error; `message`: for people, with the remedy; `exit_code`: of the command line, for it.

    `problems`: each on its own, where there are several.
    """

    code: str
    message: str
    exit_code: int
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ErrorRecord:
    """What every request that failed is answered with."""

    error: ErrorDetail
