"""The shape of a configuration file. pydantic finds every problem at once; the shorthands are written out first."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from beatsync.config.clock_models import ClockModel
from beatsync.config.control_models import ControlModel
from beatsync.config.deck_models import DeckModel, OnAirModel
from beatsync.config.lasting_models import ReloadModel, ResumeModel
from beatsync.config.plain import GrammarError, not_one_of
from beatsync.config.rule_models import RuleModel
from beatsync.config.strict import Strict
from beatsync.config.target_models import TARGET_NAME, TargetModel
from beatsync.config.track_models import ASetList, TrackModel
from beatsync.core.limits import MAX_DECKS, MAX_RULES, MAX_TARGETS

PLAYED: Final = ("track", "setlist", "decks")
DECK_NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$"


class ConfigurationModel(Strict):
    """A beatsync show: what is played, what leads it, where cues go, which cues."""

    track: TrackModel | None = Field(default=None, description="which track is played: a path, or a mapping")
    setlist: ASetList | None = Field(default=None, description="tracks in order, instead of track")
    clock: ClockModel = Field(default=ClockModel(), description="what leads playback")
    decks: dict[Annotated[str, Field(pattern=DECK_NAME)], DeckModel] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_DECKS,
        description="several decks, by name, instead of track and clock",
    )
    on_air: OnAirModel = Field(default=OnAirModel(), description="who of several decks is on air")
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
    control: ControlModel = Field(default=ControlModel(), description="how the daemon is reached")
    reload: ReloadModel = Field(default=ReloadModel(), description="how edits go live")
    resume: ResumeModel = Field(default=ResumeModel(), description="what is gone on with after a crash or a reboot")

    @model_validator(mode="after")
    def _plays_something(self) -> Self:
        said = [key for key in PLAYED if key in self.model_fields_set]
        if len(said) != 1:
            raise GrammarError(not_one_of(PLAYED, said))
        if self.decks is not None and "clock" in self.model_fields_set:
            raise GrammarError("each deck has a clock of its own; move clock into the decks")
        if self.decks is None and "on_air" in self.model_fields_set:
            raise GrammarError("on_air is for decks; remove it")
        return self
