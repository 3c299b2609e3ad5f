"""Handing parcels to outputs, at their instant: the stretch of code between "due" and "sent"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple, TypeAlias

from beatsync.clock import Clock
from beatsync.conductor.memory import Fate, Fates
from beatsync.conductor.parcels import Parcel
from beatsync.core.units import HostNs
from beatsync.outputs.output import SENT, Failed, Health, Output, Queued, SendResult
from beatsync.outputs.priming import PACKET
from beatsync.outputs.udp import UdpOutput
from beatsync.outputs.volley import Volley, VolleyArena

Handed: TypeAlias = tuple[HostNs, SendResult]
"""When a parcel was handed over, and what the output said."""

Places: TypeAlias = tuple[int, ...]
"""The places, in the step, of the outcomes that a parcel carries."""


class Single(NamedTuple):
    """A parcel with the way to its output."""

    send: Callable[[bytes, int, HostNs], SendResult]
    packet: bytes
    places: Places


class Many(NamedTuple):
    """Parcels that leave together, laid out: `call(file, address, size, 0)` sends them, `settle` says how that went."""

    call: Callable[[int, int, int, int], int]
    file: int
    address: int
    size: int
    settle: Callable[[int], list[SendResult]]
    places: tuple[Places, ...]


Hand: TypeAlias = Single | Many

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
        self._primer: Single | None = None
        self._arena = _arena()

    def connect(self, outputs: Mapping[str, Output]) -> None:
        """From now on send through these; the mapping may change under way."""
        self._outputs = outputs

    def keep_warm_with(self, output: Output) -> None:
        """From now on `prime` sends to this one, behind which there is nobody."""
        self._primer = Single(output.send, PACKET, ())

    def health(self) -> dict[str, Health]:
        """What is known of each receiver."""
        return {name: output.health() for name, output in self._outputs.items()}

    # Before the instant

    def hands(self, volleys: Sequence[tuple[Parcel, ...]]) -> list[Hand]:
        """Take the volleys in hand: what can be looked up and laid out before their instant is done before it."""
        many = [volley for volley in volleys if self._goes_together(volley)]
        ready = iter(self._arena.lay_out([[one.packet for one in volley] for volley in many])) if self._arena else None
        hands: list[Hand] = []
        for volley in volleys:
            output = self._outputs.get(volley[0].target)
            if ready is not None and isinstance(output, UdpOutput) and self._goes_together(volley):
                hands.append(self._many(output, next(ready), volley))
            else:
                way = _nowhere if output is None else output.send
                hands += [Single(way, parcel.packet, parcel.outcomes) for parcel in volley]
        return hands

    def _goes_together(self, volley: tuple[Parcel, ...]) -> bool:
        if len(volley) < 2 or self._arena is None:
            return False
        output = self._outputs.get(volley[0].target)
        return isinstance(output, UdpOutput) and output.file is not None

    def _many(self, output: UdpOutput, laid_out: Volley, volley: tuple[Parcel, ...]) -> Many:
        assert self._arena is not None
        return Many(
            self._arena.call,
            output.file or 0,
            laid_out.header(0),
            len(volley),
            partial(output.settle_volley, self._arena, laid_out),
            tuple(parcel.outcomes for parcel in volley),
        )

    def prime(self) -> None:
        """Go the way that the next parcels will go, so that it is still warm."""
        if self._primer is not None:
            self.send((self._primer,), _NO_FATES, _nobody_waits)

    # At the instant

    def send(
        self, hands: Iterable[Hand], fates: Fates, took: Callable[[int, Places], None]
    ) -> list[tuple[Places, Handed]]:
        """Hand over everything, in order, and note the fate of each outcome as soon as it is known.

        `took`: told of a ticket with the outcomes that wait under it. Returns what became of each parcel.
        """
        now, ticket = self._clock.now, self._ticket
        handed: list[tuple[Places, Handed]] = []
        whole: list[tuple[Many, HostNs]] = []
        for hand in hands:
            at = now()
            if isinstance(hand, Many):
                call, file, address, size, _, all_places = hand
                answer = call(file, address, size, 0)
                for places in all_places:
                    for place in places:
                        fates[place] = _SETTLED
                if answer == size:
                    whole.append((hand, at))
                else:
                    handed += _settled(hand, at, answer)
                continue
            send, packet, places = hand
            ticket += 1
            result = send(packet, ticket, at)
            fate = _SETTLED
            if result is not SENT and isinstance(result, Queued):
                fate = _QUEUED
                took(ticket, places)
            for place in places:
                fates[place] = fate
            handed.append((places, (at, result)))
        self._ticket = ticket
        for many, at in whole:
            handed += _settled(many, at, many.size)
        return handed


def _settled(many: Many, at: HostNs, answer: int) -> Iterator[tuple[Places, Handed]]:
    return ((places, (at, result)) for places, result in zip(many.places, many.settle(answer), strict=True))


_NO_FATES: Final = bytearray()


def _nobody_waits(_ticket: int, _places: Places) -> None:
    """What goes to nobody carries nothing."""


def _nowhere(_packet: bytes, _ticket: int, _now: HostNs) -> SendResult:
    return _NOT_OPEN


def _arena() -> VolleyArena | None:
    """None where packets have to leave one by one."""
    try:
        return VolleyArena()
    except OSError:
        return None
