"""Pushed positions as a configuration writes them: a small HTTP listener for games and web pages."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from pydantic import Field

from beatsync.config.feeds.common import FollowingModel
from beatsync.config.feeds.osc_fields import Port
from beatsync.config.fields import AnyText, PositiveDuration
from beatsync.config.networks import LOOPBACK, OwnAddress
from beatsync.config.pages import HostNames, PageOrigin
from beatsync.core.observation import Accuracy, Character, Following, RateKnowledge
from beatsync.core.units import DurationNs, ms

USUAL_PORT: Final = 8090
ROBLOX_INTERVAL: Final = ms(125)
"""500 requests a minute are what a Roblox server may send (feeds.md): 8 a second, with something left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSettings:
    """A push feed. `origins`: pages that may push; `hosts`: names, beside addresses, that this machine goes by.

    `token_file`: where the token is that every push must carry; other places are looked at too.
    """

    port: int
    host: str
    character: Character
    following: Following
    origins: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    token_file: Path | None = None

    @property
    def name(self) -> str:
        """What people call it."""
        return f"push port {self.port}"

    @property
    def is_public(self) -> bool:
        """Whether other machines can reach it: then every push must carry the token."""
        return not ip_address(self.host).is_loopback


class PushModel(FollowingModel):
    """Positions that games and web pages push over HTTP or a web socket."""

    port: Port = Field(default=USUAL_PORT, description="TCP port that they are pushed to")
    host: OwnAddress = Field(default=LOOPBACK, description="address of this machine; others than loopback need a token")
    token_file: AnyText | None = Field(default=None, description="path of a file that holds the token")
    origins: list[PageOrigin] = Field(default=[], max_length=64, description="origins of web pages that may push")
    hosts: HostNames = Field(default=[])
    interval: PositiveDuration = Field(default=ROBLOX_INTERVAL, description="usual time between two positions")

    def choice(self, folder: Path) -> PushSettings:
        """The feed that a model of good shape describes. `folder`: what paths are relative to."""
        loopback = ip_address(self.host).is_loopback
        return PushSettings(
            port=self.port,
            host=self.host,
            character=Character(
                accuracy=Accuracy.B if loopback else Accuracy.C,
                interval=DurationNs(self.interval),
                rate=RateKnowledge.REPORTED,
            ),
            following=self.following(Following()),
            origins=frozenset(self.origins),
            hosts=frozenset(self.hosts),
            token_file=folder / self.token_file if self.token_file else None,
        )
