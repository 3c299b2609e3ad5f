"""Which AudioScape to ask. The key is no part of it: that is `credentials`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

import httpx

from beatsync.errors import UsageError

DEFAULT_URL: Final = "https://api.audioscape.ai"
URL_VARIABLE: Final = "AUDIOSCAPE_URL"
STRUCTURE_PATH: Final = "/developer/v1/track/structure"
PLAYLIST_PATH: Final = "/developer/v1/playlist"

_HOST: Final = re.compile(r"[\w.:-]+")
_MAX_PORT: Final = 65_535


@dataclass(frozen=True, slots=True)
class AudioScapeSettings:
    """`base_url`: scheme, host, port and perhaps a path, without a slash at the end.

    Raises UsageError where the key would travel in clear text, or where it is no such URL.
    """

    base_url: str = DEFAULT_URL

    def __post_init__(self) -> None:
        """Nobody gets hold of settings that would give the key away."""
        _check(self.base_url)

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> AudioScapeSettings:
        """As AUDIOSCAPE_URL says; AudioScape's own address where it says nothing."""
        return cls((env.get(URL_VARIABLE) or DEFAULT_URL).rstrip("/"))

    @property
    def structure_url(self) -> str:
        """Where a track's structure is asked for."""
        return self.base_url + STRUCTURE_PATH

    @property
    def playlist_url(self) -> str:
        """Where a playlist's tracks are asked for."""
        return self.base_url + PLAYLIST_PATH

    @property
    def host(self) -> str:
        """The host by name, for messages."""
        return httpx.URL(self.base_url).host


def _check(base_url: str) -> None:
    """The URL itself is shown only where no user name or password can be in it."""
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        raise UsageError(f"{URL_VARIABLE}: not a URL; expected something like {DEFAULT_URL}") from None
    if url.userinfo or url.query or url.fragment:
        raise UsageError(f"{URL_VARIABLE}: has a user, a query or a fragment; expected something like {DEFAULT_URL}")
    usable = _HOST.fullmatch(url.host) and (url.port or 0) <= _MAX_PORT
    if url.scheme not in {"http", "https"} or not usable:
        raise UsageError(f"{URL_VARIABLE} {base_url!r}: expected something like {DEFAULT_URL}")
    if url.scheme == "http" and not _is_loopback(url.host):
        raise UsageError(
            f"{URL_VARIABLE} {base_url!r}: plain http is for this machine only, elsewhere the key could be read "
            f"on the way; use https",
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
