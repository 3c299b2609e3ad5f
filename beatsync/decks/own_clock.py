"""A deck's own clock: playback starts at an instant, and does what people say.

Civil time is used once, when it begins, and becomes a monotonic anchor: whatever the wall clock does later changes
nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Never

import trio

from beatsync.clock import Clock
from beatsync.config.starts import Start, StartAt
from beatsync.core.observation import TrackHint
from beatsync.core.playback import Adjusted, Jumped, Paused, Resumed, Verdict
from beatsync.core.quality import Quality, State
from beatsync.core.transport import NORMAL_RATE, PAUSED, Rate, Transport
from beatsync.core.units import NO_TIME, HostNs, TrackNs
from beatsync.decks.deck_clock import FeedStanding
from beatsync.feeds.start import transport_of_start

TOP = TrackNs(0)


class OwnClock:
    """Tells every change of its line at once; it is never wrong."""

    def __init__(self, start: Start, clock: Clock, tell: Callable[[Verdict], None]) -> None:
        """`tell`: told each verdict."""
        self._start = start
        self._clock = clock
        self._tell = tell
        self._transport: Transport | None = None
        self._rate = NORMAL_RATE

    @property
    def name(self) -> str:
        """What people call it."""
        return "its own clock"

    @property
    def transport(self) -> Transport | None:
        """The line; None while nobody has said play."""
        return self._transport

    @property
    def track(self) -> TrackHint | None:
        """It plays whatever is loaded."""
        return None

    @property
    def rate(self) -> Rate:
        """How fast playback goes, or will go when it goes on."""
        return self._rate

    def quality(self, now: HostNs) -> Quality:  # noqa: ARG002  the face of every clock
        """As good as can be."""
        state = State.LOCKED
        if self._transport is None:
            state = State.WAITING
        elif not self._transport.moving:
            state = State.PAUSED
        error = None if self._transport is None else NO_TIME
        return Quality(state=state, error=error, rate=0.0, age=None, last_break=None, refused=0)

    def feeds(self, now: HostNs) -> tuple[FeedStanding, ...]:  # noqa: ARG002  the face of every clock
        """There are none."""
        return ()

    async def run(self) -> Never:
        """Nothing happens to it by itself."""
        await trio.sleep_forever()
        raise AssertionError

    # What is said

    def begin(self) -> None:
        """Everything is armed: start, if that is a matter of time alone."""
        transport = transport_of_start(self._start, now=self._clock.now(), wall=self._clock.wall())
        if transport is not None:
            self._go(transport, "the start time")

    def take_over(self, transport: Transport) -> None:
        """Playback was found going on like this; nobody needs to be told."""
        self._transport = transport
        if transport.moving:
            self._rate = transport.rate

    def recall_rate(self, rate: Rate) -> None:
        """So fast playback went, or would have gone."""
        self._rate = rate

    def succeed(self, transport: Transport | None) -> Transport | None:
        """Lead what another clock has led until now; returns the line. An instant of civil time says where that is."""
        if isinstance(self._start, StartAt):
            transport = transport_of_start(self._start, now=self._clock.now(), wall=self._clock.wall())
        if transport is not None:
            self.take_over(transport)
        return transport

    def start_at(self, transport: Transport, why: str) -> None:
        """Playback follows this line from now on."""
        self._go(transport, why)

    def play(self, *, anew: bool) -> None:
        """Go on after a pause, or start from the top; `anew`: also where it plays already."""
        now, transport = self._clock.now(), self._transport
        if transport is None or anew:
            self._go(Transport(now, TOP, self._rate), "play")
        elif not transport.moving:
            self._transport = Transport(now, transport.position_at(now), self._rate)
            self._tell(Resumed(transport=self._transport))

    def pause(self) -> None:
        """Hold the position; nothing if it is held already, or nothing plays."""
        transport = self._transport
        if transport is not None and transport.moving:
            now = self._clock.now()
            self._transport = Transport(now, transport.position_at(now), PAUSED)
            self._tell(Paused(transport=self._transport, why="pause"))

    def seek(self, position: TrackNs) -> None:
        """Go to `position`, playing on or holding as before; where nothing plays yet, hold there."""
        moving = self._transport is not None and self._transport.moving
        self._go(Transport(self._clock.now(), position, self._rate if moving else PAUSED), "seek")

    def set_rate(self, rate: Rate) -> None:
        """Playback goes so fast from now on."""
        now, transport = self._clock.now(), self._transport
        self._rate = rate
        if transport is not None and transport.moving:
            self._transport = Transport(now, transport.position_at(now), rate)
            self._tell(Adjusted(transport=self._transport))

    def stop(self) -> None:
        """Nothing plays, until somebody says play."""
        self._transport = None

    def _go(self, transport: Transport, why: str) -> None:
        before, self._transport = self._transport, transport
        now = self._clock.now()
        self._tell(
            Jumped(
                transport=transport,
                went_from=before.position_at(now) if before else None,
                went_to=transport.position_at(now),
                why=why,
            )
        )
