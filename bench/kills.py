"""`make kills`: daemon or conductor killed at random instants, 200 times in a row during play; what is left of it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.results import keep, load_now
from tests.system.aftermath import check, described
from tests.system.kills import play_and_kill

KILLS = 200
SEED = 1


def run() -> None:
    """Print what became of it all; into the page, if nothing was lost or doubled that the books do not name."""
    load = load_now()
    with tempfile.TemporaryDirectory(prefix="beatsync-kills-") as folder:
        aftermath = play_and_kill(Path(folder), kills=KILLS, seed=SEED)
        lines = list(described(aftermath))
        print("\n".join(lines), flush=True)
        check(aftermath)
    lines.append("nothing was lost or doubled that the books do not name")
    print(lines[-1])
    keep("kills", lines, load)
