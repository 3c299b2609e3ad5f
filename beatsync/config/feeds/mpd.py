"""MPD as a feed: `{mpd: {host: 127.0.0.1, port: 6600, output: alsa}}`, or `{mpd: {socket: /run/mpd/socket}}`.

MPD's position is that of the sound which it has handed to its output, ahead of what is heard by what the output holds.
How much that is depends on the output, so it has to be said; where it is not, ALSA is assumed and a note says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, Self

from pydantic import Field, model_validator

from beatsync.config.feeds.addresses import Address, AHost, ASocket, TcpAddress
from beatsync.config.feeds.passwords import PasswordSource, WithPassword
from beatsync.config.plain import GrammarError
from beatsync.core.notes import Note
from beatsync.core.observation import Following
from beatsync.core.units import DurationNs, ms

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 6600


class MpdOutput(StrEnum):
    """Where MPD plays to: the `type` of its audio_output."""

    ALSA = "alsa"
    PULSE = "pulse"
    JACK = "jack"
    PIPEWIRE = "pipewire"
    NULL = "null"


USUAL_OFFSETS: Final = MappingProxyType(
    {
        MpdOutput.ALSA: ms(-500),  # its default buffer_time (AlsaOutputPlugin.cxx); a sound card may grant less
        MpdOutput.PULSE: ms(-200),  # measured against the sound: 203 ms
        MpdOutput.JACK: ms(-160),  # measured against the sound: 162 ms
        MpdOutput.PIPEWIRE: ms(-500),  # its ring buffer (PipeWireOutputPlugin.cxx)
        MpdOutput.NULL: ms(0),
    },
)
"""How far MPD's position is ahead of what is heard, negative, with each output as it is usually set up."""

ASSUMED: Final = MpdOutput.ALSA
"""What MPD itself tries first, and what Debian's mpd.conf starts with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MpdServer:
    """An MPD, and how it is followed.

    `output`: where it is taken to play to, which is where `following.offset` comes from; None where the file gives the
    offset itself.
    """

    address: Address
    following: Following
    output: MpdOutput | None = None
    password: PasswordSource | None = None


class MpdModel(WithPassword):
    """An MPD."""

    host: AHost | None = Field(default=None, description=f"where it listens; unsaid: {DEFAULT_HOST}")
    port: int | None = Field(default=None, ge=1, le=65535, description=f"unsaid: {DEFAULT_PORT}")
    socket: ASocket | None = Field(default=None, description="its Unix socket, instead of host and port")
    output: Literal["alsa", "pulse", "jack", "pipewire", "null"] | None = Field(
        default=None,
        description="where it plays to, for a usual offset; say this or offset",
    )

    @model_validator(mode="before")
    @classmethod
    def _misread(cls, value: Any) -> Any:
        if isinstance(value, dict) and "output" in value and value["output"] is None:
            raise GrammarError('output is empty; for an output of MPD\'s type null write output: "null"')
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.socket is not None and (self.host is not None or self.port is not None):
            raise GrammarError("expected socket, or host and port, got both; remove one")
        if self.offset is not None and self.output is not None:
            raise GrammarError("offset and output both say how far MPD is ahead; remove one")
        return self

    def choice(self, folder: Path) -> MpdServer:
        """The value that the feed is made from. `folder`: where the configuration is, for relative paths."""
        address: Address = TcpAddress(self.host or DEFAULT_HOST, self.port or DEFAULT_PORT)
        output = None if self.offset is not None else MpdOutput(self.output or ASSUMED)
        offset = DurationNs(0) if output is None else USUAL_OFFSETS[output]
        return MpdServer(
            address=self.socket or address,
            following=self.following(Following(offset=offset)),
            output=output,
            password=self.password_source(folder),
        )

    def notes(self, place: str) -> Iterator[Note]:
        """What should be known of it. `place`: where it stands in the file: `clock.feed.mpd`."""
        if self.offset is None and self.output is None:
            assumed = -USUAL_OFFSETS[ASSUMED] // ms(1)
            yield Note(
                place,
                f"neither output nor offset is given: taken to play through ALSA, {assumed} ms ahead of the sound; "
                f'say output: alsa, pulse, jack, pipewire or "null", or tune an offset by ear',
            )
