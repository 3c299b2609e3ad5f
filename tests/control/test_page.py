"""The page at `/`."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
import trio

from beatsync.config.configuration import StandIn
from beatsync.core.units import WallNs
from beatsync.outputs.output import State
from beatsync.terminal.receiver_words import receiver_in_words
from tests.control.office import TOKEN, Office, complaint, office
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


def test_what_is_known_of_a_receiver_has_the_same_words_as_on_the_command_line() -> None:
    page = files("beatsync.control.page").joinpath("page.js").read_text()
    (table,) = re.findall(r"const RECEIVER = \{(.*?)\};", page, re.DOTALL)
    assert dict(re.findall(r'(\w+): "([^"]+)"', table)) == {state.value: receiver_in_words(state) for state in State}


async def test_a_browser_shows_what_stands_in_for_broken_files(tmp_path: Path) -> None:
    """C11."""
    async with office(tmp_path) as show:
        ensemble = show.booth.desk.ensemble
        ensemble.configuration = replace(ensemble.configuration, stand_in=StandIn(WallNs(0), ("show.yaml:1:1: no",)))
        page = await shown(show, tmp_path)
        assert re.search(r'<p id="stand-in" role="alert">the show\'s files cannot be used: show.yaml:1:1: no', page)


async def shown(show: Office, folder: Path) -> str:
    """The page as a browser has it after a while, in which nothing went wrong."""
    browser = needs("chromium-headless-shell", "chromium-headless-shell")
    options = ["--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'browser'}", "--dump-dom"]
    words = [browser, *options, "--virtual-time-budget=4000", f"http://127.0.0.1:{show.port}/"]
    done = await trio.run_process(words, capture_stdout=True, capture_stderr=True)
    assert b"CONSOLE" not in done.stderr, done.stderr
    return done.stdout.decode()


async def test_a_browser_shows_the_decks_the_targets_and_what_happens(tmp_path: Path) -> None:
    async with office(tmp_path) as show:
        await show.tell("seek", {"position": 2.5})
        page = await shown(show, tmp_path)
        assert '<p id="stand-in" role="alert" hidden=""></p>' in page
        assert "/shows/song.json" in page
        assert '<span class="playback">paused</span>' in page
        assert "0:02.5 of 0:08.0" in page
        assert 'title="Drop"' in page
        assert ">lights</td>" in page
