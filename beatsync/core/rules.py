"""Rules as values: what turns a track's moments into cues. `config` reads them, `core.compilation` applies them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from beatsync.core.comparison import Comparison
from beatsync.core.expressions import Expression
from beatsync.core.leads import NO_LEAD, Lead
from beatsync.core.osc import Tag, Value
from beatsync.core.templates import Template
from beatsync.core.track import Layer
from beatsync.core.units import DurationNs, ms


class Edge(StrEnum):
    """Which end of a span."""

    START = "start"
    END = "end"


class Unit(StrEnum):
    """What the grid is counted in."""

    BEAT = "beat"
    BAR = "bar"


@dataclass(frozen=True, slots=True)
class SpanEdge:
    """The start or end of each section or phrase."""

    layer: Layer
    edge: Edge


@dataclass(frozen=True, slots=True)
class TrackEdge:
    """The start or end of the track."""

    edge: Edge


@dataclass(frozen=True, slots=True)
class Every:
    """Every `count` beats or bars, counted from the first downbeat, or from the start of each span of `within`.

    `Every(1, Unit.BEAT)` is every beat, the pick-up's too; `Every(1, Unit.BAR)` every downbeat. `parts`: into how many
    equal parts each beat is divided, only for every single beat.
    """

    count: int
    unit: Unit
    within: Layer | None = None
    parts: int = 1


Moment: TypeAlias = SpanEdge | TrackEdge | Every


@dataclass(frozen=True, slots=True)
class TimeShift:
    """So much later in track time; earlier if negative."""

    by: DurationNs


@dataclass(frozen=True, slots=True)
class GridShift:
    """So many beats or bars later along the grid; earlier if negative."""

    count: float
    unit: Unit


Shift: TypeAlias = TimeShift | GridShift


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What must hold for a moment to become a cue; None where anything will do. Labels compare without case.

    The conditions up to `bars` are about the span: the moment's own section or phrase, or for beats, bars and the
    track's edges the section that the moment lies in; a moment outside every section meets none of them.
    `bar_of_section` and `beat_of_section` count from 1 within that span, -1 being its last.
    """

    label: tuple[str, ...] | None = None
    energy: Comparison | None = None
    energy_change: Comparison | None = None
    occurrence: Comparison | None = None
    previous: tuple[str, ...] | None = None
    next: tuple[str, ...] | None = None
    bars: Comparison | None = None
    bpm: Comparison | None = None
    bar_of_section: Comparison | None = None
    beat_of_section: Comparison | None = None
    beat_of_bar: Comparison | None = None


ANYTHING: Final = Conditions()


@dataclass(frozen=True, slots=True)
class Literal:
    """An argument that is the same in every cue, already of the right type."""

    tag: Tag
    value: Value


@dataclass(frozen=True, slots=True)
class Computed:
    """An argument computed for each cue. Without a `tag`: `i` for a whole number, `f` for another, `s` for text."""

    expression: Expression
    tag: Tag | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A string argument with names in braces, filled in for each cue."""

    template: Template


Argument: TypeAlias = Literal | Computed | Text


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent, and to whom."""

    target: str
    address: Template
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Ending:
    """What ends a cue's look: sent where the moment's span ends, or so long after the cue was sent, in real time."""

    message: Message
    after: DurationNs | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """One message of a rule.

    States with the same `look` on one target replace each other; where it is not said, the address as written serves.
    `number`: which message of the rule it is, as written; one to several targets is several sends with one number.
    """

    message: Message
    ending: Ending | None = None
    look: str | None = None
    number: int = 0


class Kind(StrEnum):
    """A pulse is a hit, worthless when late; a state is a look, owed on arrival."""

    PULSE = "pulse"
    STATE = "state"


PULSE_LATE_LIMIT: Final = ms(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What becomes of a cue that playback does not simply reach.

    `jumped_into`: sent when a seek lands inside its span. `skipped_over`: sent when a seek passes over it.
    `gone_back`: sent again when playback has gone back behind it. `late_limit`: how late it is still worth sending,
    None for always. `ends_on_pause`: its look ends while playback is paused, and is resumed with it.
    """

    jumped_into: bool
    skipped_over: bool = False
    gone_back: bool = True
    late_limit: DurationNs | None
    ends_on_pause: bool = False


POLICY_OF: Final = {
    Kind.PULSE: Policy(jumped_into=False, late_limit=PULSE_LATE_LIMIT),
    Kind.STATE: Policy(jumped_into=True, late_limit=None),
}
"""What people expect of each kind when a rule does not say otherwise."""


def usual_kind(moment: Moment) -> Kind:
    """Beats and bars are pulses; the edges of sections, phrases and tracks are states."""
    return Kind.PULSE if isinstance(moment, Every) else Kind.STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `place` is where it stands (`rules[3]`, or `default`), `name` what its author calls it.

    `lead` comes on top of its targets'.
    """

    place: str
    name: str
    on: Moment
    sends: tuple[Send, ...]
    kind: Kind
    policy: Policy
    when: Conditions = field(default=ANYTHING)
    at: Shift | None = None
    lead: Lead = NO_LEAD

    @property
    def title(self) -> str:
        """`rules[3] 'strobe'`."""
        return f"{self.place} '{self.name}'" if self.name else self.place
