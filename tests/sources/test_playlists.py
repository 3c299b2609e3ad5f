"""Playlists of AudioScape: read, fetched, kept, and played as set lists."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from beatsync.clock import SystemClock
from beatsync.config.read import read_config
from beatsync.decks.preparing import Preparation
from beatsync.decks.show import prepare_show
from beatsync.errors import BeatsyncError, SourceRefused, SourceUnreachable, TrackError, UsageError
from beatsync.sources.audioscape import AudioScape, Keyless
from beatsync.sources.cache import Cache, Kind
from beatsync.sources.playlist_document import parse_playlist
from beatsync.sources.playlists import Playlists
from tests.sources.audioscape_server import PLAYLIST_PATH, AudioScapeServer, hang_up, page, status, truncated
from tests.sources.clients import KEY
from tests.sources.documents import ASSET, OTHER_ASSET, document
from tests.system.program import beatsync, environment

CLOCK = SystemClock()
PLAYLIST = "77"
CONFIGURATION = f"setlist: {{playlist: '{PLAYLIST}'}}\ntargets: {{lights: 'osc.udp://127.0.0.1:7700'}}\n"


def listed(*tracks: object) -> bytes:
    return json.dumps({"playlist_id": PLAYLIST, "tracks": tracks}).encode()


def track(asset_id: str, position: float | None) -> dict[str, object]:
    return {"asset_id": asset_id, "position": position, "duration": 91.5, "bpm": 128}


TWO = listed(track(OTHER_ASSET, 2), track(ASSET, 1))


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache", Kind.PLAYLIST)


def test_tracks_go_by_their_positions_and_without_them_as_they_stand() -> None:
    assert parse_playlist(TWO, source="p") == (ASSET, OTHER_ASSET)
    assert parse_playlist(listed(track("2", None), track("1", 1)), source="p") == ("2", "1")
    assert parse_playlist(listed({"asset_id": 5}, {"asset_id": "4"}), source="p") == ("5", "4")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "empty"),
        (b"[]", "expected an object"),
        (b"{}", "the playlist.tracks: missing"),
        (b'{"error": "nope"}', 'an error message: text "nope"'),
        (listed(), "it has no tracks"),
        (listed("1"), "tracks[0]: expected an object"),
        (listed({}), "tracks[0].asset_id: missing"),
        (listed({"asset_id": "../x"}), 'tracks[0].asset_id: expected text of 1 to 20 digits, got text "../x"'),
        (listed({"asset_id": True}), "tracks[0].asset_id"),
        (listed({"asset_id": "1", "position": "first"}), "tracks[0].position: expected a number"),
        (b'{"tracks": {}}', "tracks: expected a list"),
        (b"<html>", "web page"),
    ],
)
def test_what_is_no_playlist_is_said_with_its_place(text: bytes, says: str) -> None:
    """K7 among them: an asset id reaches a file name."""
    with pytest.raises(TrackError) as caught:
        parse_playlist(text, source="audioscape playlist 77")
    assert says in str(caught.value)
    assert str(caught.value).startswith("audioscape playlist 77: ")


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text()),
    lambda inner: st.one_of(
        st.lists(inner), st.dictionaries(st.sampled_from(["tracks", "asset_id", "position", "error", "x"]), inner)
    ),
)


@given(VALUES)
def test_any_json_is_a_playlist_or_refused(value: object) -> None:
    with suppress(TrackError):
        assert parse_playlist(json.dumps(value).encode(), source="p")


async def test_a_playlist_is_asked_for_by_the_contract(server: AudioScapeServer, client: AudioScape) -> None:
    server.playlists[PLAYLIST] = TWO
    assert (await client.fetch_playlist(PLAYLIST)).asset_ids == (ASSET, OTHER_ASSET)
    (request,) = server.seen
    assert (request.method, request.path, request.headers["x-api-key"]) == ("POST", PLAYLIST_PATH, KEY)
    assert json.loads(request.body) == {"playlist_id": PLAYLIST}


@pytest.mark.parametrize(
    ("fault", "error", "says"),
    [
        (status(404), SourceRefused, "unknown playlist (404); check the playlist id"),
        (status(401), SourceRefused, "check AUDIOSCAPE_API_KEY"),
        (status(500), SourceUnreachable, "tried 3 times"),
        (status(429, Retry_After="99999"), SourceUnreachable, "too many requests"),
        (page("<html>log in"), SourceUnreachable, "log in to the network"),
        (hang_up(), SourceUnreachable, "audioscape playlist 77"),
        (truncated(TWO), SourceUnreachable, "audioscape playlist 77"),
        (status(200, b'{"tracks": 7}'), TrackError, "tracks: expected a list"),
        (status(200, listed({"asset_id": KEY})), SourceRefused, "the key that it was sent"),
    ],
)
async def test_what_goes_wrong_is_said_of_the_playlist_and_never_shows_the_key(
    fault: object, error: type[BeatsyncError], says: str, server: AudioScapeServer, client: AudioScape
) -> None:
    server.always = fault  # type: ignore[assignment]
    with pytest.raises(error) as caught:
        await client.fetch_playlist(PLAYLIST)
    assert says in str(caught.value)
    assert KEY not in str(caught.value)


async def test_what_was_fetched_is_kept_and_stays_until_it_is_asked_for_anew(
    server: AudioScapeServer, client: AudioScape, cache: Cache
) -> None:
    playlists = Playlists(client, cache, CLOCK)
    server.playlists[PLAYLIST] = TWO
    assert (await playlists.get(PLAYLIST)).asset_ids == (ASSET, OTHER_ASSET)
    server.playlists[PLAYLIST] = listed(track(ASSET, 1))
    assert (await playlists.get(PLAYLIST)).asset_ids == (ASSET, OTHER_ASSET)
    assert (await playlists.get(PLAYLIST, anew=True)).asset_ids == (ASSET,)
    server.always = status(503)
    found = await playlists.get(PLAYLIST, anew=True)
    assert found.asset_ids == (ASSET,)
    assert "going on with the cached copy" in str(found.notes[0])
    assert (await Playlists(Keyless("no key"), cache, CLOCK).get(PLAYLIST)).asset_ids == (ASSET,)


async def test_a_copy_that_cannot_be_used_is_set_aside(
    server: AudioScapeServer, client: AudioScape, cache: Cache
) -> None:
    server.playlists[PLAYLIST] = TWO
    cache.store(PLAYLIST, b"{}", CLOCK.wall())
    found = await Playlists(client, cache, CLOCK).get(PLAYLIST)
    assert found.asset_ids == (ASSET, OTHER_ASSET)
    assert "audioscape playlist 77: the cached copy cannot be used" in str(found.notes[0])


async def test_a_playlist_and_a_track_of_one_id_are_kept_apart(tmp_path: Path) -> None:
    tracks, playlists = Cache(tmp_path), Cache(tmp_path, Kind.PLAYLIST)
    tracks.store(PLAYLIST, b"track", CLOCK.wall())
    playlists.store(PLAYLIST, b"playlist", CLOCK.wall())
    assert tracks.read(PLAYLIST) != playlists.read(PLAYLIST)
    playlists.path_of(PLAYLIST).rename(tracks.path_of(PLAYLIST))
    assert "no track document" in str(tracks.read(PLAYLIST))


async def test_an_id_that_is_none_asks_for_nothing(server: AudioScapeServer, client: AudioScape, cache: Cache) -> None:
    """K7"""
    for one in ("../etc", "7" * 21, "", "7\0"):
        with pytest.raises(UsageError):
            await client.fetch_playlist(one)
        with pytest.raises(UsageError):
            await Playlists(client, cache, CLOCK).get(one)
    assert server.seen == []


async def test_a_show_plays_a_playlist_as_its_set_list(server: AudioScapeServer, tmp_path: Path) -> None:
    """And once it has been fetched, with the network down too."""
    server.playlists[PLAYLIST] = TWO
    server.documents[OTHER_ASSET] = document().replace(ASSET.encode(), OTHER_ASSET.encode())
    env = {"AUDIOSCAPE_URL": server.url, "AUDIOSCAPE_API_KEY": KEY, "BEATSYNC_CACHE": str(tmp_path)}
    configuration = read_config(CONFIGURATION.encode(), path=Path("show.yaml"))
    preparation = Preparation(environment=env, clock=CLOCK)
    show = await prepare_show(configuration, preparation)
    material, place = show.loaded["main"]
    assert (material.name, place) == (f"asset {ASSET}", 0)
    setlist = show.configuration.decks["main"].setlist
    assert setlist is not None
    assert len(setlist.tracks) == 2  # type: ignore[arg-type]
    server.always = status(503)
    again = await prepare_show(configuration, Preparation(environment=env, clock=CLOCK, network=False))
    assert again.loaded["main"][0].name == f"asset {ASSET}"


async def test_a_playlist_that_cannot_be_had_is_why_the_show_does_not_start(
    server: AudioScapeServer, tmp_path: Path
) -> None:
    env = {"AUDIOSCAPE_URL": server.url, "AUDIOSCAPE_API_KEY": KEY, "BEATSYNC_CACHE": str(tmp_path)}
    configuration = read_config(CONFIGURATION.encode(), path=Path("show.yaml"))
    with pytest.raises(SourceRefused, match=r"audioscape playlist 77: unknown playlist \(404\)"):
        await prepare_show(configuration, Preparation(environment=env, clock=CLOCK))


async def test_the_command_line_fetches_and_plans_it(server: AudioScapeServer, tmp_path: Path) -> None:
    server.playlists[PLAYLIST] = TWO
    server.documents[OTHER_ASSET] = document().replace(ASSET.encode(), OTHER_ASSET.encode())
    env = environment(tmp_path, AUDIOSCAPE_URL=server.url, AUDIOSCAPE_API_KEY=KEY)
    (tmp_path / "show.yaml").write_text(CONFIGURATION)
    fetched = await trio.to_thread.run_sync(lambda: beatsync("fetch", tmp_path / "show.yaml", env=env))
    assert (fetched.returncode, fetched.stdout.splitlines()[-1]) == (0, "2 tracks: 0 cached, 2 fresh, 0 failed")
    server.always = status(503)
    planned = await trio.to_thread.run_sync(
        lambda: beatsync("plan", tmp_path / "show.yaml", "--track", "#2", "--json", env=env)
    )
    assert planned.returncode == 0, planned.stderr
    assert json.loads(planned.stdout)["cues"]
