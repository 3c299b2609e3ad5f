"""What all shapes of a configuration have in common."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """No unknown keys, no conversions. `written`: how it is written, for messages to those who wrote something else."""

    written: ClassVar[str] = "a mapping"

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)
