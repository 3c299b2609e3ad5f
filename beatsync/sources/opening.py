"""The library as the environment describes it: the one place that puts settings, key, client and cache together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import trio

from beatsync.clock import Clock
from beatsync.core.notes import Note
from beatsync.errors import SourceRefused
from beatsync.folders import cache_folder
from beatsync.sources.audioscape import AudioScape, Keyless
from beatsync.sources.cache import Cache, Kind
from beatsync.sources.credentials import find_api_key
from beatsync.sources.library import Library
from beatsync.sources.playlists import Playlists
from beatsync.sources.settings import AudioScapeSettings


@dataclass(frozen=True, slots=True)
class OpenedLibrary:
    """The library and the playlists, and what should be known of how the key is kept."""

    library: Library
    playlists: Playlists
    notes: tuple[Note, ...]


@asynccontextmanager
async def open_library(
    env: Mapping[str, str],
    *,
    clock: Clock,
    network: bool = True,
    progress: Callable[[str], None] = lambda _text: None,
) -> AsyncIterator[OpenedLibrary]:
    """The library for as long as the context lasts. Without a key it has what is in the cache, and says so on asking.

    Without `network` it has what is in the cache and asks for nothing. `progress`: is told what the network is asked.
    Raises UsageError where AUDIOSCAPE_URL cannot be used.
    """
    settings = AudioScapeSettings.from_environment(env)
    folder = cache_folder(env)

    def opened(client: AudioScape | Keyless, notes: tuple[Note, ...] = ()) -> OpenedLibrary:
        library = Library(client, Cache(folder), clock=clock)
        return OpenedLibrary(library, Playlists(client, Cache(folder, Kind.PLAYLIST), clock), notes)

    if not network:
        yield opened(Keyless("the network was not asked; beatsync fetch gets it"))
        return
    try:
        credential = await trio.to_thread.run_sync(find_api_key, env)
    except SourceRefused as error:
        yield opened(Keyless(str(error)))
        return
    async with AudioScape(settings, credential.key, clock=clock, progress=progress) as client:
        yield opened(client, credential.notes)
