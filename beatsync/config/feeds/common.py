"""What every kind of feed can be told: how it is followed."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from pydantic import Field

from beatsync.config.fields import Duration, PositiveDuration
from beatsync.config.strict import Strict
from beatsync.core.observation import Following, WhenLost
from beatsync.core.units import DurationNs


class FollowingModel(Strict):
    """Keys of every feed; what is left out is as usual for its kind."""

    offset: Duration | None = Field(default=None, description="added to every position; negative where it runs ahead")
    freewheel: PositiveDuration | None = Field(
        default=None,
        description="how long playback is believed to go on without a reading",
    )
    when_lost: Literal["continue", "hold", "stop"] | None = Field(
        default=None,
        description="what becomes of playback when the freewheel is over",
    )
    pre_roll: int | None = Field(default=None, ge=1, le=1000, description="readings that must agree at the start")
    confirm: int | None = Field(default=None, ge=1, le=100, description="readings that must agree on a jump")

    def following(self, usual: Following) -> Following:
        """`usual`, with what the file says instead."""
        return replace(
            usual,
            offset=usual.offset if self.offset is None else DurationNs(self.offset),
            freewheel=usual.freewheel if self.freewheel is None else DurationNs(self.freewheel),
            when_lost=usual.when_lost if self.when_lost is None else WhenLost(self.when_lost),
            pre_roll=usual.pre_roll if self.pre_roll is None else self.pre_roll,
            confirm=usual.confirm if self.confirm is None else self.confirm,
        )
