"""MPD as a feed: two connections, one that waits for changes and one that asks for the status.

Asks at intervals that beat with nothing, and at once when anything has changed.
"""

from __future__ import annotations

import os
import random  # noqa: TID251  the shell draws when to ask
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final, Never

import trio

from beatsync.clock import Clock
from beatsync.config.feeds.mpd import MpdServer
from beatsync.core.observation import Accuracy, Character, RateKnowledge
from beatsync.core.units import DurationNs, HostNs, ms
from beatsync.feeds.feed import FeedTrouble, Listener
from beatsync.feeds.mpd.messages import (
    CURRENT_SONG,
    IDLE,
    MAX_LINE_BYTES,
    NO_PERMISSION,
    OUTPUTS,
    STATUS,
    TOO_LONG,
    TOO_SLOW,
    WRONG_PASSWORD,
    Pairs,
    Refusal,
    Replies,
    Reply,
    State,
    Status,
    Unreadable,
    outputs_in,
    password_command,
    song_in,
    status_in,
    version_in,
)
from beatsync.feeds.mpd.playback import USUAL_QUANTUM, MpdPlayback
from beatsync.feeds.passwords import doubts_about, find_password
from beatsync.feeds.player_socket import PlayerSocket, connect, patience
from beatsync.feeds.round_trips import RoundTrips
from beatsync.feeds.together import run_together

CHARACTER: Final = Character(
    accuracy=Accuracy.B,
    interval=ms(120),
    quantum=USUAL_QUANTUM,
    rate=RateKnowledge.FIXED,
    states_playing=True,
)

INTERVAL_SECONDS: Final = 0.120
LEAST_SHARE: Final = 0.7
MOST_SHARE: Final = 1.3
SHORTEST_SECONDS: Final = 0.002
RESTLESS_SECONDS: Final = 0.015
"""The interval while playback is about to start: MPD's position moves every 23 ms."""


class MpdFeed:
    """One MPD, by its address."""

    def __init__(
        self,
        server: MpdServer,
        *,
        clock: Clock,
        share: Callable[[], float] = random.random,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        """`share`: draws 0 to 1, where in its bounds an interval lies; `environment`: where a password may be."""
        self._server = server
        self._clock = clock
        self._share = share
        self._environment = environment
        self._quantum = USUAL_QUANTUM

    @property
    def name(self) -> str:
        """What people call it."""
        return f"mpd {self._server.address}"

    @property
    def character(self) -> Character:
        """What sort of clock it is. The steps depend on the sound's format, which is known when it plays."""
        return replace(CHARACTER, quantum=self._quantum)

    async def listen(self, listener: Listener) -> Never:
        """Connect, and tell every reading. Raises FeedTrouble."""
        who = f"mpd at {self._server.address}"
        remedy = "start it, or correct the address"
        opened = partial(
            connect, self._server.address, who=who, remedy=remedy, clock=self._clock, longest=MAX_LINE_BYTES
        )
        with await opened() as events, await opened() as answers:
            waiting, asking = _Conversation(events, who, listener), _Conversation(answers, who, listener)
            version = await asking.greeted()
            await waiting.greeted()
            for conversation in (asking, waiting):
                await self._show_password(conversation)
            listener.connected(await self._described(asking, version))
            session = _Session(waiting, asking, listener, DurationNs(-self._server.following.offset))
            await run_together(session.wait_for_changes, partial(self._ask_on, session))

    async def _show_password(self, conversation: _Conversation) -> None:
        if self._server.password is None:
            return
        password = find_password(self._server.password, self._environment, whose="mpd")
        reply = await conversation.ask(password_command(password.reveal()))
        if isinstance(reply, Refusal):
            reason = "wrong password" if reply.code == WRONG_PASSWORD else f"password refused (error {reply.code})"
            raise FeedTrouble(f"mpd at {self._server.address}: {reason}; check {self._server.password}")

    async def _described(self, asking: _Conversation, version: str) -> str:
        """What people call it, with the outputs that it plays to, and what seems wrong about that."""
        reply = await asking.ask(OUTPUTS)
        outputs = () if isinstance(reply, Refusal) else outputs_in(reply)
        said = f"mpd {version} at {self._server.address}"
        if outputs:
            said += f", playing to {' and '.join(outputs)}"
        if outputs and self._server.output is not None and self._server.output not in outputs:
            said += f"; the offset is that of {self._server.output}, set output or offset"
        return said + doubts_about(self._server.password)

    async def _ask_on(self, session: _Session) -> Never:
        while True:
            await session.read_status()
            self._quantum = session.playback.quantum
            usual = INTERVAL_SECONDS * (LEAST_SHARE + (MOST_SHARE - LEAST_SHARE) * self._share())
            await session.wait_for_change(RESTLESS_SECONDS if session.playback.restless() else usual)


class _Conversation:
    """One connection: a question, its reply, the next question."""

    def __init__(self, socket: PlayerSocket, who: str, listener: Listener) -> None:
        self.who = who
        self.asked = HostNs(0)
        self.answered = HostNs(0)
        self._socket = socket
        self._listener = listener
        self._replies = Replies()

    async def greeted(self) -> str:
        """The version in MPD's greeting. Raises FeedTrouble."""
        with patience(self.who):
            received = await self._socket.receive()
        version = version_in(received.lines[0])
        if version is None:
            raise FeedTrouble(f"{self.who} is no MPD: expected the greeting OK MPD, got another; check the address")
        return version

    async def ask(self, command: bytes) -> Reply:
        """Ask, and wait no longer than anybody should. Raises FeedTrouble."""
        with patience(self.who):
            return await self.ask_and_wait(command)

    async def ask_and_wait(self, command: bytes) -> Reply:
        """Ask, and wait as long as it takes; notes when it was asked, and when answered. Raises FeedTrouble."""
        self.asked = self._socket.send(command)
        while True:
            received = await self._socket.receive()
            self.answered = received.at
            for _ in range(self._socket.count_too_long()):
                self._listener.ignore(TOO_LONG)
            for line in received.lines:
                reply = self._replies.take(line)
                if reply is not None:
                    return reply


class _Session:
    """One pair of connections."""

    def __init__(self, waiting: _Conversation, asking: _Conversation, listener: Listener, ahead: DurationNs) -> None:
        self.playback = MpdPlayback(ahead)
        self._waiting = waiting
        self._asking = asking
        self._listener = listener
        self._trips = RoundTrips()
        self._changed = trio.Event()
        self._renamed = False

    async def wait_for_changes(self) -> Never:
        """Wake whoever waits for a change, at every one."""
        while True:
            _accepted(await self._waiting.ask_and_wait(IDLE), self._waiting.who)
            self._renamed = True
            self._changed.set()

    async def wait_for_change(self, seconds: float) -> None:
        """Wait so long, or until something changes; never no time at all, whatever MPD claims to change."""
        await trio.sleep(SHORTEST_SECONDS)
        with trio.move_on_after(seconds):
            await self._changed.wait()
        self._changed = trio.Event()

    async def read_status(self) -> None:
        """Ask for the status and tell what follows."""
        pairs = _accepted(await self._asking.ask(STATUS), self._asking.who)
        stamp = self._trips.stamp(self._asking.asked, self._asking.answered, eager=self.playback.eager)
        now = self._asking.answered
        try:
            status = status_in(pairs)
        except Unreadable as unreadable:
            self._listener.ignore(str(unreadable))
            return
        if stamp is None and status.state is State.PLAY:
            self._listener.ignore(TOO_SLOW)
        await self._learn_name(status)
        observation = self.playback.answered(status, stamp, now)
        if observation is not None:
            self._listener.observe(observation)

    async def _learn_name(self, status: Status) -> None:
        """Ask for the song's name where it is not known, or may have changed as that of a stream does."""
        if status.song is not None and (self._renamed or self.playback.wants_name(status)):
            self._renamed = False
            self.playback.name(song_in(_accepted(await self._asking.ask(CURRENT_SONG), self._asking.who)))


def _accepted(reply: Reply, who: str) -> Pairs:
    """The reply, if MPD gave one. Raises FeedTrouble."""
    if not isinstance(reply, Refusal):
        return reply
    if reply.code == NO_PERMISSION:
        raise FeedTrouble(f"{who} wants a password; name a file that holds it as password_file")
    raise FeedTrouble(f"{who} does not say how it stands (error {reply.code}); is it an MPD?")
