"""The shape of what makes a show last: edits that go live, and restarts that go on."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from beatsync.config.durations import DURATION_PATTERN, positive_duration_of
from beatsync.config.fields import PositiveDuration
from beatsync.config.strict import Strict
from beatsync.core.units import NS_PER_SECOND, DurationNs

NEVER = "never"


def _within(value: object) -> DurationNs:
    return DurationNs(0) if value == NEVER else positive_duration_of(value)


_WITHIN_SCHEMA: dict[str, Any] = {"anyOf": [{"const": NEVER}, {"type": "string", "pattern": DURATION_PATTERN}]}
Within = Annotated[int, BeforeValidator(_within), WithJsonSchema(_WITHIN_SCHEMA)]


class ReloadModel(Strict):
    """How edits of the show's files go live."""

    watch: bool = Field(default=True, description="edited files are read again by themselves, else only on command")
    poll: PositiveDuration = Field(
        default=2 * NS_PER_SECOND,
        description="how often files are looked at whose disk does not report changes, such as one in the network",
    )


class ResumeModel(Strict):
    """What is gone on with after a crash, or after a reboot of the machine."""

    within: Within = Field(
        default=5 * 60 * NS_PER_SECOND,
        description="how long beatsync may have been away for the show to go on by itself, or never",
    )
