"""Following players on a bus, one at a time: asked at intervals that beat with nothing, and at once after a signal.

What is in a signal is not used: some players put the old position into it, and mpv-mpris sends it up to 100 ms after
the fact, while it tells the new state at once when it is asked (measured; see docs/feeds/mpris.md).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Never

import trio

from beatsync.clock import Clock
from beatsync.core.units import HostNs, ms
from beatsync.feeds.feed import FeedTrouble, Listener
from beatsync.feeds.mpris.bus import BUS_ITSELF, Bus, Signal
from beatsync.feeds.mpris.search import NAMES_CHANGE, Found, Search
from beatsync.feeds.mpris.session import Session
from beatsync.feeds.mpris.wire import Unreadable
from beatsync.feeds.patience import patience

LEAST_INTERVAL_SECONDS: Final = 0.096
MOST_INTERVAL_SECONDS: Final = 0.178
"""On average 137 ms: 7.3 a second."""

RESTLESS_SECONDS: Final = 0.040
RESTLESS_ASKS: Final = 8
"""So often it is asked in quick succession after it has sent a signal: there is a jump to be found, or a pause."""

LEAST_REST_SECONDS: Final = 0.010
"""Between two questions, however many signals come."""

_LOOK_AROUND: Final = ms(1_000)


class Follower:
    """The players on one bus, and the one among them that is listened to."""

    def __init__(
        self,
        bus: Bus,
        listener: Listener,
        *,
        wanted: str | None,
        where: str,
        clock: Clock,
        share: Callable[[], float],
    ) -> None:
        """`wanted`: the player's name, None for any; `where`: the bus, for messages; `share`: draws 0 to 1."""
        self._bus = bus
        self._listener = listener
        self._where = where
        self._clock = clock
        self._share = share
        self._search = Search(bus, wanted=wanted, where=where)
        self._session: Session | None = None
        self._gone = False
        self._bell = trio.Event()
        self._restless = RESTLESS_ASKS

    async def run(self, *, patient: bool) -> Never:
        """Follow until the player leaves, which is a FeedTrouble. `patient`: wait for one if there is none."""
        self._bus.hear = self._hear
        with patience(self._where):
            await self._bus.hello()
            await self._bus.listen_to(NAMES_CHANGE)
        found = await self._search.first(patient=patient)
        while True:
            found = await self._follow(found)

    async def _follow(self, found: Found) -> Found:
        """Tell what this player says; returns another one that plays when this one does not."""
        session = self._open(found)
        with patience(self._where):
            await self._bus.listen_to(found.signals)
        self._listener.connected(f"{found.called} on {self._where}")
        look_around = HostNs(0)
        while True:
            if self._gone:
                raise FeedTrouble(f"{found.called} has left {self._where}; start it again")
            await session.ask()
            now = self._clock.now()
            if session.player.idle and now >= look_around:
                look_around = HostNs(now + _LOOK_AROUND)
                if another := await self._search.another(found):
                    break
            await self._rest()
        with patience(self._where):
            await self._bus.forget(found.signals)
        return another

    def _open(self, found: Found) -> Session:
        jumped = self._session is not None
        self._session = session = Session(
            self._bus, found, where=self._where, listener=self._listener, clock=self._clock, jumped=jumped
        )
        self._gone = False
        self._restless = RESTLESS_ASKS
        return session

    async def _rest(self) -> None:
        """Wait until the next question is due: a while, or until the player has sent a signal."""
        if self._restless:
            self._restless -= 1
            seconds = RESTLESS_SECONDS * (0.7 + 0.6 * self._share())
        else:
            seconds = LEAST_INTERVAL_SECONDS + (MOST_INTERVAL_SECONDS - LEAST_INTERVAL_SECONDS) * self._share()
        await trio.sleep(LEAST_REST_SECONDS)
        with trio.move_on_after(seconds - LEAST_REST_SECONDS):
            await self._bell.wait()
        self._bell = trio.Event()

    # Signals

    def _hear(self, signal: Signal) -> None:
        if signal.sender == BUS_ITSELF and signal.name == "NameOwnerChanged":
            self._hear_of_names(signal)
        elif self._session is not None and signal.sender == self._session.found.owner:
            if signal.name == "Seeked":
                self._session.player.seek_announced(signal.at)
            self._ring()

    def _hear_of_names(self, signal: Signal) -> None:
        try:
            name, _, owner = signal.frame.values()
        except (Unreadable, ValueError):
            return
        self._search.name_changed(name, owner)
        found = self._session.found if self._session else None
        if found is not None and name == found.name and owner != found.owner:
            self._gone = True
            self._ring()

    def _ring(self) -> None:
        self._restless = RESTLESS_ASKS
        self._bell.set()
