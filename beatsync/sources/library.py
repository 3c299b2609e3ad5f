"""Tracks by asset id, from the cache where they are in it and from the network where they are not.

The cached copy is pinned: another structure from the network replaces it only where that was asked for. Network and
disk troubles are notes as long as there is a copy to play. Never chooses an asset, and never parses in the event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Protocol

import trio

from beatsync.clock import Clock
from beatsync.core.document import ParsedTrack, parse_track
from beatsync.core.notes import Note
from beatsync.core.units import WallNs, seconds_from_ns
from beatsync.errors import BeatsyncError, SourceError, TrackError
from beatsync.sources.assets import check_identity, source_name
from beatsync.sources.audioscape import Fetched
from beatsync.sources.cache import Absent, Cache, Cached


class Fetcher(Protocol):
    """What the library asks of the network: `AudioScape`, or `Keyless`."""

    async def fetch(self, asset_id: str, *, force: bool = False) -> Fetched:
        """The structure of an asset. Raises UsageError, SourceError or TrackError."""
        ...


class Refresh(StrEnum):
    """When to ask the network."""

    IF_MISSING = "if missing"
    """Only for what is not in the cache."""

    COMPARE = "compare"
    """Always; a structure that differs from the cached one is reported, and the cached one kept."""

    REPLACE = "replace"
    """Always; a structure that differs from the cached one replaces it (`update: true`)."""


class FoundIn(StrEnum):
    """Where a track came from."""

    CACHE = "cache"
    NETWORK = "network"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A track, and how it was come by.

    `notes`: what was met on the way (the document's own are in `parsed.notes`); `fetched_at`: civil time. `stored`:
    whether it is in the cache now.
    """

    parsed: ParsedTrack
    origin: FoundIn
    fetched_at: WallNs
    notes: tuple[Note, ...]
    stored: bool = True


class Outcome(StrEnum):
    """How fetching one asset went."""

    CACHED = "cached"
    FRESH = "fresh"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchReport:
    """One asset of `Library.fetch_all`. `message`: why it failed, else empty; `found`: None where there is none.

    What could be fetched and not stored has failed: it will not be there without a network. `exit_code`: the failure's.
    """

    asset_id: str
    outcome: Outcome
    message: str
    found: Found | None
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class _Copy:
    """A cached document that has been parsed, or None; with the notes of looking for it."""

    parsed: ParsedTrack | None
    fetched_at: WallNs
    notes: tuple[Note, ...]


class Library:
    """The cache and the network as one. Safe to use from several tasks."""

    def __init__(self, client: Fetcher, cache: Cache, *, clock: Clock) -> None:
        """`clock`: for the civil time that is stored with what is fetched."""
        self._client = client
        self._cache = cache
        self._clock = clock

    async def get(self, asset_id: str, *, refresh: Refresh = Refresh.IF_MISSING, force: bool = False) -> Found:
        """The asset's track. `force`: take a document that says it is of another asset.

        Raises UsageError for what is no asset id; SourceError or TrackError where neither cache nor network has it.
        """
        copy = await trio.to_thread.run_sync(partial(self._copy, asset_id, force=force))
        if copy.parsed and refresh is Refresh.IF_MISSING:
            return _from_cache(copy.parsed, copy)
        try:
            fetched = await self._client.fetch(asset_id, force=force)
        except (SourceError, TrackError) as error:
            if copy.parsed is None:
                raise _explained(error, copy.notes) from None
            return _from_cache(copy.parsed, copy, f"{error}; going on with the cached copy of {_date(copy.fetched_at)}")
        if copy.parsed is None or refresh is Refresh.REPLACE:
            return await self._kept(asset_id, fetched, copy)
        if copy.parsed.track == fetched.parsed.track:
            return _from_cache(copy.parsed, copy)
        return _from_cache(copy.parsed, copy, f"{source_name(asset_id)}: {_differs(copy)}")

    async def fetch_all(
        self,
        asset_ids: Sequence[str],
        *,
        limit: int = 4,
        refresh: Refresh = Refresh.IF_MISSING,
        progress: Callable[[FetchReport], None] | None = None,
    ) -> tuple[FetchReport, ...]:
        """Each asset once, in the order first named, at most `limit` (1 or more) at the same time.

        `progress` is told of each as it ends. One that fails stops no other, and nothing is raised for it.
        """
        wanted = tuple(dict.fromkeys(asset_ids))
        reports: dict[str, FetchReport] = {}
        places = trio.CapacityLimiter(limit)

        async def fetch_one(asset_id: str) -> None:
            async with places:
                reports[asset_id] = report = await self._report(asset_id, refresh)
            if progress:
                progress(report)

        async with trio.open_nursery() as nursery:
            for asset_id in wanted:
                nursery.start_soon(fetch_one, asset_id)
        return tuple(reports[asset_id] for asset_id in wanted)

    async def _report(self, asset_id: str, refresh: Refresh) -> FetchReport:
        try:
            found = await self.get(asset_id, refresh=refresh)
        except BeatsyncError as error:
            return FetchReport(
                asset_id=asset_id, outcome=Outcome.FAILED, message=str(error), found=None, exit_code=error.exit_code
            )
        if not found.stored:
            message = "; ".join(map(str, found.notes))
            return FetchReport(
                asset_id=asset_id,
                outcome=Outcome.FAILED,
                message=message,
                found=found,
                exit_code=SourceError.exit_code,
            )
        outcome = Outcome.CACHED if found.origin is FoundIn.CACHE else Outcome.FRESH
        return FetchReport(asset_id=asset_id, outcome=outcome, message="", found=found)

    def _copy(self, asset_id: str, *, force: bool) -> _Copy:
        """The cached copy, read and parsed; one that cannot be parsed any longer is set aside. Blocks."""
        match self._cache.read(asset_id):
            case Absent(notes):
                return _Copy(None, WallNs(0), notes)
            case Cached(document, fetched_at):
                try:
                    parsed = parse_track(document, source=f"{source_name(asset_id)} (cached)")
                except TrackError as error:
                    return _Copy(None, fetched_at, (self._cache.set_aside(asset_id, f"cannot be used ({error})"),))
        try:
            check_identity(parsed, asset_id, force=force)
        except TrackError as error:  # left in its place: force may want it again
            return _Copy(None, fetched_at, (Note("", f"{error} (cached)"),))
        return _Copy(parsed, fetched_at, ())

    async def _kept(self, asset_id: str, fetched: Fetched, copy: _Copy) -> Found:
        """What was fetched, stored."""
        now = self._clock.wall()
        troubles = await trio.to_thread.run_sync(partial(self._cache.store, asset_id, fetched.document, now))
        return Found(
            parsed=fetched.parsed,
            origin=FoundIn.NETWORK,
            fetched_at=now,
            notes=copy.notes + troubles,
            stored=not troubles,
        )


def _from_cache(parsed: ParsedTrack, copy: _Copy, remark: str = "") -> Found:
    notes = (*copy.notes, Note("", remark)) if remark else copy.notes
    return Found(parsed=parsed, origin=FoundIn.CACHE, fetched_at=copy.fetched_at, notes=notes)


def _explained(error: SourceError | TrackError, notes: tuple[Note, ...]) -> SourceError | TrackError:
    """The error, with what was wrong with the cached copy that should have helped out."""
    return type(error)("; ".join((str(error), *map(str, notes))))


def _differs(copy: _Copy) -> str:
    return (
        f"AudioScape now has another structure; keeping the copy of {_date(copy.fetched_at)}, "
        f"say update: true to replace it"
    )


def _date(wall: WallNs) -> str:
    """`2026-05-01 21:04 UTC`; a wall time that no calendar holds is a damaged clock's, and said so."""
    try:
        return datetime.fromtimestamp(seconds_from_ns(wall), tz=UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        return "an unknown date"
