"""One player that is followed: asked, dated and told.

It is asked for everything at once, so that an answer cannot contradict itself; where that has a picture in it, which
some players send with every answer, for the few things that matter, and for everything now and then.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from beatsync.clock import Clock
from beatsync.core.units import HostNs, ms
from beatsync.feeds.feed import FeedTrouble, Listener
from beatsync.feeds.mpris.bus import Bus, CallFailed, Reply
from beatsync.feeds.mpris.search import Found
from beatsync.feeds.mpris.values import snapshot_of
from beatsync.feeds.patience import patience
from beatsync.feeds.polled_player import PolledPlayer
from beatsync.feeds.round_trips import RoundTrips

NO_ANSWER: Final = "an error, or something unreadable, in place of an answer"

QUICK: Final = ms(10)
"""An answer that takes no longer is dated to 5 ms, which is little beside how old positions are."""

MUCH_BYTES: Final = 64 * 1024
"""An answer that is larger has a picture in it."""

_EVERYTHING_AFTER: Final = ms(5_000)
_MOST_FAILURES: Final = 20


class Session:
    """What one player has said since it is followed."""

    def __init__(self, bus: Bus, found: Found, *, where: str, listener: Listener, clock: Clock, jumped: bool) -> None:
        """`where`: the bus, for messages; `jumped`: another player was followed before."""
        self.found: Final = found
        self.player: Final = PolledPlayer(jumped=jumped)
        self._bus = bus
        self._who = f"{found.called} on {where}"
        self._listener = listener
        self._clock = clock
        self._trips = RoundTrips(QUICK)
        self._failures = 0
        self._everything_from = HostNs(0)

    async def ask(self) -> None:
        """Ask once, and tell what follows. Raises FeedTrouble when there is no use in asking again."""
        everything = self._clock.now() >= self._everything_from
        try:
            with patience(self._who):
                reply, properties = await (self._everything() if everything else self._what_matters())
        except CallFailed as failure:
            self._listener.ignore(NO_ANSWER)
            self._failures += 1
            if self._failures > _MOST_FAILURES:
                raise FeedTrouble(f"{self._who} answers with errors only ({failure}); restart it") from None
            if everything:
                self._everything_from = HostNs(self._clock.now() + _EVERYTHING_AFTER)
        else:
            self._failures = 0
            self._tell(reply, properties)

    def _tell(self, reply: Reply, properties: object) -> None:
        stamp = self._trips.stamp(reply.asked, reply.answered)
        reading = self.player.take(snapshot_of(properties), stamp, at=reply.answered)
        for reason in reading.ignored:
            self._listener.ignore(reason)
        if reading.observation is not None:
            self._listener.observe(reading.observation)
        if self.player.is_mute(reply.answered):
            raise FeedTrouble(
                f"{self._who} says that it plays, but its position does not move as time does, so that nothing can "
                f"follow it; use another player, or another feed"
            )

    async def _everything(self) -> tuple[Reply, object]:
        reply = await self._bus.player_properties(self.found.owner)
        if reply.size > MUCH_BYTES:
            self._everything_from = HostNs(reply.answered + _EVERYTHING_AFTER)
        return reply, reply.value

    async def _what_matters(self) -> tuple[Reply, object]:
        """The reply that has the position in it, and what else there is."""
        owner = self.found.owner
        reply = await self._bus.player_property(owner, "Position")
        properties = {"Position": reply.value}
        for name in ("PlaybackStatus", "Rate"):
            with suppress(CallFailed):
                properties[name] = (await self._bus.player_property(owner, name)).value
        return reply, properties
