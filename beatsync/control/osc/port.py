"""The OSC control port: datagrams of those who are obeyed, read, thinned out, and passed on to the console.

UDP says nothing of who sent a datagram that another sender on the same network could not write as well: whoever is on
the list is obeyed, and an old datagram that is sent again is obeyed again. Time tags are ignored: what comes is done
now, what is in a bundle in its order (faults.md, K1 to K4, K9).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Never

import trio

from beatsync.clock import Clock
from beatsync.control.bodies import Aim
from beatsync.control.console import Console, Order
from beatsync.control.osc.messages import Commanded, NoCommand, Unread, read_command
from beatsync.core.allowance import Allowance
from beatsync.core.osc_reading import MalformedOsc, read_packet
from beatsync.core.units import NS_PER_SECOND, HostNs
from beatsync.decks.commands import LoadTrack, Reload, Step
from beatsync.decks.news import News, Tell
from beatsync.errors import BeatsyncError
from beatsync.feeds.datagrams import AT_ONCE as THINNED_TO
from beatsync.feeds.datagrams import Datagram, Datagrams

PER_SECOND: Final = 1000
"""Eight faders that move send some 500 messages a second."""

AT_ONCE: Final = 500
TOO_MANY: Final = "more osc commands than 1000 a second"
STRANGERS: Final = "osc datagrams of senders that are not obeyed"
MAX_UNDER_WAY: Final = 4
"""Commands that take a while, such as loading a track."""

TELL_EVERY: Final = 60 * NS_PER_SECOND
"""What is refused is told once in so long, and counted always: a log is not a drain."""

_BREATH_SECONDS: Final = 0.005
_FLOODED_SECONDS: Final = 0.1
"""In a flood so long is left for everything else; the kernel drops what does not fit into its buffer meanwhile."""


@dataclass(slots=True)
class OscPort:
    """Does what datagrams say. `refused` counts what was not done, by the reason."""

    datagrams: Datagrams
    console: Console
    tell: Tell
    clock: Clock
    refused: Counter[str]
    _allowance: Allowance = field(default_factory=lambda: Allowance(per_second=PER_SECOND, at_once=AT_ONCE))
    _told: dict[str, HostNs] = field(default_factory=dict)
    _under_way: int = 0

    async def run(self) -> Never:
        """Take commands until cancelled."""
        async with trio.open_nursery() as nursery:
            while True:
                waiting = await self.datagrams.receive()
                if self.datagrams.refused:
                    self.refused[STRANGERS] = self.datagrams.refused
                for order in [order for datagram in waiting for order in self._orders(datagram)]:
                    if isinstance(order.command, LoadTrack | Step | Reload):
                        self._begin(order, nursery)
                    else:
                        await self._do(order)
                await trio.sleep(_FLOODED_SECONDS if len(waiting) >= THINNED_TO else _BREATH_SECONDS)

    def _begin(self, order: Order, nursery: trio.Nursery) -> None:
        if self._under_way >= MAX_UNDER_WAY:
            self._refuse(f"{order.words}: others are still under way", order.source)
            return
        self._under_way += 1
        nursery.start_soon(self._do_aside, order)

    async def _do_aside(self, order: Order) -> None:
        try:
            await self._do(order)
        finally:
            self._under_way -= 1

    async def _do(self, order: Order) -> None:
        try:
            await self.console.do(order)
        except BeatsyncError as error:
            self._refuse(f"{order.words}: {error}", order.source)
        except Exception as error:  # noqa: BLE001  a fault of ours must not end the show
            self._refuse(f"{order.words}: this is a fault of beatsync: {type(error).__name__}", order.source)

    # Reading

    def _orders(self, datagram: Datagram) -> Iterator[Order]:
        """The commands of a datagram; what is none is counted."""
        source = f"osc {datagram.sender}"
        try:
            messages = read_packet(datagram.data)
        except MalformedOsc as wrong:
            self._count(str(wrong.fault), source)
            return
        for message in messages:
            if not self._allowance.take(1, datagram.at):
                self._count(TOO_MANY, source)
                return
            try:
                yield self._order(read_command(message), source)
            except NoCommand as none:
                if none.reason is not Unread.RELEASED:
                    self._count(str(none.reason), source)
            except BeatsyncError as error:
                self._refuse(str(error), source)

    def _order(self, commanded: Commanded, source: str) -> Order:
        folder = self.console.desk.ensemble.configuration.path.parent
        aim = Aim(commanded.name, folder, trusted=False)
        return Order(command=commanded.body.command(aim), words=commanded.words, source=source)

    def _refuse(self, why: str, source: str) -> None:
        """A command that was understood and not done: counted as one kind, told with its reason."""
        self._count("osc commands that were refused", source, why)

    def _count(self, reason: str, source: str, text: str = "") -> None:
        self.refused[reason] += 1
        now, last = self.clock.now(), self._told.get(reason)
        if last is None or now - last >= TELL_EVERY:
            self._told[reason] = now
            told = f"from {source}: {text or reason}"
            self.tell(News(now, "osc", told, {"reason": reason, "source": source}, grave=True))
