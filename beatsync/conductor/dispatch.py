"""Handing parcels to outputs, at their instant: the stretch of code between "due" and "sent"."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import TypeAlias

from beatsync.clock import Clock
from beatsync.conductor.memory import Fate, Fates
from beatsync.conductor.parcels import Parcel
from beatsync.core.units import HostNs
from beatsync.outputs.output import Failed, Health, Output, Queued, SendResult

Handed: TypeAlias = tuple[HostNs, SendResult]
"""When an outcome's parcel was handed over, and what the output said."""

_NOT_OPEN = Failed("the target is not open")


class Dispatch:
    """The outputs of a conductor, by target."""

    def __init__(self, clock: Clock) -> None:
        """`clock`: for the instants of sending."""
        self._clock = clock
        self._outputs: Mapping[str, Output] = {}
        self._tickets = count()

    def connect(self, outputs: Mapping[str, Output]) -> None:
        """From now on send through these; the mapping may change under way."""
        self._outputs = outputs

    def health(self) -> dict[str, Health]:
        """What is known of each receiver."""
        return {name: output.health() for name, output in self._outputs.items()}

    def send(
        self,
        parcels: Sequence[Parcel],
        fates: Fates,
        took: Callable[[int, tuple[int, ...]], None],
    ) -> dict[int, Handed]:
        """Hand over every parcel, in order, and note the fate of each outcome as soon as it is known.

        `took`: told of a ticket with the outcomes that wait under it. Returns what became of each outcome.
        """
        now, outputs, handed = self._clock.now, self._outputs, {}
        for target, packet, places in parcels:
            at, ticket = now(), next(self._tickets)
            output = outputs.get(target)
            result = output.send(packet, ticket, at) if output is not None else _NOT_OPEN
            fate = Fate.SETTLED
            if isinstance(result, Queued):
                fate = Fate.QUEUED
                took(ticket, places)
            for place in places:
                fates[place] = fate
                handed[place] = (at, result)
        return handed
