"""What every feed is: a task that turns a source's bytes into observations, and says what it could not read."""

from __future__ import annotations

from typing import Never, Protocol

from beatsync.core.observation import Character, Observation


class FeedTrouble(Exception):
    """The source is not there, or has stopped making sense; the text says why, on one line, with the remedy.

    Whoever runs the feed starts it again after a while. Playback freewheels meanwhile.
    """


class Listener(Protocol):
    """Who hears what a feed says. Its methods return at once and never raise."""

    def connected(self, source: str) -> None:
        """The source answers; `source` is what people call it: `mpv 0.35.1 at /run/mpv.sock`."""
        ...

    def observe(self, observation: Observation) -> None:
        """One reading."""
        ...

    def ignore(self, reason: str) -> None:
        """Something came that is no reading (`a position that is not a number`). It is counted, and told once.

        Reasons are few and fixed: nothing that came from outside is part of one.
        """
        ...


class Feed(Protocol):
    """One source of positions, made from the configuration; nothing is opened before `listen`."""

    @property
    def name(self) -> str:
        """What people call it: `mpv /run/mpv.sock`, `osc port 9000`."""
        ...

    @property
    def character(self) -> Character:
        """What sort of clock it is."""
        ...

    async def listen(self, listener: Listener) -> Never:
        """Connect, and tell `listener` of every reading, until cancelled.

        Raises FeedTrouble when the source is not there or the connection breaks, and nothing else.
        """
        ...
