"""A desktop player as a feed, over D-Bus. Needs jeepney, which is looked for when the feed listens and not before."""

from __future__ import annotations

import random  # noqa: TID251  the shell draws when to ask
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, Never

from beatsync.clock import Clock
from beatsync.config.feeds.mpris import SESSION_BUS, SYSTEM_BUS, MprisPlayer
from beatsync.core.observation import Accuracy, Character, RateKnowledge
from beatsync.core.units import ms
from beatsync.feeds.feed import FeedTrouble, Listener
from beatsync.feeds.mpris.addresses import socket_of_bus
from beatsync.feeds.together import run_together

CHARACTER: Final = Character(
    accuracy=Accuracy.C,
    interval=ms(137),
    quantum=ms(100),
    rate=RateKnowledge.REPORTED,
    states_playing=True,
)
"""mpv's position is renewed every 50 to 150 ms, VLC's every 250 to 350."""

REMEDY: Final = "pip install 'beatsync[mpris]'"


class MprisFeed:
    """A player on a bus, or whichever plays."""

    def __init__(
        self,
        player: MprisPlayer,
        *,
        env: Mapping[str, str],
        clock: Clock,
        share: Callable[[], float] = random.random,
    ) -> None:
        """`env`: the environment, which says where the buses are; `share`: draws 0 to 1, where an interval lies."""
        self._player = player
        self._env = env
        self._clock = clock
        self._share = share
        self._patient = False

    @property
    def name(self) -> str:
        """What people call it."""
        return f"mpris {self._player.player or 'any player'}"

    @property
    def character(self) -> Character:
        """What sort of clock it is."""
        return CHARACTER

    async def listen(self, listener: Listener) -> Never:
        """Connect, and tell every reading. Raises FeedTrouble.

        The first time it is raised at once where there is no player; later a player is waited for, so that it is
        followed as soon as it appears.
        """
        try:
            from beatsync.feeds.mpris.bus import open_bus  # noqa: PLC0415  an extra: not everybody has it
            from beatsync.feeds.mpris.following import Follower  # noqa: PLC0415
        except ModuleNotFoundError:
            raise FeedTrouble(f"mpris needs jeepney, which is not installed: {REMEDY}") from None
        where = _called(self._player.bus)
        patient, self._patient = self._patient, True
        async with open_bus(socket_of_bus(self._player.bus, self._env), where=where, clock=self._clock) as bus:
            follower = Follower(
                bus, listener, wanted=self._player.player, where=where, clock=self._clock, share=self._share
            )
            await run_together(bus.receive, partial(follower.run, patient=patient))


def _called(bus: str) -> str:
    return (
        f"the {bus} bus"
        if bus in {SESSION_BUS, SYSTEM_BUS}
        else f"the bus at {bus.partition('=')[2].partition(',')[0]}"
    )
