"""`{feed: {artnet: {stream: 0, starts_at: "01:00:00:00"}}}`: timecode over Art-Net."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import Field

from beatsync.config.feeds.timecode import USUAL_FOR_TIMECODE, CodedTimecodeModel
from beatsync.config.networks import EVERY_ADDRESS, DatagramModel, Network
from beatsync.core.observation import Following
from beatsync.core.timecode_map import FROM_MIDNIGHT, TimecodeMap

ARTNET_PORT: Final = 6454


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowArtnet:
    """Follow ArtTimeCode.

    `stream`: which one of those on the network; `pull_down`: its 24 and 30 are 23.976 and 29.97; `varispeed`: it may
    run at any speed.
    """

    stream: int = 0
    host: str = EVERY_ADDRESS
    port: int = ARTNET_PORT
    senders: tuple[Network, ...] = ()
    tracks: TimecodeMap = FROM_MIDNIGHT
    pull_down: bool = False
    varispeed: bool = False
    following: Following = USUAL_FOR_TIMECODE


class ArtnetModel(CodedTimecodeModel, DatagramModel):
    """Timecode over Art-Net."""

    stream: int = Field(default=0, ge=0, le=255, description="the sender's stream id")
    port: int = Field(default=ARTNET_PORT, ge=1, le=65535, description="UDP port, where it is not the usual one")

    def choice(self, _folder: Path) -> FollowArtnet:
        """What the file says."""
        return FollowArtnet(
            stream=self.stream,
            host=self.host,
            port=self.port,
            senders=self.senders or (),
            tracks=self.tracks(),
            pull_down=self.pull_down,
            varispeed=self.varispeed,
            following=self.following(),
        )
