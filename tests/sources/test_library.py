"""What is taken from the cache, what from the network, and what is said about it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import trio

from beatsync.clock import TrioClock
from beatsync.core.document import parse_track
from beatsync.core.units import WallNs, ms
from beatsync.errors import BeatsyncError, SourceRefused, SourceUnreachable, TrackError, UsageError
from beatsync.sources.assets import check_identity
from beatsync.sources.audioscape import AudioScape, Fetched, Keyless
from beatsync.sources.cache import Cache, Cached
from beatsync.sources.library import FetchReport, FoundIn, Library, Outcome, Refresh
from tests.sources.audioscape_server import AudioScapeServer, Fault, page, silence, status
from tests.sources.clients import KEY, QUICK, client_of
from tests.sources.documents import ASSET, OTHER_ASSET, document

THEN = WallNs(1_600_000_000_000_000_000)
NEWER = document(bpm=121.0)


@dataclass
class Network:
    """A `Fetcher` over a mapping: a document or an error for each asset. Waits until `crowd` have asked at once."""

    answers: dict[str, bytes | BeatsyncError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    crowd: int = 1
    crowded: trio.Event = field(default_factory=trio.Event)
    at_once: int = 0
    most_at_once: int = 0

    async def fetch(self, asset_id: str, *, force: bool = False) -> Fetched:
        self.asked.append(asset_id)
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        if self.at_once == self.crowd:
            self.crowded.set()
        await self.crowded.wait()
        self.at_once -= 1
        answer = self.answers.get(asset_id, SourceUnreachable("no network"))
        if isinstance(answer, BeatsyncError):
            raise answer
        parsed = parse_track(answer, source="network")
        check_identity(parsed, asset_id, force=force)
        return Fetched(answer, parsed)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def network() -> Network:
    return Network({ASSET: document()})


@pytest.fixture
def library(network: Network, cache: Cache) -> Library:
    return Library(network, cache, clock=TrioClock())


async def test_what_is_missing_is_fetched_once_and_then_cached(
    library: Library, network: Network, cache: Cache
) -> None:
    first = await library.get(ASSET)
    second = await library.get(ASSET)
    assert (first.origin, second.origin) == (FoundIn.NETWORK, FoundIn.CACHE)
    assert first.parsed.track == second.parsed.track
    assert first.fetched_at == second.fetched_at
    assert first.notes == second.notes == ()
    assert network.asked == [ASSET]


@pytest.mark.parametrize("refresh", [Refresh.COMPARE, Refresh.REPLACE])
@pytest.mark.parametrize(
    "error",
    [SourceUnreachable("no network"), SourceRefused("401: key"), SourceRefused("404"), TrackError("not a track")],
)
async def test_whatever_the_network_says_a_cached_copy_plays_on(
    library: Library, network: Network, cache: Cache, refresh: Refresh, error: BeatsyncError
) -> None:
    """A2, A3, A12: refreshing may fail; the show goes on with what is there, and is told once."""
    cache.store(ASSET, document(), THEN)
    network.answers[ASSET] = error
    found = await library.get(ASSET, refresh=refresh)
    assert found.origin is FoundIn.CACHE
    (note,) = found.notes
    assert str(note) == f"{error}; going on with the cached copy of 2020-09-13 12:26 UTC"


async def test_a_failure_without_a_copy_is_the_networks_own_error(library: Library) -> None:
    with pytest.raises(SourceUnreachable, match=r"^no network$"):
        await library.get(OTHER_ASSET)


async def test_a_failure_beside_a_damaged_copy_says_both(library: Library, network: Network, cache: Cache) -> None:
    """I17."""
    cache.store(ASSET, document(), THEN)
    cache.path_of(ASSET).write_bytes(b"rubbish")
    network.answers.clear()
    with pytest.raises(SourceUnreachable, match=r"^no network; audioscape \d+: the cached copy is no track document"):
        await library.get(ASSET)


async def test_another_structure_than_the_pinned_one_is_told_and_not_taken(
    library: Library, network: Network, cache: Cache
) -> None:
    """A13."""
    cache.store(ASSET, document(), THEN)
    network.answers[ASSET] = NEWER
    found = await library.get(ASSET, refresh=Refresh.COMPARE)
    assert found.parsed.track.bpm == 120
    assert "another structure; keeping the copy of 2020-09-13 12:26 UTC, say update: true" in str(found.notes[0])
    assert cache.read(ASSET) == Cached(document(), THEN)


async def test_another_structure_replaces_the_pinned_one_where_that_was_asked_for(
    library: Library, network: Network, cache: Cache
) -> None:
    """A13."""
    cache.store(ASSET, document(), THEN)
    network.answers[ASSET] = NEWER
    found = await library.get(ASSET, refresh=Refresh.REPLACE)
    assert (found.origin, found.parsed.track.bpm, found.notes) == (FoundIn.NETWORK, 121, ())
    assert (await library.get(ASSET)).parsed.track.bpm == 121


async def test_the_same_structure_in_other_bytes_is_no_difference(
    library: Library, network: Network, cache: Cache
) -> None:
    """A13."""
    cache.store(ASSET, document(), THEN)
    network.answers[ASSET] = json.dumps(json.loads(document()), indent=2, sort_keys=True).encode()
    found = await library.get(ASSET, refresh=Refresh.COMPARE)
    assert (found.origin, found.notes) == (FoundIn.CACHE, ())


async def test_a_damaged_copy_is_fetched_again_and_told(library: Library, network: Network, cache: Cache) -> None:
    """I17."""
    cache.store(ASSET, document(), THEN)
    path = cache.path_of(ASSET)
    path.write_bytes(path.read_bytes()[:-5])
    found = await library.get(ASSET)
    assert found.origin is FoundIn.NETWORK
    assert "the cached copy is damaged" in str(found.notes[0])
    assert (await library.get(ASSET)).origin is FoundIn.CACHE


async def test_a_copy_that_no_longer_parses_is_fetched_again_and_told(library: Library, cache: Cache) -> None:
    """I17: whole, and yet no track: stored by a version that asked for less."""
    cache.store(ASSET, b'{"beat_grid": 7}', THEN)
    found = await library.get(ASSET)
    assert found.origin is FoundIn.NETWORK
    assert "the cached copy cannot be used" in str(found.notes[0])


async def test_a_document_of_another_asset_needs_force_from_the_cache_as_well(
    library: Library, network: Network, cache: Cache
) -> None:
    """I15."""
    network.answers[ASSET] = document(OTHER_ASSET)
    with pytest.raises(TrackError, match=r"track\.force: true"):
        await library.get(ASSET)
    assert (await library.get(ASSET, force=True)).origin is FoundIn.NETWORK
    with pytest.raises(TrackError, match=r"track\.force: true"):
        await library.get(ASSET)
    assert (await library.get(ASSET, force=True)).origin is FoundIn.CACHE


async def test_a_cache_that_cannot_be_written_costs_a_note_and_not_the_track(network: Network, tmp_path: Path) -> None:
    """H8, H9."""
    (tmp_path / "file").touch()
    library = Library(network, Cache(tmp_path / "file" / "cache"), clock=TrioClock())
    found = await library.get(ASSET)
    assert found.origin is FoundIn.NETWORK
    assert "could not be stored" in str(found.notes[-1])


async def test_without_a_key_the_cache_still_plays(cache: Cache) -> None:
    """C10."""
    library = Library(Keyless("no key; set AUDIOSCAPE_API_KEY"), cache, clock=TrioClock())
    cache.store(ASSET, document(), THEN)
    assert (await library.get(ASSET)).origin is FoundIn.CACHE
    with pytest.raises(SourceRefused, match="no key"):
        await library.get(OTHER_ASSET)


async def test_no_asset_id_but_digits_passes(library: Library, network: Network) -> None:
    """K7."""
    with pytest.raises(UsageError, match="expected 1 to 20 digits"):
        await library.get("../../etc/passwd")
    assert network.asked == []


async def test_many_are_fetched_once_each_within_the_limit_and_none_stops_another(
    library: Library, network: Network, cache: Cache
) -> None:
    """A12: what `beatsync fetch` does before doors."""
    fresh = [str(number) for number in range(1, 10)]
    network.answers |= {asset_id: document(asset_id) for asset_id in fresh}
    network.answers["404"] = SourceRefused("unknown asset")
    cache.store(ASSET, document(), THEN)
    network.crowd = 3
    told: list[FetchReport] = []
    wanted = [ASSET, "404", *fresh, "nonsense", *fresh, ASSET]
    reports = await library.fetch_all(wanted, limit=3, progress=told.append)
    assert [report.asset_id for report in reports] == [ASSET, "404", *fresh, "nonsense"]
    assert [report.outcome for report in reports] == [
        Outcome.CACHED,
        Outcome.FAILED,
        *[Outcome.FRESH] * len(fresh),
        Outcome.FAILED,
    ]
    assert reports[1].message == "unknown asset"
    assert "expected 1 to 20 digits" in reports[-1].message
    assert all((report.found is None) == (report.outcome is Outcome.FAILED) for report in reports)
    assert sorted(network.asked) == sorted(["404", *fresh])
    assert sorted(told, key=lambda report: report.asset_id) == sorted(reports, key=lambda report: report.asset_id)
    assert network.most_at_once == 3


async def test_nothing_to_fetch_is_done_at_once(library: Library) -> None:
    assert await library.fetch_all([]) == ()


@pytest.mark.parametrize(
    "fault",
    [status(401), status(404), status(429), status(503), status(200, b"{}"), page("<html>"), silence()],
    ids=["A2", "A3", "A4", "A5", "A11", "I1", "A6"],
)
async def test_with_a_real_network_in_trouble_the_cached_copy_plays_on(
    server: AudioScapeServer, cache: Cache, fault: Fault
) -> None:
    """A2, A3, A4, A5, A6, A11, I1."""
    async with client_of(server.url, policy=replace(QUICK, budget=ms(100))) as client:
        cache.store(ASSET, document(), THEN)
        server.always = fault
        found = await Library(client, cache, clock=TrioClock()).get(ASSET, refresh=Refresh.COMPARE)
    assert found.origin is FoundIn.CACHE
    assert "going on with the cached copy of" in str(found.notes[0])


async def test_the_key_is_not_in_the_cache(client: AudioScape, cache: Cache) -> None:
    """C10."""
    await Library(client, cache, clock=TrioClock()).get(ASSET)
    assert KEY.encode() not in cache.path_of(ASSET).read_bytes()
