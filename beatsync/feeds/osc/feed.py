"""The OSC feed: a UDP port on which a player's positions arrive, by themselves or because it is asked for them."""

from __future__ import annotations

import random  # noqa: TID251  the shell draws jitter
import socket
from collections.abc import Callable
from ipaddress import ip_network
from typing import Final, Never

import trio

from beatsync.clock import Clock
from beatsync.config.feeds.osc_dialect import OscSettings, Peer
from beatsync.core.observation import Character
from beatsync.core.position_units import Place, nowhere
from beatsync.feeds.datagrams import Datagrams
from beatsync.feeds.feed import FeedTrouble, Listener
from beatsync.feeds.osc.conversation import Conversation

_LOOK_UP_SECONDS: Final = 5


class OscFeed:
    """A player, or anything else, that sends positions over OSC."""

    def __init__(
        self,
        settings: OscSettings,
        *,
        clock: Clock,
        place: Place = nowhere,
        share: Callable[[], float] = random.random,
    ) -> None:
        """`place`: where beats and fractions lie in the track that is loaded; asked for every position in them.

        `share`: draws 0 to 1 for the jitter of questions.
        """
        self._settings = settings
        self._clock = clock
        self._place = place
        self._share = share
        self.port = settings.port
        """Where it listens; once it does, where it really does."""

    @property
    def name(self) -> str:
        """What people call it."""
        return self._settings.name

    @property
    def character(self) -> Character:
        """What sort of clock it is."""
        return self._settings.dialect.character

    async def listen(self, listener: Listener) -> Never:
        """Read what arrives, and ask if the player wants to be asked, until cancelled. Raises FeedTrouble."""
        settings = self._settings
        peer = await _looked_up(settings.peer, settings.name) if settings.peer else None
        senders = settings.senders or ((ip_network(peer.host),) if peer else ())
        with Datagrams(settings.port, host=settings.host, clock=self._clock, allowed=senders) as datagrams:
            self.port = datagrams.port
            conversation = Conversation(
                settings,
                datagrams,
                listener=listener,
                peer=peer,
                clock=self._clock,
                place=self._place,
                share=self._share,
            )
            while True:
                await conversation.go_on()


async def _looked_up(peer: Peer, name: str) -> Peer:
    """The peer by its IPv4 address. Raises FeedTrouble where it has none."""
    try:
        with trio.fail_after(_LOOK_UP_SECONDS):
            found = await trio.socket.getaddrinfo(peer.host, peer.port, socket.AF_INET, socket.SOCK_DGRAM)
    except (OSError, trio.TooSlowError):
        raise FeedTrouble(f"{name}: no IPv4 address for {peer.host!r}; give the player's address in peer") from None
    return Peer(str(found[0][4][0]), peer.port)
