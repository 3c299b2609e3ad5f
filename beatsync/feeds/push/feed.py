"""The push feed: a TCP port to which games and web pages push where playback stands."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Never

from beatsync.clock import Clock
from beatsync.config.feeds.push import PushSettings
from beatsync.core.observation import Character
from beatsync.feeds.feed import FeedTrouble, Listener
from beatsync.feeds.push.app import Door, push_app
from beatsync.feeds.push.receiver import Receiver
from beatsync.feeds.push.token import push_token
from beatsync.port_holders import why_not
from beatsync.web.listening import listening_socket
from beatsync.web.serving import serve_few


class PushFeed:
    """Whoever may push."""

    def __init__(self, settings: PushSettings, *, clock: Clock, env: Mapping[str, str] = os.environ) -> None:
        """`env`: where the token may be."""
        self._settings = settings
        self._clock = clock
        self._env = env
        self.port = settings.port
        """Where it listens; once it does, where it really does."""

    @property
    def name(self) -> str:
        """What people call it."""
        return self._settings.name

    @property
    def character(self) -> Character:
        """What sort of clock it is."""
        return self._settings.character

    async def listen(self, listener: Listener) -> Never:
        """Take what is pushed, until cancelled. Raises FeedTrouble."""
        settings = self._settings
        token = push_token(settings, self._env)
        try:
            listening = listening_socket(settings.host, settings.port)
        except OSError as error:
            reason = why_not(error, settings.port, "tcp")
            raise FeedTrouble(f"cannot listen on tcp {settings.host}:{settings.port}: {reason}") from None
        with listening:
            self.port = listening.getsockname()[1]
            door = Door(settings, token, Receiver(listener, name=self.name), listener, self._clock)
            await serve_few(push_app(door), listening, count=listener.ignore)
