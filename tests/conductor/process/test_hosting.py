"""A conductor's process that has no daemon: how long it stays."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import trio

from beatsync.clock import SystemClock
from beatsync.conductor.actions import Load, Seek
from beatsync.conductor.process.hosting import host
from beatsync.conductor.remote.link import Link
from beatsync.conductor.remote.spawning import SOCKET
from beatsync.conductor.report import NOT_ASKED, Report
from beatsync.core.engine import MAIN_DECK
from beatsync.core.targets import Target
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs, TrackNs, ms
from tests.conductor.apart import PATIENCE_SECONDS, schedule_for, udp_target
from tests.system.stamped import StampedPort

GRACE_SECONDS = 0.05


async def a_daemon_that_dies(directory: Path, target: Target) -> None:
    """Has the conductor play four cues, and is gone before the first of them."""

    def nobody(_told: Report | str) -> None: ...

    clock = SystemClock()
    link = Link(directory, (target,), show="show", clock=clock, report=nobody, remark=nobody, starter=None)
    async with trio.open_nursery() as nursery:
        await nursery.start(link.run, [Load(MAIN_DECK, schedule_for(target, count=4, every=100))])
        link.do(Seek(MAIN_DECK, Transport(HostNs(clock.now() + ms(200)), TrackNs(0))))
        await link.wait_applied()
        nursery.cancel_scope.cancel()


async def test_a_conductor_that_nobody_claims_ends_itself(tmp_path: Path) -> None:
    with trio.fail_after(PATIENCE_SECONDS):
        await host(tmp_path, clock=SystemClock(), precision=NOT_ASKED, grace=GRACE_SECONDS)
    assert not (tmp_path / SOCKET).exists()


async def test_without_its_daemon_a_conductor_plays_to_the_end_and_then_leaves(tmp_path: Path) -> None:
    with StampedPort() as port:
        with trio.fail_after(PATIENCE_SECONDS):
            async with trio.open_nursery() as nursery:
                clock = SystemClock()
                serve = partial(host, tmp_path, clock=clock, precision=NOT_ASKED, grace=1.0)
                nursery.start_soon(serve)
                await a_daemon_that_dies(tmp_path, udp_target(port.port))
        assert not (tmp_path / SOCKET).exists()
    assert [arrival.text.split()[1] for arrival in port.arrivals] == ["0", "1", "2", "3"]
