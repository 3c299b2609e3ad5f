"""The library as the environment describes it, and the stand-in server as the tests of the command line start it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from beatsync.clock import SystemClock
from beatsync.errors import SourceRefused, UsageError
from beatsync.sources.library import FoundIn
from beatsync.sources.opening import open_library
from tests.sources.audioscape_server import AudioScapeServer
from tests.sources.clients import KEY
from tests.sources.documents import ASSET, document


async def test_a_track_is_fetched_and_then_found_without_server_or_key(
    server: AudioScapeServer, tmp_path: Path
) -> None:
    """A12."""
    folder = {"BEATSYNC_CACHE": str(tmp_path)}
    env = {**folder, "AUDIOSCAPE_URL": server.url, "AUDIOSCAPE_API_KEY": KEY}
    async with open_library(env, clock=SystemClock()) as opened:
        assert opened.notes == ()
        assert (await opened.library.get(ASSET)).origin is FoundIn.NETWORK
    async with open_library(folder, clock=SystemClock()) as opened:
        assert (await opened.library.get(ASSET)).origin is FoundIn.CACHE
        with pytest.raises(SourceRefused, match="no key; set AUDIOSCAPE_API_KEY"):
            await opened.library.get("1")


async def test_a_key_file_that_others_can_read_is_told_on_opening(server: AudioScapeServer, tmp_path: Path) -> None:
    """C10."""
    path = tmp_path / "key"
    path.write_text(KEY)
    path.chmod(0o644)
    env = {"AUDIOSCAPE_API_KEY_FILE": str(path), "AUDIOSCAPE_URL": server.url, "BEATSYNC_CACHE": str(tmp_path)}
    async with open_library(env, clock=SystemClock()) as opened:
        assert "chmod 600" in str(opened.notes[0])
        assert (await opened.library.get(ASSET)).origin is FoundIn.NETWORK


async def test_an_address_that_cannot_be_used_is_refused_on_opening(tmp_path: Path) -> None:
    env = {"AUDIOSCAPE_URL": "http://api.audioscape.ai", "AUDIOSCAPE_API_KEY": KEY, "BEATSYNC_CACHE": str(tmp_path)}
    with pytest.raises(UsageError, match="use https"):
        async with open_library(env, clock=SystemClock()):
            pass


@contextmanager
def stand_in(*arguments: str) -> Iterator[str]:
    """The stand-in server as a process of its own; its base URL."""
    command = [sys.executable, "-m", "tests.sources.audioscape_server", "--port", "0", "--key", KEY, *arguments]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


async def test_the_stand_in_serves_from_a_shell(tmp_path: Path) -> None:
    path = tmp_path / "track.json"
    path.write_bytes(document())
    with stand_in("--document", str(path)) as url:
        env = {"AUDIOSCAPE_URL": url, "AUDIOSCAPE_API_KEY": KEY, "BEATSYNC_CACHE": str(tmp_path)}
        async with open_library(env, clock=SystemClock()) as opened:
            assert (await opened.library.get(ASSET)).parsed.track.asset_id == ASSET
            with pytest.raises(SourceRefused, match="unknown asset"):
                await opened.library.get("1")
