"""What every kind of timecode can be told: where the track lies on it, and what happens when it stops."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Final, Literal, Self, TypeAlias

from pydantic import BeforeValidator, Field, InstanceOf, WithJsonSchema, model_validator

from beatsync.config.feeds.common import FollowingModel
from beatsync.config.plain import GrammarError, text_of
from beatsync.core.observation import Following, WhenLost
from beatsync.core.timecode import MIDNIGHT, Timecode, TimecodeError, parse_timecode
from beatsync.core.timecode_map import TimecodeMap, one_track
from beatsync.core.units import ms

TIMECODE_PATTERN: Final = r"^\d{1,2}:\d{1,2}:\d{1,2}[:;]\d{1,2}$"


Sync: TypeAlias = Literal["strict", "freewheel", "jam-sync"]
"""What equipment does when its timecode stops, in the trade's words: it holds, as soon as a few frames are missing; it
goes on for a while, then it holds; once it has locked it goes on for ever."""

_FEW_FRAMES: Final = ms(250)
"""Three codes of MIDI at 24 frames a second, the slowest there is; six frames of everything else."""

USUAL_FOR_TIMECODE: Final = Following(freewheel=ms(2000), when_lost=WhenLost.HOLD)


def timecode_of(value: object) -> Timecode:
    """A timecode as text. Raises GrammarError: YAML reads some unquoted ones as numbers to the base of 60."""
    try:
        return parse_timecode(text_of(value, 'a timecode as text, such as "01:00:00:00"'))
    except TimecodeError as error:
        raise GrammarError(str(error)) from None


ATimecode = Annotated[
    InstanceOf[Timecode],
    BeforeValidator(timecode_of),
    WithJsonSchema({"type": "string", "pattern": TIMECODE_PATTERN, "examples": ["01:00:00:00"]}),
]


class TimecodeModel(FollowingModel):
    """Keys of every feed of timecode."""

    starts_at: ATimecode | None = Field(
        default=None,
        description="the timecode at the track's first sample, in quotes; unsaid: 00:00:00:00",
    )
    sync: Sync | None = Field(
        default=None,
        description="when the timecode stops: hold at once; go on for a while, then hold; go on for ever",
    )

    @model_validator(mode="after")
    def _one_word_for_one_thing(self) -> Self:
        if self.sync == "strict" and self.freewheel is not None:
            raise GrammarError("sync: strict has no freewheel; remove one of the two")
        if self.sync == "jam-sync" and self.when_lost is not None:
            raise GrammarError("sync: jam-sync always goes on; remove it, or when_lost")
        return self

    def tracks(self) -> TimecodeMap:
        """Where the track lies."""
        return one_track(self.starts_at or MIDNIGHT)

    def following(self, usual: Following = USUAL_FOR_TIMECODE) -> Following:
        """`usual`, with what the file says instead."""
        return super().following(_synced(usual, self.sync))


class CodedTimecodeModel(TimecodeModel):
    """Keys of timecode that names its frame rate itself, as one of four."""

    pull_down: bool = Field(
        default=False,
        description="what the sender calls 30 or 24 frames a second is 29.97 or 23.976 without drop-frame",
    )
    varispeed: bool = Field(default=False, description="the timecode may run slower or faster than recorded")


def _synced(usual: Following, sync: Sync | None) -> Following:
    match sync:
        case "strict":
            return replace(usual, freewheel=_FEW_FRAMES, when_lost=WhenLost.HOLD)
        case "jam-sync":
            return replace(usual, when_lost=WhenLost.CONTINUE)
        case _:
            return usual
