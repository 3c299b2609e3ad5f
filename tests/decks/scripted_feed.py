"""A feed whose words the test writes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Never

import trio

from beatsync.clock import Clock
from beatsync.core.observation import Accuracy, Character, Observation, RateKnowledge, TrackHint
from beatsync.core.transport import NORMAL_RATE, Rate
from beatsync.core.units import NS_PER_SECOND, HostNs, TrackNs, ms
from beatsync.feeds.feed import FeedTrouble, Listener

TOP = TrackNs(0)
ZERO = HostNs(0)
PLAYER = Character(accuracy=Accuracy.A, interval=ms(50), rate=RateKnowledge.REPORTED, states_playing=True)


@dataclass
class ScriptedFeed:
    """Connected from the start; with a `fault` it is in trouble, and says nothing."""

    name: str
    clock: Clock
    character: Character = PLAYER
    fault: str = ""
    _listener: Listener | None = None
    _changed: trio.Event = field(default_factory=trio.Event)

    async def listen(self, listener: Listener) -> Never:
        """As a feed does."""
        if self.fault:
            raise FeedTrouble(self.fault)
        self._listener = listener
        listener.connected(f"the player of {self.name}")
        self._changed = trio.Event()
        await self._changed.wait()
        self._listener = None
        raise FeedTrouble(self.fault)

    def break_down(self, fault: str) -> None:
        """It is in trouble from now on, until `mend`."""
        self.fault = fault
        self._changed.set()

    def mend(self) -> None:
        """The next try succeeds."""
        self.fault = ""

    def say(self, observation: Observation) -> None:
        """One reading, as it is."""
        if self._listener is not None:
            self._listener.observe(observation)


@dataclass
class ScriptedPlayer:
    """A player in virtual time, told of by a feed every 50 ms, `late` by as much as the test says."""

    feed: ScriptedFeed
    position: TrackNs = TOP
    rate: Rate = NORMAL_RATE
    playing: bool = True
    silent: bool = False
    late: list[int] = field(default_factory=lambda: [0])
    _at: HostNs = ZERO
    _told: int = 0

    def __post_init__(self) -> None:
        self._at = self.feed.clock.now()

    def truth(self) -> TrackNs:
        """Where it is."""
        passed = (self.feed.clock.now() - self._at) * self.rate // NORMAL_RATE if self.playing else 0
        return TrackNs(self.position + passed)

    def _anchor(self) -> None:
        self.position, self._at = self.truth(), self.feed.clock.now()

    def seek(self, seconds: float, *, said: bool = True) -> None:
        """Go somewhere; `said`: the feed announces it."""
        self._anchor()
        self.position = TrackNs(round(seconds * NS_PER_SECOND))
        self.tell(jump=said)

    def pause(self) -> None:
        """Stand still."""
        self._anchor()
        self.playing = False
        self.tell()

    def resume(self) -> None:
        """Go on."""
        self._anchor()
        self.playing = True
        self.tell()

    def tell(self, *, jump: bool = False, track: TrackHint | None = None) -> None:
        """One reading, late by the next of `late`."""
        if self.silent:
            return
        late = self.late[self._told % len(self.late)]
        self._told += 1
        reading = Observation(
            host=self.feed.clock.now(),
            position=self.truth(),
            playing=self.playing,
            rate=self.rate,
            jump=jump,
            track=track,
        )
        if reading.position is not None and self.playing:
            reading = replace(reading, position=TrackNs(reading.position - late))
        self.feed.say(reading)

    async def run(self) -> Never:
        """Tell every 50 ms, until cancelled."""
        while True:
            self.tell()
            await trio.sleep(0.05)
