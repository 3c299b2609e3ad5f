"""The shape of decks, and of who of them is on air."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from beatsync.config.clock_models import ClockModel
from beatsync.config.fields import AnyText
from beatsync.config.plain import GrammarError
from beatsync.config.rule_models import RuleModel
from beatsync.config.strict import Strict
from beatsync.config.track_models import ASetList, TrackModel
from beatsync.core.limits import MAX_RULES

PREFIX: Final = r"^(/[A-Za-z0-9_.-]+)+$"
_PREFIXED: Final = {"properties": {"prefix": {"type": "string", "pattern": PREFIX}}, "required": ["prefix"]}


class OffAirModel(Strict):
    """What becomes of a deck's cues while another deck is on air."""

    written: ClassVar = "silent, or a mapping such as {prefix: /preview/a}"

    prefix: str = Field(pattern=PREFIX, description="they go out with this before their addresses, such as /preview/a")


def _silence_is_none(value: Any) -> Any:
    return None if value == "silent" else value


OffAir = Annotated[
    OffAirModel | None,
    BeforeValidator(_silence_is_none),
    WithJsonSchema({"anyOf": [{"const": "silent"}, {**_PREFIXED, "type": "object", "additionalProperties": False}]}),
]


class DeckModel(Strict):
    """One track, or one after another, with its own clock."""

    written: ClassVar = "a mapping such as {track: a.json, clock: {start: armed}}"

    track: TrackModel | None = Field(default=None, description="which track is played: a path, or a mapping")
    setlist: ASetList | None = Field(default=None, description="tracks in order, instead of track")
    clock: ClockModel = Field(default=ClockModel(), description="what leads playback")
    rules: list[RuleModel] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_RULES,
        description="this deck's own rules; unsaid: those of the show",
    )
    off_air: OffAir | None = Field(
        default=None,
        description="what becomes of its cues while another deck is on air: silent, or a prefix",
    )

    @model_validator(mode="after")
    def _plays_something(self) -> Self:
        if self.track is not None and self.setlist is not None:
            raise GrammarError("expected track or setlist, got both; remove one")
        return self


class OnAirModel(Strict):
    """Who is on air: the master, whose cues go out."""

    written: ClassVar = "a mapping such as {deck: a, by: command}"

    deck: AnyText | None = Field(default=None, description="the deck that is on air at the start; unsaid: the first")
    by: Literal["command", "message", "fader"] = Field(
        default="command",
        description="what puts a deck on air: a command, each deck's own on-air flag, or its fader",
    )
    hand_over: Literal["now", "beat", "bar"] = Field(
        default="beat",
        description="when one deck takes over from another: at once, or at the new one's next beat or bar",
    )
