"""A real conductor in a process of its own, on a machine that has other things to do."""

from __future__ import annotations

import os
import signal
from collections import Counter
from itertools import pairwise
from pathlib import Path

import trio

from beatsync.core.schedule import schedule_of
from beatsync.core.targets import Carrier, Target
from beatsync.core.units import ms
from beatsync.core.verdicts import Verdict
from beatsync.measuring.burdens import hogs
from tests.conductor.apart import PATIENCE_SECONDS, conductor_of_its_own, pulses, schedule_for, udp_target
from tests.system.stamped import StampedPort


async def test_on_a_starved_machine_every_cue_leaves_once_and_is_on_time(tmp_path: Path) -> None:
    """H4: three programs on each core that never rest. The kernel's stamps and the books agree."""
    with StampedPort() as port:
        target = udp_target(port.port)
        async with conductor_of_its_own(tmp_path, target) as apart:
            with hogs():
                await apart.play(schedule_for(target, count=200, every=10))
                await apart.wait_reports(200)
            await apart.conductor.wait_drained()
            assert apart.conductor.snapshot().totals["lights"].balanced
        verdicts = Counter(report.outcome.verdict for report in apart.reports)
    numbers = [int(arrival.text.split()[1]) for arrival in port.arrivals]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == verdicts[Verdict.SENT] + verdicts[Verdict.LATE]
    assert verdicts[Verdict.SENT] >= 190


async def test_a_conductor_that_stood_still_sends_no_burst(tmp_path: Path) -> None:
    """H3: the conductor alone is stopped, as by a debugger. What fell due meanwhile is dropped, by the kernel too."""
    with StampedPort() as port:
        target = udp_target(port.port)
        async with conductor_of_its_own(tmp_path, target) as apart:
            await apart.play(schedule_for(target, count=60, every=50))
            await apart.wait_reports(10)
            process = apart.conductor.snapshot().process
            os.kill(process, signal.SIGSTOP)
            await trio.sleep(1)
            os.kill(process, signal.SIGCONT)
            verdicts = Counter(report.outcome.verdict for report in await apart.wait_reports(60))
    assert verdicts[Verdict.DROPPED] >= 15
    assert len(port.arrivals) == 60 - verdicts[Verdict.DROPPED]
    numbers = [int(arrival.text.split()[1]) for arrival in port.arrivals]
    assert max(after - before for before, after in pairwise(numbers)) > 15


async def test_one_target_of_eight_that_hangs_keeps_no_other_waiting(tmp_path: Path) -> None:
    """N9, in the conductor's process: its cues get their verdicts, and those of the other seven are on time."""
    with StampedPort() as port:
        well = [udp_target(port.port, name=f"well{number}") for number in range(7)]
        async with trio.open_nursery() as nursery:
            (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
            nursery.start_soon(never_read, listener)
            number = listener.socket.getsockname()[1]
            hanging = Target(
                name="hanging", carrier=Carrier.TCP, host="127.0.0.1", port=number, max_rate=10**6, queue_age=ms(100)
            )
            cues = pulses([target.name for target in well], 100, every=10)
            cues += pulses(["hanging"], 100, every=10, text="x" * 60_000)
            async with conductor_of_its_own(tmp_path, *well, hanging) as apart:
                await apart.play(schedule_of(cues))
                reports = tuple(await apart.wait_reports(800))
            nursery.cancel_scope.cancel()
    others = [report.outcome for report in reports if report.outcome.cue.target != "hanging"]
    assert Counter(outcome.verdict for outcome in others)[Verdict.SENT] >= 690
    assert len(port.arrivals) == len([outcome for outcome in others if outcome.to_send])
    failed = [report.outcome for report in reports if report.outcome.verdict is Verdict.FAILED]
    assert {outcome.cue.target for outcome in failed} == {"hanging"}
    assert failed


async def never_read(listener: trio.SocketListener) -> None:
    """A receiver that takes connections and nothing else."""
    async with listener, await listener.accept():
        await trio.sleep_forever()


async def test_it_says_how_long_it_takes_from_an_input_to_the_deadline_that_this_led_to(tmp_path: Path) -> None:
    with StampedPort() as port:
        target = udp_target(port.port)
        async with conductor_of_its_own(tmp_path, target) as apart:
            await apart.play(schedule_for(target, count=4, every=10_000))
            await apart.conductor.wait_drained()
            before = apart.conductor.snapshot().rearmed.count
            for _ in range(5):
                apart.stop()
            with trio.fail_after(PATIENCE_SECONDS):
                while apart.conductor.snapshot().rearmed.count < before + 5:
                    await trio.sleep(0.01)
            assert apart.conductor.snapshot().rearmed.max > 0
