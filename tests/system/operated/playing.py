"""A show in real time with real processes, operated by chance and killed: `make show` for five minutes."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.system.operated.accounting import Account, account
from tests.system.operated.operating import Operator
from tests.system.operated.stage import Stage
from tests.system.operated.watching import Watcher
from tests.system.program import environment
from tests.system.stamped import Arrival, StampedPort


@dataclass(frozen=True)
class Played:
    """What became of it."""

    account: Account
    looks: tuple[list[Arrival], ...]
    summary: Mapping[str, Any]
    operator: Operator
    seconds: float


def play_show(folder: Path, *, seconds: float, seed: int) -> Played:
    """Operate a show for so long; then hold what arrived against what was seen."""
    chance = random.Random(seed)
    env = environment(folder)
    begun = time.monotonic()
    with StampedPort() as beats, StampedPort() as looks, StampedPort() as elsewhere, ExitStack() as stack:
        stage = Stage(folder, beats.port, looks.port, elsewhere.port, chance)
        stage.write_tracks()
        stage.write()
        operator = Operator(stage, env, chance, stack)
        operator.start()
        with Watcher(operator.socket) as watcher:
            operator.operate(seconds)
            time.sleep(1.0)
        operator.end()
    cues = [cue for daemon in operator.daemons for cue in daemon.of("cue")]
    result = account(watcher.runs(), beats.arrivals, cues)
    summary = operator.daemons[-1].of("summary")[0]
    taken = time.monotonic() - begun
    return Played(result, (looks.arrivals, elsewhere.arrivals), summary, operator, taken)
