"""What keeps a machine busy while cues are due: the daemon's own work, and other people's programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import trio

from beatsync.clock import Clock
from beatsync.config.read import read_config
from beatsync.core.compilation import compile_schedule
from beatsync.core.document import parse_track
from beatsync.core.engine import MAIN_DECK
from beatsync.core.units import HostNs, ms

WORK: Final = ms(8)
WORK_EVERY_SECONDS: Final = 0.020
HOGS_PER_CORE: Final = 3

_RULES: Final = "\n".join(
    f'  - {{on: section, when: {{energy: ">= {1 + number % 4}"}}, send: {{address: "/look{number}/{{label}}"}}}}'
    for number in range(60)
)
_CONFIGURATION: Final = f"track: {{bundled: demo}}\ntargets: {{lights: 'osc.udp://127.0.0.1:7700'}}\nrules:\n{_RULES}\n"


def large_structure() -> bytes:
    """A track document of some 5 MB: as many beats as are accepted, and sections with long labels."""
    times = [round(beat * 0.4, 6) for beat in range(200_000)]
    sections = [
        {"start": 10 * number, "end": 10 * number + 10, "label": "Section " * 24, "energy": 1 + number % 4}
        for number in range(8_000)
    ]
    document = {"asset_id": "1", "duration": 80_000, "beat_grid": {"times": times, "downbeats": times[::4]}}
    return json.dumps({**document, "sections": sections, "phrases": []}).encode()


async def busy_daemon(clock: Clock) -> None:
    """A daemon's worst day, for ever: Python work all the time; a large structure is read in a thread, and a
    configuration read and compiled, every second.
    """
    structure = large_structure()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_work, clock)
        nursery.start_soon(_compile)
        while True:
            await trio.to_thread.run_sync(partial(parse_track, structure, source="a large structure"))
            await trio.sleep(1)


async def _work(clock: Clock) -> None:
    while True:
        clock.stay_awake_until(HostNs(clock.now() + WORK))
        await trio.sleep(WORK_EVERY_SECONDS - WORK / 1e9)


async def _compile() -> None:
    track = parse_track(large_track(), source="a track").track
    while True:
        configuration = read_config(_CONFIGURATION.encode(), path=Path("busy.yaml"))
        compile_schedule(track, configuration.decks[MAIN_DECK].rules, configuration.targets)
        await trio.sleep(1)


def large_track() -> bytes:
    """An ordinary track of five minutes."""
    times = [round(beat * 0.5, 3) for beat in range(600)]
    sections = [{"start": 15 * n, "end": 15 * n + 15, "label": "Drop", "energy": 1 + n % 4} for n in range(20)]
    document = {"asset_id": "1", "duration": 300, "beat_grid": {"times": times, "downbeats": times[::4]}}
    return json.dumps({**document, "sections": sections, "phrases": []}).encode()


@contextmanager
def hogs(count: int | None = None) -> Iterator[None]:
    """So many programs that never rest, three for each core unless said otherwise, for as long as the context lasts."""
    wanted = HOGS_PER_CORE * (os.cpu_count() or 1) if count is None else count
    command = [sys.executable, "-c", "while True: pass"]
    running = [subprocess.Popen(command, stdin=subprocess.DEVNULL) for _ in range(wanted)]  # noqa: S603  our own
    try:
        yield
    finally:
        for process in running:
            process.kill()
        for process in running:
            process.wait()
