"""The folders that things are kept in: what must survive, and what can be fetched again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import platformdirs


def state_folder(environment: Mapping[str, str]) -> Path:
    """BEATSYNC_STATE, else the first of systemd's STATE_DIRECTORY, else the user's own: a show's state, and faults."""
    return _folder(environment, ("BEATSYNC_STATE", "STATE_DIRECTORY"), platformdirs.user_state_path)


def cache_folder(environment: Mapping[str, str]) -> Path:
    """BEATSYNC_CACHE, else the first of systemd's CACHE_DIRECTORY, else the user's own: fetched tracks."""
    return _folder(environment, ("BEATSYNC_CACHE", "CACHE_DIRECTORY"), platformdirs.user_cache_path)


def _folder(environment: Mapping[str, str], variables: tuple[str, str], own: Callable[[str], Path]) -> Path:
    """`variables`: ours, then systemd's, which may name several."""
    chosen, given = (environment.get(name) for name in variables)
    if chosen:
        return Path(chosen)
    return Path(given.split(":", maxsplit=1)[0]) if given else own("beatsync")
