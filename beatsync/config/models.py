"""The shape of a configuration file. pydantic finds every problem at once; the shorthands are written out first."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from beatsync.config.configuration import StartNow
from beatsync.config.fields import (
    AChange,
    AComparison,
    Address,
    AMoment,
    AnArgument,
    AnyText,
    APlace,
    AShift,
    AssetId,
    AStart,
    AUrl,
    Duration,
    Labels,
    Late,
    Lead,
    PositiveDuration,
    Source,
    Targets,
)
from beatsync.config.plain import GrammarError, Trap
from beatsync.config.strict import Strict
from beatsync.core.limits import MAX_RULES, MAX_TARGETS
from beatsync.core.targets import DEFAULT_MAX_RATE, DEFAULT_QUEUE_AGE, DEFAULT_QUEUE_COUNT

TARGET_NAME = r"^[A-Za-z][A-Za-z0-9_-]{0,63}$"


class Shorthand(Strict):
    """A mapping that may be written as one text: the value of its `shorthand` key."""

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Either the text or the mapping."""
        schema = handler.resolve_ref_schema(handler(core))
        key = _SHORTHANDS[cls.__name__]
        return {"anyOf": [schema["properties"][key], schema]}


class ExpectModel(Strict):
    """What the track document must agree with."""

    written = 'a mapping such as {asset_id: "1843209165"}'

    asset_id: AssetId | None = Field(default=None, description="the asset that the document must be of")
    duration: PositiveDuration | None = Field(default=None, description="its duration, to two seconds")


class TrackModel(Shorthand):
    """Which track is played."""

    written = 'a path as text, or a mapping such as {audioscape: "1843209165"}'

    file: AnyText | None = Field(default=None, description="path of a track document; - is standard input")
    audioscape: AssetId | None = Field(default=None, description="asset id, in quotes")
    bundled: Literal["demo"] | None = Field(default=None, description="the track that comes with beatsync")
    update: bool = Field(default=False, description="ask AudioScape at every start, and take what has changed")
    grid: Literal["from-bpm"] | None = Field(default=None, description="make up a beat grid from the tempo alone")
    first_downbeat: Duration | None = Field(default=None, description="where bar 1 of the made-up grid starts")
    beats_per_bar: int = Field(default=4, ge=1, le=32, description="of the made-up grid")
    expect: ExpectModel | None = Field(default=None, description="what the document must agree with")
    force: bool = Field(default=False, description="play it even if it is not what is expected")
    lead: Lead | None = Field(default=None, description="how much earlier all its cues are sent, in real time")
    track_lead: Lead | None = Field(default=None, description="how much earlier in the music: in track time")

    @model_validator(mode="before")
    @classmethod
    def _written_out(cls, value: Any) -> Any:
        if value == [None]:
            raise GrammarError('expected a path as text, got a list of nothing; for standard input quote it: "-"')
        return {"file": value} if isinstance(value, str | Trap) else value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        origins = [key for key in ("file", "audioscape", "bundled") if getattr(self, key) is not None]
        if len(origins) != 1:
            got = " and ".join(origins) or "none of them"
            raise GrammarError(f"expected one of file, audioscape, bundled, got {got}")
        if self.grid and self.first_downbeat is None:
            raise GrammarError("grid: from-bpm needs first_downbeat, for example first_downbeat: 350ms")
        if not self.grid and self.model_fields_set & {"first_downbeat", "beats_per_bar"}:
            raise GrammarError("first_downbeat and beats_per_bar are for grid: from-bpm; add it, or remove them")
        if self.update and self.audioscape is None:
            raise GrammarError("update is for audioscape; remove it")
        return self


class ClockModel(Strict):
    """When playback starts."""

    written = "a mapping such as {start: now}"

    start: AStart = Field(default=StartNow(), description="now, armed, a date-time with its zone, or unix seconds")

    @model_validator(mode="before")
    @classmethod
    def _no_feed(cls, value: Any) -> Any:
        if isinstance(value, dict) and "feed" in value:
            raise GrammarError("position feeds come with a later release; use start: now, armed or a date-time")
        return value


class QueueModel(Strict):
    """What may wait for a slow TCP receiver."""

    written = "a mapping such as {count: 256, age: 200ms}"

    count: int = Field(default=DEFAULT_QUEUE_COUNT, ge=1, le=100_000, description="packets that may wait")
    age: PositiveDuration = Field(default=DEFAULT_QUEUE_AGE, description="how long a packet may wait")


class TimetagsModel(Strict):
    """For a receiver that plays a message at the instant that it is tagged with."""

    written = "a mapping such as {ahead: 200ms}"

    ahead: PositiveDuration = Field(description="how much earlier the cue goes out; the network's worst delay and more")


class PaceModel(Strict):
    """For a receiver that cannot take many packets back to back."""

    written = "a mapping such as {packets: 100, every: 5ms}"

    packets: int = Field(ge=1, le=100_000, description="packets that may leave back to back")
    every: PositiveDuration = Field(description="until as many may follow: 5ms")


class TargetModel(Shorthand):
    """Where cues go."""

    written = "a URL as text, such as osc.udp://127.0.0.1:7700, or a mapping with url"

    url: AUrl = Field(description="osc.udp://HOST:PORT or osc.tcp://HOST:PORT")
    framing: Literal["length", "slip"] | None = Field(default=None, description="of packets on a TCP stream")
    lead: Lead | None = Field(default=None, description="how much earlier it must be told; negative for later")
    track_lead: Lead | None = Field(default=None, description="how much earlier in the music: in track time")
    timetags: TimetagsModel | None = Field(default=None, description="cues go out ahead, tagged with their instant")
    bundles: bool = Field(default=False, description="cues of one instant go out in one bundle")
    pace: PaceModel | None = Field(default=None, description="how many packets may leave back to back")
    max_rate: int = Field(default=DEFAULT_MAX_RATE, ge=1, le=100_000, description="pulses a second, at most")
    source: Source | None = Field(default=None, description="address, or address:port, that packets leave from")
    broadcast: bool = Field(default=False, description="allow a broadcast address")
    multicast_ttl: int = Field(default=1, ge=0, le=255, description="routers that multicast may cross")
    queue: QueueModel | None = Field(default=None, description="what may wait for a slow TCP receiver")
    chase_on_reconnect: bool | None = Field(
        default=None,
        description="whether a TCP receiver that comes back is put into the present state",
    )

    @model_validator(mode="before")
    @classmethod
    def _written_out(cls, value: Any) -> Any:
        return {"url": value} if isinstance(value, str | Trap) else value


_SHORTHANDS = {"TrackModel": "file", "TargetModel": "url"}


class EndModel(Strict):
    """What ends a look."""

    written = "a mapping such as {args: [0]}"

    address: Address | None = Field(default=None, description="another address than the send's")
    args: tuple[AnArgument, ...] = Field(default=(), strict=False, description="its arguments")
    after: PositiveDuration | None = Field(
        default=None,
        description="so long after the send, in real time; unsaid: at the end of the moment's span",
    )


class SendModel(Strict):
    """One message."""

    written = "a message such as {address: /hit, args: [1]}"

    to: Targets | None = Field(default=None, description="a target or a list; unsaid: the only one there is")
    address: Address = Field(description='OSC address, with names in braces: "/section/{label}"')
    args: tuple[AnArgument, ...] = Field(default=(), strict=False, description="numbers, names, expressions, types")
    look: AnyText | None = Field(default=None, description="states with one look on one target replace each other")
    end: EndModel | None = Field(default=None, description="what ends it")


class WhenModel(Strict):
    """What must hold for a moment to become a cue."""

    written = "a mapping such as {label: Drop}"

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

    written = "a rule such as {on: downbeat, send: {address: /hit}}"

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


class ConfigurationModel(Strict):
    """A beatsync show: a track, a clock, targets, rules."""

    track: TrackModel = Field(description="which track is played: a path, or a mapping")
    clock: ClockModel = Field(default=ClockModel(), description="when playback starts")
    targets: dict[Annotated[str, Field(pattern=TARGET_NAME)], TargetModel] = Field(
        min_length=1,
        max_length=MAX_TARGETS,
        description="where cues go, by name",
    )
    rules: list[RuleModel] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_RULES,
        description="what turns moments into cues; unsaid: the default messages",
    )
