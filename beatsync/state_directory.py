"""Where what must survive is kept: a show's state, and the details of a fault."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import platformdirs

STATE_VARIABLE: Final = "BEATSYNC_STATE"
SYSTEMD_VARIABLE: Final = "STATE_DIRECTORY"


def state_directory(environment: Mapping[str, str]) -> Path:
    """BEATSYNC_STATE, else the first of systemd's STATE_DIRECTORY, else the user's own."""
    if chosen := environment.get(STATE_VARIABLE):
        return Path(chosen)
    if given := environment.get(SYSTEMD_VARIABLE):
        return Path(given.split(":", maxsplit=1)[0])
    return platformdirs.user_state_path("beatsync")
