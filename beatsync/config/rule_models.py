"""The shape of rules: what turns moments into cues."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from beatsync.config.fields import (
    AChange,
    AComparison,
    Address,
    AMoment,
    AnArgument,
    AnyText,
    APlace,
    AShift,
    Labels,
    Late,
    Lead,
    PositiveDuration,
    Targets,
)
from beatsync.config.strict import Strict


class EndModel(Strict):
    """What ends a look."""

    written: ClassVar = "a mapping such as {args: [0]}"

    address: Address | None = Field(default=None, description="another address than the send's")
    args: tuple[AnArgument, ...] = Field(default=(), strict=False, description="its arguments")
    after: PositiveDuration | None = Field(
        default=None,
        description="so long after the send, in real time; unsaid: at the end of the moment's span",
    )


class SendModel(Strict):
    """One message."""

    written: ClassVar = "a message such as {address: /hit, args: [1]}"

    to: Targets | None = Field(default=None, description="a target or a list; unsaid: the only one there is")
    address: Address = Field(description='OSC address, with names in braces: "/section/{label}"')
    args: tuple[AnArgument, ...] = Field(default=(), strict=False, description="numbers, names, expressions, types")
    look: AnyText | None = Field(default=None, description="states with one look on one target replace each other")
    end: EndModel | None = Field(default=None, description="what ends it")


class WhenModel(Strict):
    """What must hold for a moment to become a cue."""

    written: ClassVar = "a mapping such as {label: Drop}"

    label: Labels | None = Field(default=None, description="one label or a list, without regard to case")
    energy: AComparison | None = Field(default=None, description="1 to 4")
    energy_change: AChange | None = Field(default=None, description="against the section before; also up, down")
    occurrence: APlace | None = Field(default=None, description="of its label: first, last, 2, -2")
    previous: Labels | None = Field(default=None, description="label of the section before")
    next: Labels | None = Field(default=None, description="label of the section after")
    bars: AComparison | None = Field(default=None, description="length in bars")
    bpm: AComparison | None = Field(default=None, description="tempo")
    bar_of_section: APlace | None = Field(default=None, description="number within the section; -1 is the last")
    beat_of_section: APlace | None = Field(default=None, description="number within the section; -1 is the last")
    beat_of_bar: APlace | None = Field(default=None, description="number within the bar; -1 is the last")


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


SendOrIgnore = Literal["send", "ignore"]


class RuleModel(Strict):
    """What turns moments into cues."""

    written: ClassVar = "a rule such as {on: downbeat, send: {address: /hit}}"

    name: AnyText | None = Field(default=None, description="for logs and errors")
    on: AMoment = Field(description="the moment, such as section, downbeat or every 4 bars")
    when: WhenModel = Field(default=WhenModel(), description="what must hold")
    at: AShift | None = Field(default=None, description="a shift: a time, or beats or bars along the grid")
    lead: Lead | None = Field(default=None, description="how much earlier its cues are sent, beside its targets' leads")
    track_lead: Lead | None = Field(default=None, description="how much earlier in the music: in track time")
    send: Annotated[list[SendModel], BeforeValidator(_listed)] = Field(
        min_length=1,
        description="a message such as {address: /hit}, or a list of them",
    )
    kind: Literal["pulse", "state"] | None = Field(default=None, description="a hit, or a look")
    jumped_into: SendOrIgnore | None = Field(default=None, description="a seek landed inside the moment's span")
    skipped_over: SendOrIgnore = Field(default="ignore", description="a seek passed over the moment")
    gone_back: Literal["again", "once"] = Field(default="again", description="playback went back behind the moment")
    late: Late = Field(default=None, description="how late it is still worth sending; send: always")
    paused: Literal["keep", "end"] = Field(default="keep", description="whether the look ends while paused")
