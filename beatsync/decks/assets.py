"""Assets and playlists of AudioScape for decks, from the cache or over the network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from beatsync.clock import Clock
from beatsync.core.document import ParsedTrack
from beatsync.sources.library import Refresh
from beatsync.sources.opening import open_library
from beatsync.sources.playlists import FoundPlaylist


async def asset(
    asset_id: str,
    *,
    update: bool,
    force: bool,
    network: bool,
    environment: Mapping[str, str],
    clock: Clock,
    progress: Callable[[str], None],
) -> ParsedTrack:
    """One asset; as Preparation has it. Raises TrackError or SourceError."""
    refresh = Refresh.REPLACE if update else Refresh.IF_MISSING
    async with open_library(environment, clock=clock, network=network, progress=progress) as opened:
        found = await opened.library.get(asset_id, refresh=refresh, force=force)
    return replace(found.parsed, notes=(*opened.notes, *found.notes, *found.parsed.notes))


async def playlist(
    playlist_id: str,
    *,
    network: bool,
    environment: Mapping[str, str],
    clock: Clock,
    progress: Callable[[str], None],
) -> FoundPlaylist:
    """The assets of a playlist; as Preparation has it. Raises TrackError or SourceError."""
    async with open_library(environment, clock=clock, network=network, progress=progress) as opened:
        return await opened.playlists.get(playlist_id)
