"""Handing parcels to outputs, at their instant: the stretch of code between "due" and "sent"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

from beatsync.clock import Clock
from beatsync.conductor.memory import Fate, Fates
from beatsync.conductor.parcels import Parcel
from beatsync.core.units import HostNs
from beatsync.outputs.output import Failed, Health, Output, Queued, SendResult
from beatsync.outputs.priming import PACKET

Handed: TypeAlias = tuple[HostNs, SendResult]
"""When an outcome's parcel was handed over, and what the output said."""

Hand: TypeAlias = tuple[Callable[[bytes, int, HostNs], SendResult], bytes, tuple[int, ...]]
"""A parcel with the way to its output."""

_NOT_OPEN: Final = Failed("the target is not open")
_SETTLED: Final = int(Fate.SETTLED)
_QUEUED: Final = int(Fate.QUEUED)


class Dispatch:
    """The outputs of a conductor, by target."""

    def __init__(self, clock: Clock) -> None:
        """`clock`: for the instants of sending."""
        self._clock = clock
        self._outputs: Mapping[str, Output] = {}
        self._ticket = 0
        self._primer: Hand | None = None

    def connect(self, outputs: Mapping[str, Output]) -> None:
        """From now on send through these; the mapping may change under way."""
        self._outputs = outputs

    def keep_warm_with(self, output: Output) -> None:
        """From now on `prime` sends to this one, behind which there is nobody."""
        self._primer = (output.send, PACKET, ())

    def prime(self) -> None:
        """Go the way that the next parcels will go, so that it is still warm."""
        if self._primer is not None:
            self.send((self._primer,), _NO_FATES, _nobody_waits)

    def health(self) -> dict[str, Health]:
        """What is known of each receiver."""
        return {name: output.health() for name, output in self._outputs.items()}

    def hands(self, parcels: Iterable[Parcel]) -> list[Hand]:
        """Take the parcels in hand: what is known of them before their instant is looked up before it."""
        outputs = self._outputs
        return [
            (outputs[target].send if target in outputs else _nowhere, packet, places)
            for target, packet, places in parcels
        ]

    def send(
        self, hands: Iterable[Hand], fates: Fates, took: Callable[[int, tuple[int, ...]], None]
    ) -> dict[int, Handed]:
        """Hand over every parcel, in order, and note the fate of each outcome as soon as it is known.

        `took`: told of a ticket with the outcomes that wait under it. Returns what became of each outcome.
        """
        now, ticket, handed = self._clock.now, self._ticket, {}
        for send, packet, places in hands:
            at = now()
            ticket += 1
            result = send(packet, ticket, at)
            fate = _SETTLED
            if isinstance(result, Queued):
                fate = _QUEUED
                took(ticket, places)
            for place in places:
                fates[place] = fate
                handed[place] = (at, result)
        self._ticket = ticket
        return handed


_NO_FATES: Final = bytearray()


def _nobody_waits(_ticket: int, _places: tuple[int, ...]) -> None:
    """What goes to nobody carries nothing."""


def _nowhere(_packet: bytes, _ticket: int, _now: HostNs) -> SendResult:
    return _NOT_OPEN
