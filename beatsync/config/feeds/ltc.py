"""`{feed: {ltc: {device: "USB Audio", channel: 1, fps: 25}}}`: linear timecode, as sound."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, Self, TypeAlias

from pydantic import BeforeValidator, Field, InstanceOf, WithJsonSchema, model_validator

from beatsync.config.feeds.timecode import USUAL_FOR_TIMECODE, TimecodeModel
from beatsync.config.fields import AnyText
from beatsync.config.plain import GrammarError, described
from beatsync.config.strict import Strict
from beatsync.core.observation import Following
from beatsync.core.timecode import EBU, FILM, NON_DROP, NTSC_FILM, SMPTE, FrameRate
from beatsync.core.timecode_map import FROM_MIDNIGHT, TimecodeMap

FRAME_RATES: Final = {rate.name: rate for rate in (NTSC_FILM, FILM, EBU, NON_DROP, SMPTE)}
"""What `fps` may be. Whether 29.97 leaves numbers out, each frame says itself."""


@dataclass(frozen=True, slots=True)
class RawPcm:
    """What the samples of a file without a header are: whole numbers, little-endian, channels interleaved."""

    rate: int
    channels: int = 1
    bits: int = 16


@dataclass(frozen=True, slots=True)
class AudioInput:
    """A sound card's input: a part of its name is enough; None for the system's default."""

    name: str | None


@dataclass(frozen=True, slots=True)
class AudioFile:
    """A file or a named pipe: WAV, or what `raw` says."""

    path: Path
    raw: RawPcm | None = None


AudioChoice: TypeAlias = AudioInput | AudioFile


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowLtc:
    """Follow linear timecode. `channel`: which one it is on, from 1; `fps`: NON_DROP also stands for drop-frame."""

    audio: AudioChoice
    fps: FrameRate
    channel: int = 1
    tracks: TimecodeMap = FROM_MIDNIGHT
    following: Following = USUAL_FOR_TIMECODE


def frame_rate_of(value: object) -> FrameRate:
    """A frame rate by its number. Raises GrammarError."""
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        for name, rate in FRAME_RATES.items():
            if value in {name, float(name)}:
                return rate
    *others, last = FRAME_RATES
    raise GrammarError(f"expected one of {', '.join(others)} and {last}, got {described(value)}")


AFrameRate = Annotated[
    InstanceOf[FrameRate],
    BeforeValidator(frame_rate_of),
    WithJsonSchema({"enum": [float(name) if "." in name else int(name) for name in FRAME_RATES]}),
]


class RawModel(Strict):
    """The samples of a file without a header."""

    rate: int = Field(ge=8_000, le=192_000, description="samples a second")
    channels: int = Field(default=1, ge=1, le=64, description="how many are interleaved")
    bits: Literal[8, 16, 24, 32] = Field(default=16, description="of a sample; little-endian, 8 unsigned")


class LtcModel(TimecodeModel):
    """Linear timecode, as sound."""

    device: AnyText | None = Field(default=None, description="a sound card's input: a part of its name, or default")
    file: AnyText | None = Field(default=None, description="a WAV file or a named pipe, instead of device")
    raw: RawModel | None = Field(default=None, description="what is in a file without a WAV header")
    channel: int = Field(default=1, ge=1, le=64, description="the channel that the timecode is on")
    fps: AFrameRate = Field(description="frames a second")

    @model_validator(mode="after")
    def _one_input(self) -> Self:
        if (self.device is None) == (self.file is None):
            got = "neither" if self.device is None else "both"
            raise GrammarError(f'expected device, such as device: "USB Audio", or file; got {got}')
        if self.raw is not None:
            if self.file is None:
                raise GrammarError("raw is for a file; remove it")
            if self.channel > self.raw.channels:
                raise GrammarError(f"channel {self.channel} of {self.raw.channels}; set raw.channels")
        return self

    def choice(self, folder: Path) -> FollowLtc:
        """What the file says; `folder`: where relative paths start."""
        return FollowLtc(
            audio=self._audio(folder),
            fps=self.fps,
            channel=self.channel,
            tracks=self.tracks(),
            following=self.following(),
        )

    def _audio(self, folder: Path) -> AudioChoice:
        if self.file is None:
            return AudioInput(None if self.device == "default" else self.device)
        raw = None if self.raw is None else RawPcm(self.raw.rate, self.raw.channels, self.raw.bits)
        return AudioFile(folder / self.file, raw)
