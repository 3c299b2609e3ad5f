"""`{feed: {prodj: {device: 2}}}`: a CDJ's own position, from its network. Experimental: never met real players."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import Field

from beatsync.config.networks import EVERY_ADDRESS, DatagramModel, Network
from beatsync.core.observation import Following

PRO_DJ_LINK_PORT: Final = 50001
USUAL_FOR_PLAYERS: Final = Following()


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowProDjLink:
    """Follow one player of a Pro DJ Link network. `device`: the number that it shows."""

    device: int
    host: str = EVERY_ADDRESS
    port: int = PRO_DJ_LINK_PORT
    senders: tuple[Network, ...] = ()
    following: Following = USUAL_FOR_PLAYERS


class ProDjModel(DatagramModel):
    """A CDJ's own position. Experimental."""

    device: int = Field(ge=1, le=15, description="the player's number, as on its display")
    port: int = Field(default=PRO_DJ_LINK_PORT, ge=1, le=65535, description="UDP port, where it is not the usual one")

    def choice(self, _folder: Path) -> FollowProDjLink:
        """What the file says."""
        return FollowProDjLink(
            device=self.device,
            host=self.host,
            port=self.port,
            senders=self.senders or (),
            following=self.following(USUAL_FOR_PLAYERS),
        )
