"""VLC's web interface as a feed: `{vlc: {port: 8080, password_file: /etc/beatsync/vlc-password}}`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import Field

from beatsync.config.feeds.addresses import AHost, TcpAddress
from beatsync.config.feeds.passwords import PasswordSource, PasswordVariable, WithPassword
from beatsync.core.observation import Following

USUAL: Final = Following()
"""On average VLC's position is right within some ten milliseconds either way."""

USUAL_PORT: Final = 8080
USUAL_VARIABLE: Final = PasswordVariable("VLC_PASSWORD")


@dataclass(frozen=True, slots=True, kw_only=True)
class VlcPlayer:
    """A VLC with its web interface, and how it is followed."""

    address: TcpAddress
    password: PasswordSource = USUAL_VARIABLE
    following: Following = USUAL


class VlcModel(WithPassword):
    """A VLC that was started with its web interface. Where its password is kept is not said: in VLC_PASSWORD."""

    host: AHost = Field(default="127.0.0.1", description="where VLC runs")
    port: int = Field(default=USUAL_PORT, ge=1, le=65535, description="what VLC was given as --http-port")

    def choice(self, folder: Path) -> VlcPlayer:
        """What the file says; paths count from its `folder`."""
        return VlcPlayer(
            address=TcpAddress(self.host, self.port),
            password=self.password_source(folder) or USUAL_VARIABLE,
            following=self.following(USUAL),
        )
