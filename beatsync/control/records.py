"""What the API answers with, as values: written as JSON, and described to the OpenAPI document by their types.

Instants are seconds of the daemon's monotonic clock, positions seconds from the track's first sample.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import msgspec

from beatsync.core.quality import State as QualityState
from beatsync.core.rules import Kind as RuleKind
from beatsync.core.verdicts import Verdict
from beatsync.decks.state import Playback
from beatsync.feeds.keeping import FeedState
from beatsync.outputs.output import State as TargetState


def written(record: object) -> bytes:
    """A record, or anything that is made of such, as JSON."""
    return msgspec.json.encode(record)


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresRecord:
    """How long something took, in milliseconds: half of the times at most `p50`, 99 of 100 times at most `p99`."""

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
    lateness_ms: FiguresRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ConductorRecord:
    """The process that sends. `realtime` and `memory_locked`: `yes`, or why not.

    `rearm_ms`: from a seek or an adjustment, as the daemon passes it on, to the alarm that is set for the next cue.
    """

    process: int
    realtime: str
    memory_locked: str
    seconds_since_wake: float
    rearm_ms: FiguresRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class StandInRecord:
    """The show's files cannot be used: what was in force before, `since` then (civil time), still is.

    `file`: the configuration's; `problems`: what is wrong, a line each; `message`: for people.
    """

    file: str
    since: str
    problems: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRecord:
    """Everything. `at`: when that was so; `revision` changes with every command; `refused`: requests not let in.

    `verdicts` and `queued` add up to `due`. `stand_in`: null where what the files say is in force. `outcome`, in the
    answer to a command: what a reload has come to, or that things were so already.
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
    lateness_ms: FiguresRecord
    conductor: ConductorRecord
    targets: Mapping[str, TargetRecord]
    refused: Mapping[str, int]
    stand_in: StandInRecord | None = None
    outcome: str | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRecord:
    """When the request was received and when the answer left, by the daemon's clock."""

    received: float
    sent: float


Value: TypeAlias = int | float | str | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CueRecord:
    """One cue. `due`: when the daemon sends it; `args`: values, bytes as hexadecimal digits, with their OSC `types`.

    `id`: the same each time it is told. `look`: what a state or its end belongs to; `kind`: pulse or state.
    """

    id: str
    deck: str
    generation: str
    due: float
    position: float
    target: str
    address: str
    types: str
    args: list[Value]
    kind: RuleKind
    phase: Literal["start", "end"]
    look: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRecord:
    """A state that has begun and not ended."""

    deck: str
    position: float
    target: str
    address: str
    types: str
    args: list[Value]
    look: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseRecord:
    """What a deck is on. Cues of its other generations that are due after `void_after` will not come; null: all will.

    `anew`: nothing that was told of it before holds any more; what stands at present is in `standing`.
    """

    playback: Playback
    track: str | None
    position: float | None
    rate: float
    generation: str
    anew: bool
    void_after: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CuesRecord:
    """The cues up to the instant `until`, in order; `cursor`: for the next request's `after`."""

    decks: Mapping[str, CourseRecord]
    until: float
    cursor: str
    standing: list[StandingRecord]
    cues: list[CueRecord]
    clock: ClockRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanRecord:
    """A section or phrase, from `start` to `end`. `energy`: 1 to 4."""

    name: str
    label: str | None
    energy: int | None
    start: float
    end: float
    colour: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRecord:
    """What a deck has loaded; all null or empty where that is nothing."""

    track: str | None
    asset_id: str | None
    duration: float | None
    bpm: float | None
    sections: list[SpanRecord]
    phrases: list[SpanRecord]
