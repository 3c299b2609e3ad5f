"""mpv as a feed: two connections to its JSON socket, one to listen on and one to ask on.

The position asked for is `audio-pts`, which mpv computes when asked; `time-pos` is never asked for, it is up to 100 ms
old (feeds.md, finding 1). Asks at intervals that beat with nothing, and at once after every event.
"""

from __future__ import annotations

import random  # noqa: TID251  the shell draws when to ask
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final, Never

import trio

from beatsync.clock import Clock
from beatsync.config.feeds.mpv import MpvPlayer
from beatsync.core.fields import cut
from beatsync.core.observation import Accuracy, Character, RateKnowledge
from beatsync.core.units import NO_TIME, HostNs, ms
from beatsync.feeds.feed import Listener
from beatsync.feeds.mpv.messages import (
    MAX_LINE_BYTES,
    NO_MESSAGE,
    TOO_LONG,
    TOO_SLOW,
    Answer,
    Unreadable,
    command,
    parse_message,
    position_of,
)
from beatsync.feeds.mpv.playback import OBSERVED, MpvPlayback
from beatsync.feeds.player_socket import PlayerSocket, connect, patience
from beatsync.feeds.round_trips import RoundTrips
from beatsync.feeds.together import run_together

CHARACTER: Final = Character(
    accuracy=Accuracy.A,
    interval=ms(50),
    rate=RateKnowledge.REPORTED,
    states_playing=True,
    states_jumps=True,
)

LEAST_INTERVAL_SECONDS: Final = 0.040
MOST_INTERVAL_SECONDS: Final = 0.060
SHORTEST_SECONDS: Final = 0.002
RESTLESS_SECONDS: Final = 0.010
"""The interval while a position is missing: a seek is over within a few milliseconds."""


class MpvFeed:
    """One mpv, by its socket."""

    def __init__(self, player: MpvPlayer, *, clock: Clock, share: Callable[[], float] = random.random) -> None:
        """`share`: draws 0 to 1, where in its bounds an interval lies."""
        self._player = player
        self._clock = clock
        self._share = share
        self._frame = NO_TIME

    @property
    def name(self) -> str:
        """What people call it."""
        return f"mpv {self._player.socket}"

    @property
    def character(self) -> Character:
        """What sort of clock it is. The position of a silent video moves by frames, which is known when it plays."""
        return replace(CHARACTER, quantum=self._frame)

    async def listen(self, listener: Listener) -> Never:
        """Connect, and tell every reading. Raises FeedTrouble."""
        socket = self._player.socket
        who = f"mpv at {socket}"
        remedy = f"start it with --input-ipc-server={socket}"
        opened = partial(connect, socket, who=who, remedy=remedy, clock=self._clock, longest=MAX_LINE_BYTES)
        with await opened() as events, await opened() as answers:
            session = _Session(events, answers, who=who, listener=listener, clock=self._clock)
            await run_together(session.hear, partial(self._ask_on, session))

    async def _ask_on(self, session: _Session) -> Never:
        await session.introduce()
        while True:
            restless = await session.read_position()
            self._frame = session.playback.frame
            spread = MOST_INTERVAL_SECONDS - LEAST_INTERVAL_SECONDS
            usual = LEAST_INTERVAL_SECONDS + spread * self._share()
            await session.wait_for_event(RESTLESS_SECONDS if restless else usual)


class _Session:
    """One pair of connections."""

    def __init__(
        self, events: PlayerSocket, answers: PlayerSocket, *, who: str, listener: Listener, clock: Clock
    ) -> None:
        self.playback = MpvPlayback()
        self._events = events
        self._answers = answers
        self._who = who
        self._listener = listener
        self._clock = clock
        self._trips = RoundTrips()
        self._request = 0
        self._event = trio.Event()
        self._caught_up = trio.Event()

    # Listening

    async def hear(self) -> Never:
        """Take note of all that happens."""
        for name in OBSERVED:
            self._events.send(command(0, "observe_property", 1, name))
        while True:
            received = await self._events.receive()
            self._count_too_long(self._events)
            for line in received.lines:
                self._take_note(line, received.at)

    def _take_note(self, line: bytes, at: HostNs) -> None:
        match parse_message(line):
            case None:
                self._listener.ignore(NO_MESSAGE)
            case Answer(request):
                if request == self._request:
                    self._caught_up.set()
            case message:
                try:
                    wanted = self.playback.heard(message, at)
                except Unreadable as unreadable:
                    self._listener.ignore(str(unreadable))
                else:
                    if wanted:
                        self._event.set()

    async def wait_for_event(self, seconds: float) -> None:
        """Wait so long, or until something happens; never no time at all, whatever mpv claims to happen."""
        await trio.sleep(SHORTEST_SECONDS)
        with trio.move_on_after(seconds):
            await self._event.wait()
        self._event = trio.Event()

    # Asking

    async def introduce(self) -> None:
        """Find out who it is, and tell it. No event is wanted on the connection for answers."""
        await self._ask("disable_event", "all")
        version = (await self._ask("get_property", "mpv-version"))[1]
        said = cut(version) if isinstance(version, str) and version.startswith("mpv ") else "mpv"
        self._listener.connected(f"{said}{self._who.removeprefix('mpv')}")

    async def read_position(self) -> bool:
        """Ask for the position and tell what follows; returns whether the next one is wanted soon."""
        asked, value, answered = await self._ask("get_property", "audio-pts")
        await self._catch_up()
        stamp = self._trips.stamp(asked, answered)
        try:
            position = position_of(value)
        except Unreadable as unreadable:
            self._listener.ignore(str(unreadable))
            position = None
        if position is not None and stamp is None:
            self._listener.ignore(TOO_SLOW)
        observation = self.playback.answered(position, stamp, answered)
        if observation is not None:
            self._listener.observe(observation)
        return self.playback.restless(answered)

    async def _ask(self, *words: str) -> tuple[HostNs, object, HostNs]:
        """When it was asked, what was answered, and when."""
        self._request += 1
        with patience(self._who):
            asked = self._answers.send(command(self._request, *words))
            while True:
                received = await self._answers.receive()
                self._count_too_long(self._answers)
                for line in received.lines:
                    match parse_message(line):
                        case None:
                            self._listener.ignore(NO_MESSAGE)
                        case Answer(self._request, value):
                            return asked, value, received.at

    async def _catch_up(self) -> None:
        """Return when everything that happened before has been heard.

        mpv writes all events that wait before it answers a command (input/ipc-unix.c): so a position from behind a seek
        is never taken for one from before it.
        """
        self._caught_up = trio.Event()
        with patience(self._who):
            self._events.send(command(self._request, "client_name"))
            await self._caught_up.wait()

    def _count_too_long(self, socket: PlayerSocket) -> None:
        for _ in range(socket.count_too_long()):
            self._listener.ignore(TOO_LONG)
