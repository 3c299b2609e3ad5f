"""The conductor's own way of sending, with one thing changed: `python conducting.py CHANGE < plan`.

The plan is as in sender.c. CHANGE: `stretch=MICROSECONDS` before a deadline from which it stays awake; `loop`: trio's
own timers; `cold`: nothing is sent ahead to keep the way warm; `one-by-one`: no volleys; `as-it-is`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

import trio

from beatsync.clock import SystemClock
from beatsync.conductor import parcels
from beatsync.conductor.actions import Load, Seek
from beatsync.conductor.alarm import Alarm, LoopAlarm, TimerAlarm
from beatsync.conductor.conductor import Conductor
from beatsync.conductor.process.precision import make_punctual
from beatsync.core.engine import MAIN_DECK
from beatsync.core.schedule import schedule_of
from beatsync.core.targets import Carrier, Target
from beatsync.core.transport import Transport
from beatsync.core.units import NS_PER_SECOND, DurationNs, HostNs, TrackNs
from beatsync.measuring.rehearsal import numbered_cue
from beatsync.outputs.opening import Outputs
from beatsync.outputs.priming import Primer


def alarm_for(change: str, clock: SystemClock) -> Alarm:
    """The alarm that is asked for."""
    if change == "loop":
        return LoopAlarm(clock)
    if change.startswith("stretch="):
        return TimerAlarm(DurationNs(int(change.removeprefix("stretch=")) * 1000))
    return TimerAlarm()


async def play(plan: list[tuple[int, int, int]], change: str) -> None:
    """Play it to the end."""
    clock = SystemClock()
    targets = targets_of(port for _, port, _ in plan)
    conductor = Conductor(targets.values(), clock=clock, report=lambda _: None, alarm=alarm_for(change, clock))
    start = plan[0][0]
    async with Primer() as primer, trio.open_nursery() as nursery:
        if change != "cold":
            conductor.keep_warm_with(primer.output)
        outputs = Outputs(clock=clock, report=conductor.settle, on_connected=lambda _: None, nursery=nursery)
        await outputs.open(targets.values())
        outputs.keep(targets.values())
        conductor.connect(outputs.by_target)
        cues = [numbered_cue(number, at - start, targets[port]) for at, port, number in plan]
        conductor.do(Load(MAIN_DECK, schedule_of(cues)), Seek(MAIN_DECK, Transport(HostNs(start), TrackNs(0))))
        nursery.start_soon(conductor.run)
        await trio.sleep((plan[-1][0] - clock.now()) / NS_PER_SECOND + 0.1)
        nursery.cancel_scope.cancel()


def targets_of(ports: Iterable[int]) -> dict[int, Target]:
    """A target for each port."""
    return {
        port: Target(name=str(port), carrier=Carrier.UDP, host="127.0.0.1", port=port, max_rate=10**6)
        for port in dict.fromkeys(ports)
    }


def main(change: str) -> None:
    """Play what comes on the standard input."""
    if change == "one-by-one":
        parcels.MANY_PARCELS = sys.maxsize  # type: ignore[misc]
    plan = [(int(at), int(port), int(number)) for at, port, number in map(str.split, sys.stdin)]
    make_punctual()
    trio.run(play, plan, change)


main(sys.argv[1])
