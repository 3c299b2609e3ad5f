"""mpv as a feed: `{mpv: {socket: /run/mpv.sock}}`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import Field

from beatsync.config.feeds.addresses import ASocket, UnixAddress
from beatsync.config.feeds.common import FollowingModel
from beatsync.core.observation import Following

USUAL: Final = Following()
"""mpv takes its own buffers off the position: what is left (the sound card, the room) is a few milliseconds."""


@dataclass(frozen=True, slots=True)
class MpvPlayer:
    """An mpv, and how it is followed. `socket`: what it was given as --input-ipc-server."""

    socket: UnixAddress
    following: Following = USUAL


class MpvModel(FollowingModel):
    """An mpv that was started with --input-ipc-server."""

    socket: ASocket = Field(description="what mpv was given as --input-ipc-server")

    def choice(self, _folder: Path) -> MpvPlayer:
        """The value that the feed is made from."""
        return MpvPlayer(self.socket, self.following(USUAL))
