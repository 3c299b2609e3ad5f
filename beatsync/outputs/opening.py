"""Opens a show's targets, and keeps them open. One that cannot be opened does not keep the show from starting."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import trio

from beatsync.clock import Clock
from beatsync.core.targets import Carrier, Target
from beatsync.outputs.output import Output, Settled
from beatsync.outputs.tcp import TcpOutput
from beatsync.outputs.udp import UdpOutput

OPEN_SECONDS: Final = 5.0
"""How long the start of a show waits for names to be looked up and for connections."""

REOPEN_SECONDS: Final = 1.0


async def open_outputs(
    targets: Iterable[Target],
    *,
    clock: Clock,
    report: Callable[[Settled], None],
    on_connected: Callable[[str], None],
    nursery: trio.Nursery,
    patience: float = OPEN_SECONDS,
) -> dict[str, Output]:
    """An output for each target, all opened side by side, kept open by tasks in `nursery`.

    `report` is told what became of queued packets, `on_connected` which target has just connected, each from a task of
    this loop: they must be quick and must not raise. `patience`: how many seconds to wait for slow ones; what takes
    longer goes on in the background.
    """
    outputs: dict[str, Output] = {}
    starting: list[trio.Event] = []
    for target in targets:
        ready = trio.Event()
        starting.append(ready)
        if target.carrier is Carrier.UDP:
            udp = UdpOutput(target)
            outputs[target.name] = udp
            nursery.start_soon(_keep_udp, udp, ready)
        else:
            tcp = TcpOutput(target, clock=clock, report=report, on_connected=on_connected)
            outputs[target.name] = tcp
            nursery.start_soon(_keep_tcp, tcp, ready)
    with trio.move_on_after(patience):
        for ready in starting:
            await ready.wait()
    return outputs


async def _keep_udp(output: UdpOutput, ready: trio.Event) -> None:
    """Open it, and open it again while it is down."""
    try:
        while True:
            if output.ailing:
                await output.open()
            ready.set()
            await trio.sleep(REOPEN_SECONDS)
    finally:
        output.close()


async def _keep_tcp(output: TcpOutput, ready: trio.Event) -> None:
    async with trio.open_nursery() as nursery:
        await nursery.start(output.run)
        ready.set()
