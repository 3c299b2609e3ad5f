"""The shape of what is played: one track, or a set list of them."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from beatsync.config.feeds.timecode import ATimecode
from beatsync.config.fields import AnyText, AssetId, Duration, Lead, PositiveDuration
from beatsync.config.plain import GrammarError, Trap, not_one_of
from beatsync.config.shorthand import Shorthand
from beatsync.config.strict import Strict
from beatsync.core.limits import MAX_SETLIST


class ExpectModel(Strict):
    """What the track document must agree with."""

    written: ClassVar = 'a mapping such as {asset_id: "1843209165"}'

    asset_id: AssetId | None = Field(default=None, description="the asset that the document must be of")
    duration: PositiveDuration | None = Field(default=None, description="its duration, to two seconds")


class PlayedAsModel(Strict):
    """What a player calls the track, so that it is known again. Each is a text or a pattern with * in it."""

    written: ClassVar = 'a mapping such as {title: "Strobe*"}'

    file: AnyText | None = Field(default=None, description="name of the file that the player plays; * stands for any")
    title: AnyText | None = Field(default=None, description="title, without regard to case; * stands for any")
    id: AnyText | None = Field(default=None, description="the player's own id of it")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise GrammarError("expected one or more of file, title, id")
        return self


class TrackModel(Shorthand):
    """Which track is played."""

    shorthand: ClassVar = "file"
    written: ClassVar = 'a path as text, or a mapping such as {audioscape: "1843209165"}'

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
    played_as: PlayedAsModel | None = Field(default=None, description="what a player calls it")
    timecode: ATimecode | None = Field(
        default=None,
        description="in a set list: the timecode at the track's first sample, in quotes",
    )

    @model_validator(mode="before")
    @classmethod
    def _no_bare_dash(cls, value: Any) -> Any:
        if value == [None]:
            raise GrammarError('expected a path as text, got a list of nothing; for standard input quote it: "-"')
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        keys = ("file", "audioscape", "bundled")
        origins = [key for key in keys if getattr(self, key) is not None]
        if len(origins) != 1:
            raise GrammarError(not_one_of(keys, origins))
        if self.grid and self.first_downbeat is None:
            raise GrammarError("grid: from-bpm needs first_downbeat, for example first_downbeat: 350ms")
        if not self.grid and self.model_fields_set & {"first_downbeat", "beats_per_bar"}:
            raise GrammarError("first_downbeat and beats_per_bar are for grid: from-bpm; add it, or remove them")
        if self.update and self.audioscape is None:
            raise GrammarError("update is for audioscape; remove it")
        return self


def _listed(value: Any) -> Any:
    return {"tracks": value} if isinstance(value, list) else {"file": value} if isinstance(value, str | Trap) else value


class SetListModel(Strict):
    """Tracks in the order in which they are played."""

    written: ClassVar = "a list of tracks, or the path of a file with one, as text"

    tracks: list[TrackModel] | None = Field(
        default=None, min_length=1, max_length=MAX_SETLIST, description="the tracks, in order"
    )
    file: AnyText | None = Field(default=None, description="a file with such a list, in YAML, instead of tracks")
    playlist: AssetId | None = Field(default=None, description="id of an AudioScape playlist, instead of tracks")
    follow_on: Literal["automatic", "manual", "player"] | None = Field(
        default=None,
        description="what starts the next track: the end of the one before, a command, or the player that plays it",
    )

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        keys = ("tracks", "file", "playlist")
        origins = [key for key in keys if getattr(self, key) is not None]
        if len(origins) != 1:
            raise GrammarError(not_one_of(keys, origins))
        return self


ASetList = Annotated[SetListModel, BeforeValidator(_listed)]
