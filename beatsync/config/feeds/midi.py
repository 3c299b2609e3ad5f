"""Which MIDI input a feed reads, as a configuration writes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, TypeAlias

from pydantic import Field, model_validator

from beatsync.config.feeds.common import FollowingModel
from beatsync.config.fields import AnyText
from beatsync.config.plain import GrammarError


@dataclass(frozen=True, slots=True)
class ExistingPort:
    """An input that is there: a part of its name is enough."""

    name: str


@dataclass(frozen=True, slots=True)
class VirtualPort:
    """An input that beatsync makes, for other programs on this machine to connect to."""

    name: str


MidiPort: TypeAlias = ExistingPort | VirtualPort


class MidiModel(FollowingModel):
    """Keys of a feed that reads MIDI."""

    port: AnyText | None = Field(default=None, description="a MIDI input: its name, or a part of it")
    virtual: AnyText | None = Field(default=None, description="the name of an input to make, instead of port")

    @model_validator(mode="after")
    def _one_port(self) -> Self:
        if (self.port is None) == (self.virtual is None):
            got = "neither" if self.port is None else "both"
            raise GrammarError(f'expected port: "USB MIDI", or virtual: beatsync to make one; got {got}')
        return self

    def midi_port(self) -> MidiPort:
        """Which one the file says."""
        return VirtualPort(self.virtual) if self.virtual is not None else ExistingPort(self.port or "")
