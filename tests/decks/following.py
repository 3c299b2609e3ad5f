"""A deck that follows a player which does not exist, in virtual time: the truth, what is said of it, what goes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random  # noqa: TID251  the seed is given
from typing import Final

import trio

from beatsync.core.observation import Character, Observation
from beatsync.core.units import NS_PER_MS, NS_PER_SECOND, HostNs
from beatsync.decks.state import DeckState
from bench.simulated_feeds import START, Piece, Playback, SimulatedFeed, instant
from tests.core.shows import song
from tests.decks.booth import TARGETS, Booth

SONG: Final = song("Intro 4", "Drop 8 4", "Break 4 1", "Drop 16 4")
"""At 120 bpm: a beat is half a second, a bar two; the drop begins at 8 s, the break at 24 s, all ends at 64 s."""

RULES: Final = """
rules:
  - {on: beat, send: {address: /beat, args: [{d: seconds}]}}
  - {on: section, send: {address: "/look/{label}", look: looks, args: [occurrence], end: {args: [0]}}}
"""


def following(*feeds: str, rules: str = RULES) -> str:
    """A configuration that follows so many feeds; each is what is said of it beside its address: `freewheel: 1s`."""
    each = [
        f"{{osc: {{port: {9000 + n}, address: /position, unit: s{', ' if said else ''}{said}}}}}"
        for n, said in enumerate(feeds or ("",))
    ]
    return f"track: song.json\nclock: {{feed: [{', '.join(each)}]}}\n{TARGETS}\n{rules}"


@dataclass
class Scene:
    """A booth whose feeds are scripted. `truth`: where the player is, from the beginning of the scene on."""

    booth: Booth
    truth: Playback
    began: HostNs

    # Time and truth

    @property
    def now(self) -> HostNs:
        """The present instant on the truth's axis."""
        return HostNs(self.booth.clock.now() - self.began + START)

    async def until(self, seconds: float) -> None:
        """Wait until so long after the beginning."""
        await trio.sleep(max(instant(seconds) - self.now, 0) / NS_PER_SECOND)

    # What is said

    async def say(self, readings: Iterable[Observation], *, feed: int = 0) -> None:
        """Have the feed say each of these when it is heard: at its `host`, which is on the truth's axis."""
        for reading in readings:
            await trio.sleep(max(reading.host - self.now, 0) / NS_PER_SECOND)
            self.say_now(reading, feed=feed)

    def say_now(self, reading: Observation, *, feed: int = 0) -> None:
        """Have the feed say this at once, with the instant that it gives."""
        self.booth.feeds[feed].say(replace(reading, host=HostNs(reading.host - START + self.began)))

    def readings(self, wire: SimulatedFeed, seconds: float, seed: int = 1) -> list[Observation]:
        """What a `wire` makes of the truth, in so many seconds from the beginning of the scene on."""
        return wire.readings(self.truth, seconds, Random(seed))

    async def plays(self, wire: SimulatedFeed, seconds: float) -> None:
        """Have the feed say just that."""
        await self.say(self.readings(wire, seconds))

    # What went out

    def sent(self, address: str = "/beat") -> list[tuple[float, float]]:
        """When, in seconds from the beginning, and of which place in the track."""
        return [
            ((report.at - self.began) / NS_PER_SECOND, report.outcome.cue.position / NS_PER_SECOND)
            for report in self.booth.reports
            if report.outcome.to_send and report.outcome.cue.address.startswith(address)
        ]

    @property
    def beats(self) -> list[float]:
        """The places of the beats that were sent, in order."""
        return [place for _, place in self.sent()]

    @property
    def looks(self) -> list[str]:
        """The looks as they went out: `Drop 1`, `Drop 0`."""
        told = [self.booth.told(report) for report in self.booth.reports if report.outcome.to_send]
        return [text.removeprefix("/look/") for text in told if text.startswith("/look/")]

    def lateness(self, since: float = 0.0) -> list[float]:
        """How far playback had gone beyond the place of each beat when it was sent, in ms."""
        return [self.truth.at(instant(at)) / NS_PER_MS - place * 1e3 for at, place in self.sent() if at >= since]

    @property
    def state(self) -> DeckState:
        """What the deck does."""
        return self.booth.deck.state()

    def check_books(self) -> None:
        """Whatever was due has one fate."""
        assert self.booth.rig.snapshot().total.balanced


def scene(
    nursery: trio.Nursery,
    *pieces: tuple[float, float | None, float],
    written: str | None = None,
    character: Character | None = None,
) -> Scene:
    """A player that does each of these: at an instant, in seconds, it goes on from a place, or from where it is (None),
    so many times as fast as recorded. The first one is at 0.
    """
    booth = Booth(nursery, following() if written is None else written, {"song.json": SONG})
    if character is not None:
        for feed in booth.feeds:
            feed.character = character  # it has turned out to be such a clock
    _, start, speed = pieces[0]
    assert start is not None
    truth = Playback(1.0, [Piece(START, start * NS_PER_SECOND, speed, jumped=False)])
    for at, place, rate in pieces[1:]:
        truth.go(instant(at), to=None if place is None else place * NS_PER_SECOND, rate=rate)
    booth.begin()
    return Scene(booth, truth, booth.clock.now())


def doubled(places: Sequence[float]) -> list[float]:
    """Those that came more than once."""
    return [place for place, count in Counter(places).items() if count > 1]


def beats_between(start: float, end: float) -> list[float]:
    """The places of all beats in [start, end)."""
    return [beat / 2 for beat in range(int(2 * end) + 1) if start <= beat / 2 < end]
