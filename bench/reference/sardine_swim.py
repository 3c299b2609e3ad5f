"""Sends a plan of OSC messages from a swimming function of Sardine's: python sardine_swim.py PLAN PORT.

Without MIDI, which not every machine has, and without SuperDirt. Sardine is not ours to type.
"""

from __future__ import annotations

import asyncio
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

BEATS_A_MS = 120 / 60_000
LEAD_IN = 40

plan = [line.split() for line in Path(sys.argv[1]).read_text().splitlines()]
gaps = [float(gap) * BEATS_A_MS for gap, _ in plan]


def without_midi_and_superdirt() -> Any:
    """Sardine's own environment."""
    core: Any = import_module("sardine_core")
    superdirt: Any = import_module("sardine_core.superdirt")

    def nothing(*_: Any, **__: Any) -> None: ...

    class Silent(import_module("sardine_core.handlers").Sender):  # type: ignore[misc]
        def __init__(self, *_: Any, **__: Any) -> None:
            super().__init__()

        def __getattr__(self, name: str) -> Any:
            return nothing

    core.MidiHandler = core.MidiInHandler = Silent
    superdirt.SuperDirtProcess = nothing
    return import_module("sardine_core.run")


async def main() -> None:
    """Play it."""
    sardine = without_midi_and_superdirt()
    port = int(sys.argv[2])
    out = sardine.OSCHandler(ip="127.0.0.1", port=port, name="bench", ahead_amount=0.0, loop=sardine.osc_loop)
    sardine.bowl.clock.tempo = 120
    done = asyncio.Event()

    @sardine.swim  # type: ignore[untyped-decorator]
    def play(p: float = 0.02, n: int = -LEAD_IN) -> None:  # noqa: ARG001  Sardine reads the period from p
        while n >= 0:
            out.send_raw("/measure", [int(plan[n][1])])
            if n + 1 >= len(plan):
                done.set()
                return
            if gaps[n + 1] > 0:
                break
            n += 1
        sardine.again(play, p=gaps[n + 1] if n >= 0 else 0.02, n=n + 1)

    sardine.bowl.start()
    await done.wait()
    await asyncio.sleep(0.2)


asyncio.run(main())
