"""`make show`: five minutes of a show that is operated by chance and killed; every beat is accounted for."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.system.operated.accounting import check, described
from tests.system.operated.playing import play_show

SECONDS = 300.0
SEED = 1


def run() -> None:
    """Print what became of it all. Raises AssertionError where a beat was lost or doubled that no log names."""
    with tempfile.TemporaryDirectory(prefix="beatsync-show-") as folder:
        played = play_show(Path(folder), seconds=SECONDS, seed=SEED)
    for line in described(played.account, played.operator.done, played.operator.refused, played.seconds):
        print(line, flush=True)
    check(played.account, played.looks, played.summary)
    print("every beat came once, or is named; every look was ended; the books add up")
