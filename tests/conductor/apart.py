"""Conductors in processes of their own, without a daemon: what they are told, what they report, what arrives."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trio

from beatsync.clock import SystemClock
from beatsync.conductor.actions import Load, Seek, Stop
from beatsync.conductor.conducted import Retargetable
from beatsync.conductor.opening import Part, conductor_apart
from beatsync.conductor.remote.spawning import Starter
from beatsync.conductor.report import Report
from beatsync.core.engine import MAIN_DECK
from beatsync.core.occasions import Occasion
from beatsync.core.osc import Tag, encode
from beatsync.core.rules import POLICY_OF, Kind
from beatsync.core.schedule import Cue, Origin, Phase, Schedule, schedule_of
from beatsync.core.targets import Carrier, Target
from beatsync.core.track import Track
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs, TrackNs, ms

PATIENCE_SECONDS = 30
AHEAD = ms(500)
_TRACK = Track(asset_id="1", duration=TrackNs(10**12), bpm=None, energy=None, grid=None, sections=(), phrases=())


def udp_target(port: int, *, name: str = "lights") -> Target:
    """A receiver of this machine."""
    return Target(name=name, carrier=Carrier.UDP, host="127.0.0.1", port=port, max_rate=10**6)


def pulses(targets: Sequence[str], count: int, *, every: float, text: str = "") -> list[Cue]:
    """For each of these targets so many cues, `/pulse NUMBER TEXT`, so many milliseconds apart."""
    return [_pulse(target, number, every, text) for number in range(count) for target in targets]


def _pulse(target: str, number: int, every: float, text: str) -> Cue:
    arguments = ((Tag.INT, number), (Tag.STRING, text))
    at = TrackNs(ms(number * every))
    return Cue(
        position=at,
        until=at,
        phase=Phase.START,
        address="/pulse",
        arguments=arguments,
        packet=encode("/pulse", arguments),
        origin=Origin(
            title="pulse", order=0, target=target, look="/pulse", kind=Kind.PULSE, policy=POLICY_OF[Kind.PULSE]
        ),
        place=Occasion(_TRACK, at, at, None, None),
    )


@dataclass
class Apart:
    """A conductor in another process, with everything that it reported and what people were told of it."""

    conductor: Retargetable
    reports: list[Report] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    clock: SystemClock = field(default_factory=SystemClock)

    async def play(self, schedule: Schedule) -> None:
        """Play this in a moment, once it is loaded."""
        self.conductor.do(Load(MAIN_DECK, schedule))
        await self.conductor.wait_applied()
        self.conductor.do(Seek(MAIN_DECK, Transport(HostNs(self.clock.now() + AHEAD), TrackNs(0))))

    async def wait_reports(self, count: int) -> list[Report]:
        """The reports, once there are so many."""
        with trio.fail_after(PATIENCE_SECONDS):
            while len(self.reports) < count:
                await trio.sleep(0.02)
        return self.reports

    def stop(self) -> None:
        """Playback is over."""
        self.conductor.do(Stop(MAIN_DECK))


@asynccontextmanager
async def conductor_of_its_own(folder: Path, *targets: Target) -> AsyncIterator[Apart]:
    """A conductor's process that serves in `folder` and plays for these targets."""
    reports: list[Report] = []
    remarks: list[str] = []
    part = Part(
        show="test", loads=(), targets=targets, clock=SystemClock(), report=reports.append, remark=remarks.append
    )
    async with conductor_apart(part, directory=folder / "conductor", starter=Starter(private=True)) as opened:
        yield Apart(opened.conductor, reports, remarks)


def schedule_for(*targets: Target, count: int, every: float) -> Schedule:
    """The same pulses for all of them."""
    return schedule_of(pulses([target.name for target in targets], count, every=every))
