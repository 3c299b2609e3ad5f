"""The folders that things are kept in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import platformdirs
import pytest

from beatsync.folders import cache_folder, state_folder


@pytest.mark.parametrize(
    ("folder", "ours", "systemds", "own"),
    [
        (cache_folder, "BEATSYNC_CACHE", "CACHE_DIRECTORY", platformdirs.user_cache_path("beatsync")),
        (state_folder, "BEATSYNC_STATE", "STATE_DIRECTORY", platformdirs.user_state_path("beatsync")),
    ],
)
def test_a_folder_is_the_chosen_one_else_systemds_else_the_users(
    folder: Callable[[Mapping[str, str]], Path], ours: str, systemds: str, own: Path
) -> None:
    assert folder({ours: "/a", systemds: "/b"}) == Path("/a")
    assert folder({systemds: "/b:/c"}) == Path("/b")
    assert folder({ours: ""}) == own
