"""Which player on a bus is to be followed: the one that is named, or the only one, or the first that plays.

Never waits long for a player that does not answer: it is passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import trio

from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.mpris.bus import BUS_ITSELF, Bus, CallFailed
from beatsync.feeds.mpris.names import PREFIX, player_of, players_among
from beatsync.feeds.mpris.values import plain
from beatsync.feeds.patience import patience

NAMES_CHANGE: Final = (
    f"type='signal',sender='{BUS_ITSELF}',interface='{BUS_ITSELF}',member='NameOwnerChanged',"
    f"arg0namespace='{PREFIX.removesuffix('.')}'"
)
"""The rule that players match who come or go."""

_ARRIVAL_SECONDS: Final = 60.0
_GLANCE_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Found:
    """A player on the bus. `owner`: the name that its messages carry; `plays`: as it says itself."""

    name: str
    owner: str
    plays: bool

    @property
    def called(self) -> str:
        """What people call it."""
        return player_of(self.name)

    @property
    def signals(self) -> str:
        """The rule that all its signals match."""
        return f"type='signal',sender='{self.owner}',path='/org/mpris/MediaPlayer2'"


class Search:
    """The players on one bus."""

    def __init__(self, bus: Bus, *, wanted: str | None, where: str) -> None:
        """`wanted`: the player's name, None for any; `where`: the bus, for messages."""
        self._bus = bus
        self._wanted = wanted
        self._where = where
        self._arrival = trio.Event()

    def name_changed(self, name: str, owner: str) -> None:
        """A name on the bus has another owner, or none."""
        if owner and players_among([name], self._wanted):
            self._arrival.set()

    async def first(self, *, patient: bool) -> Found:
        """The first player that plays, else the first one that answers; `patient`: wait until there is one.

        Raises FeedTrouble where there is none.
        """
        present = await self._present()
        if not present and patient:
            with trio.move_on_after(_ARRIVAL_SECONDS):
                await self._arrival.wait()
            present = await self._present()
        if not present:
            raise FeedTrouble(await self._nobody())
        looked_at = await self._look_at(present)
        if not looked_at:
            raise FeedTrouble(f"{player_of(present[0])} on {self._where} does not answer; does it hang?")
        return next((found for found in looked_at if found.plays), looked_at[0])

    async def another(self, current: Found) -> Found | None:
        """Another player than `current` that plays."""
        others = tuple(name for name in await self._present() if name != current.name)
        return next((found for found in await self._look_at(others) if found.plays), None)

    async def _present(self) -> tuple[str, ...]:
        with patience(self._where):
            return players_among(await self._bus.names(), self._wanted)

    async def _look_at(self, names: tuple[str, ...]) -> list[Found]:
        """Those of `names` that answer, up to the first that plays."""
        looked_at: list[Found] = []
        for name in names:
            with trio.move_on_after(_GLANCE_SECONDS):
                looked_at += await self._glance(name)
            if looked_at and looked_at[-1].plays:
                break
        return looked_at

    async def _glance(self, name: str) -> list[Found]:
        try:
            owner = await self._bus.owner_of(name)
            reply = await self._bus.player_property(owner, "PlaybackStatus")
        except CallFailed:
            return []
        return [Found(name, owner, plays=plain(reply.value) == "Playing")]

    async def _nobody(self) -> str:
        if self._wanted is None:
            return f"no player on {self._where}; start one that speaks MPRIS (mpv does with mpv-mpris)"
        with patience(self._where):
            others = players_among(await self._bus.names(), None)
        there = ", ".join(player_of(name) for name in others) or "none"
        return f"no player {self._wanted!r} on {self._where}; start it, or correct player (players there: {there})"
