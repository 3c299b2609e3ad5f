"""A conductor process of our own that plays made-up cues to receivers of our own."""

from __future__ import annotations

import random  # noqa: TID251  draws when cues are due
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import trio

from beatsync.clock import SystemClock
from beatsync.conductor.actions import Load, Seek, Stop
from beatsync.conductor.conducted import Retargetable
from beatsync.conductor.opening import Part, conductor_apart
from beatsync.conductor.remote.spawning import Starter
from beatsync.conductor.report import Report, Snapshot
from beatsync.core.occasions import Occasion
from beatsync.core.osc import Tag, encode
from beatsync.core.rules import POLICY_OF, Kind
from beatsync.core.schedule import Cue, Origin, Phase, schedule_of
from beatsync.core.targets import Carrier, Target
from beatsync.core.track import Track
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs, TrackNs, ms
from beatsync.measuring.figures import Figures, figures_of
from beatsync.measuring.receiver import Receivers

LEAD_IN: Final = ms(300)
"""Before the first cue: everything has been told and has settled by then."""

_TRACK: Final = Track(asset_id="", duration=TrackNs(10**13), bpm=None, energy=None, grid=None, sections=(), phrases=())


@dataclass(frozen=True, slots=True)
class Plan:
    """When cues are due: for each deck, positions in nanoseconds, at each of which every target gets a cue."""

    decks: Mapping[str, Sequence[int]]


def spaced(count: int, *, shortest: float, longest: float, seed: int = 1) -> list[int]:
    """So many positions, at random distances between `shortest` and `longest` milliseconds; the same for one seed."""
    chance = random.Random(seed)  # noqa: S311  not a secret
    position, positions = 0, []
    for _ in range(count):
        position += ms(chance.uniform(shortest, longest))
        positions.append(position)
    return positions


class Rehearsal:
    """A conductor with its receivers."""

    def __init__(
        self, conductor: Retargetable, receivers: Receivers, targets: Sequence[Target], clock: SystemClock
    ) -> None:
        self._conductor = conductor
        self._receivers = receivers
        self._targets = targets
        self._clock = clock

    @property
    def conductor(self) -> Retargetable:
        """The conductor."""
        return self._conductor

    @property
    def receivers(self) -> Receivers:
        """Whom it plays to."""
        return self._receivers

    def snapshot(self) -> Snapshot:
        """What it says of itself."""
        return self._conductor.snapshot()

    async def play(self, plan: Plan, *, bursts: int = 1) -> Figures:
        """Play the plan from now on, `bursts` cues for each target at each position; returns how late they left.

        Every cue carries a number; a receiver's stamp for that number, less the instant of its position, is its
        lateness.
        """
        for left in self._receivers.left:
            left.clear()
        numbered = _numbered(plan, bursts)
        for deck, positions in numbered.items():
            cues = [
                numbered_cue(number, position, target) for number, position in positions for target in self._targets
            ]
            self._conductor.do(Load(deck, schedule_of(cues)))
        await self._conductor.wait_drained()
        start = HostNs(self._clock.now() + LEAD_IN)
        self._conductor.do(*(Seek(deck, Transport(start, TrackNs(0))) for deck in numbered))
        last = max(position for positions in numbered.values() for _, position in positions)
        await trio.sleep((start + last - self._clock.now()) / 1e9 + 0.2)
        await self._conductor.wait_drained()
        self._conductor.do(*(Stop(deck) for deck in numbered))
        await self._conductor.wait_drained()
        due = {number: HostNs(start + position) for its in numbered.values() for number, position in its}
        left = [(number, at) for of_port in self._receivers.left for number, at in of_port]
        return figures_of(due, left, receivers=len(self._targets))

    def cues(self, milliseconds: Iterable[int]) -> list[Cue]:
        """A cue for each target at each of these positions."""
        numbered = enumerate(milliseconds)
        return [numbered_cue(number, ms(position), target) for number, position in numbered for target in self._targets]


def numbered_cue(number: int, position: int, target: Target) -> Cue:
    """A pulse at a position in nanoseconds; the number is its last argument."""
    at = TrackNs(position)
    arguments = ((Tag.INT, number),)
    return Cue(
        position=at,
        until=at,
        phase=Phase.START,
        address="/measure",
        arguments=arguments,
        packet=encode("/measure", arguments),
        origin=_ORIGINS.setdefault(target.name, _origin(target.name)),
        place=Occasion(_TRACK, at, at, None, None),
    )


_ORIGINS: dict[str, Origin] = {}


def _origin(target: str) -> Origin:
    return Origin(
        title="measurement", order=0, target=target, look="/measure", kind=Kind.PULSE, policy=POLICY_OF[Kind.PULSE]
    )


def _numbered(plan: Plan, bursts: int) -> dict[str, list[tuple[int, int]]]:
    numbered: dict[str, list[tuple[int, int]]] = {}
    number = 0
    for deck, positions in plan.decks.items():
        for position in positions:
            for _ in range(bursts):
                numbered.setdefault(deck, []).append((number, position))
                number += 1
    return numbered


@asynccontextmanager
async def rehearsing(targets: int) -> AsyncIterator[Rehearsal]:
    """A conductor that plays for so many receivers of this machine. Raises ControlError where none can be started."""
    clock = SystemClock()
    with Receivers(targets, clock=clock) as receivers, TemporaryDirectory(prefix="beatsync-") as folder:
        chosen = tuple(_target(index, port) for index, port in enumerate(receivers.ports))
        part = Part(show="measurement", loads=(), targets=chosen, clock=clock, report=_nobody, remark=_nobody)
        apart = conductor_apart(part, directory=Path(folder), starter=Starter(private=True))
        async with apart as opened:
            yield Rehearsal(opened.conductor, receivers, chosen, clock)


def _nobody(_told: Report | str) -> None:
    """Nobody listens: the receivers know better."""


def _target(index: int, port: int) -> Target:
    return Target(name=f"receiver{index}", carrier=Carrier.UDP, host="127.0.0.1", port=port, max_rate=100_000)
