"""The page at `/`."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
import trio

from tests.control.office import TOKEN, complaint, office
from tests.needs import needs

NAMES = {"/": "page.html", "/page.css": "page.css", "/page.js": "page.js"}


@pytest.mark.parametrize(("path", "name"), NAMES.items())
async def test_it_is_served_without_a_token_and_nothing_of_the_show_is_in_it(
    path: str, name: str, tmp_path: Path
) -> None:
    """K6, K8: it takes nothing from elsewhere, and no other page may show it in a frame."""
    async with office(tmp_path, token=TOKEN) as show, show.over_tcp() as client:
        answer = await client.get(path)
        assert answer.content == files("beatsync.control.page").joinpath(name).read_bytes()
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert complaint(await client.get("/v1/status"))[:2] == (401, "unauthorised")
        assert (await show.client.get(path)).status_code == 200


async def test_a_browser_shows_the_decks_the_targets_and_what_happens(tmp_path: Path) -> None:
    browser = needs("chromium-headless-shell", "chromium-headless-shell")
    async with office(tmp_path) as show:
        await show.tell("seek", {"position": 2.5})
        options = ["--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'browser'}", "--dump-dom"]
        words = [browser, *options, "--virtual-time-budget=4000", f"http://127.0.0.1:{show.port}/"]
        done = await trio.run_process(words, capture_stdout=True, capture_stderr=True)
        page = done.stdout.decode()
        assert b"CONSOLE" not in done.stderr, done.stderr
        assert "/shows/song.json" in page
        assert '<span class="playback">paused</span>' in page
        assert "0:02.5 of 0:08.0" in page
        assert 'title="Drop"' in page
        assert ">lights</td>" in page
