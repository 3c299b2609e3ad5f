"""Playlists by their ids, from the cache where they are in it and from the network where they are not.

As with tracks the cached copy is pinned: a show plays what was fetched for it, until somebody asks for what is new.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Protocol

import trio

from beatsync.clock import Clock
from beatsync.core.notes import Note
from beatsync.errors import SourceError, TrackError
from beatsync.sources.assets import playlist_name
from beatsync.sources.audioscape import FetchedPlaylist
from beatsync.sources.cache import Absent, Cache, Cached
from beatsync.sources.playlist_document import parse_playlist


class PlaylistFetcher(Protocol):
    """What is asked of the network."""

    async def fetch_playlist(self, playlist_id: str) -> FetchedPlaylist:
        """Raises UsageError, SourceError or TrackError."""
        ...


@dataclass(frozen=True, slots=True)
class FoundPlaylist:
    """The assets of a playlist in order, and what was met on the way."""

    asset_ids: tuple[str, ...]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Playlists:
    """The cache and the network as one."""

    client: PlaylistFetcher
    cache: Cache
    clock: Clock

    async def get(self, playlist_id: str, *, anew: bool = False) -> FoundPlaylist:
        """The playlist's assets. `anew`: as they are now, where the network has them.

        Raises UsageError for what is no id; SourceError or TrackError where neither cache nor network has it.
        """
        copy, notes = await trio.to_thread.run_sync(partial(self._copy, playlist_id))
        if copy is not None and not anew:
            return FoundPlaylist(copy, notes)
        try:
            fetched = await self.client.fetch_playlist(playlist_id)
        except (SourceError, TrackError) as error:
            if copy is None:
                raise
            return FoundPlaylist(copy, (*notes, Note("", f"{error}; going on with the cached copy")))
        store = partial(self.cache.store, playlist_id, fetched.document, self.clock.wall())
        return FoundPlaylist(fetched.asset_ids, notes + await trio.to_thread.run_sync(store))

    def _copy(self, playlist_id: str) -> tuple[tuple[str, ...] | None, tuple[Note, ...]]:
        """The cached copy, if it can be used. Blocks."""
        match self.cache.read(playlist_id):
            case Absent(notes):
                return None, notes
            case Cached(document, _):
                try:
                    return parse_playlist(document, source=f"{playlist_name(playlist_id)} (cached)"), ()
                except TrackError as error:
                    return None, (self.cache.set_aside(playlist_id, f"cannot be used ({error})"),)
