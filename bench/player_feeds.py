"""How good the feeds of mpv and MPD are, against the players' own dense readings. Needs mpv and mpd, no sound card.

The truth is a line through some 200 readings a second, each dated by the middle of a round trip of a millisecond at
most: through all of them for mpv, which computes its position when asked; through the highest of each second for MPD,
whose position is true where it has just moved and low until it moves again.
"""

from __future__ import annotations

import random
import shutil
import statistics
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import trio

from beatsync.clock import SystemClock
from beatsync.config.feeds.addresses import UnixAddress
from beatsync.config.feeds.mpd import MpdServer
from beatsync.config.feeds.mpv import MpvPlayer
from beatsync.core.observation import Following, Observation
from beatsync.core.units import ms
from beatsync.feeds.feed import Feed
from beatsync.feeds.mpd.feed import MpdFeed
from beatsync.feeds.mpv.feed import MpvFeed
from tests.players.clicks import write_clicks
from tests.players.mpd import Mpd, running_mpd
from tests.players.mpv import Mpv, running_mpv

STEADY_SECONDS = 20.0
DENSE_SECONDS = 0.005
EVENTS = 30
LONGEST_ROUND_TRIP = ms(1)
PATIENCE_SECONDS = 10.0
CLOCK = SystemClock()

Point = tuple[float, float]
Player = Mpv | Mpd


@dataclass
class Listening:
    """What the feed said, and when it was heard."""

    observations: list[tuple[int, Observation]] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    news: trio.Event = field(default_factory=trio.Event)

    def connected(self, source: str) -> None:
        """The source answers."""

    def observe(self, observation: Observation) -> None:
        """One reading."""
        self.observations.append((CLOCK.now(), observation))
        self.news.set()
        self.news = trio.Event()

    def ignore(self, reason: str) -> None:
        """No reading."""
        self.ignored[reason] += 1

    async def first(self, holds: Callable[[Observation], object]) -> int:
        """When the next observation was heard of which `holds` is true."""
        heard = len(self.observations)
        with trio.fail_after(PATIENCE_SECONDS):
            while True:
                for at, observation in self.observations[heard:]:
                    if holds(observation):
                        return at
                await self.news.wait()


@asynccontextmanager
async def listening(feed: Feed) -> AsyncIterator[Listening]:
    """What the feed says."""
    heard = Listening()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(feed.listen, heard)
        yield heard
        nursery.cancel_scope.cancel()


async def dense_readings(player: Player, seconds: float) -> list[Point]:
    """The player's own positions at instants, both in seconds."""
    readings = []
    end = CLOCK.now() + ms(seconds * 1_000)
    while CLOCK.now() < end:
        asked = CLOCK.now()
        position = player.position()
        answered = CLOCK.now()
        if position is not None and answered - asked <= LONGEST_ROUND_TRIP:
            readings.append(((asked + answered) / 2e9, position))
        await trio.sleep(DENSE_SECONDS)
    return readings


def tops(readings: Sequence[Point]) -> list[Point]:
    """Of each second the reading that is furthest ahead."""
    seconds: dict[int, list[Point]] = {}
    for at, position in readings:
        seconds.setdefault(int(at), []).append((at, position))
    return [max(group, key=lambda point: point[1] - point[0]) for group in seconds.values()]


def residuals(observations: Sequence[Observation], truth: Sequence[Point]) -> tuple[list[float], float]:
    """How far each observation is ahead of the line through the truth, in ms; and the line's slope."""
    start = truth[0][0]
    instants, positions = [at - start for at, _ in truth], [position for _, position in truth]
    slope, intercept = statistics.linear_regression(instants, positions)
    off = [
        (seen.position / 1e9 - intercept - slope * (seen.host / 1e9 - start)) * 1e3
        for seen in observations
        if seen.position is not None
    ]
    return off, slope


def quantile(values: Sequence[float], share: float) -> float:
    """Of the values that are at least one; the largest for 1."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def steady(name: str, feed: Feed, player: Player, line: Callable[[Sequence[Point]], Sequence[Point]]) -> None:
    """Print a row of the first table."""
    async with listening(feed) as heard:
        await heard.first(lambda seen: seen.playing)
        await trio.sleep(1)
        before, ignored = len(heard.observations), heard.ignored.total()
        truth = line(await dense_readings(player, STEADY_SECONDS))
        seen = [observation for _, observation in heard.observations[before:]]
        off, slope = residuals(seen, truth)
        trips = [2 * observation.slack / 1e6 for observation in seen]
        print(
            f"{name:<34} {len(off) / STEADY_SECONDS:>5.1f} {heard.ignored.total() - ignored:>5}"
            f" {statistics.mean(off):>7.2f} {statistics.pstdev(off):>6.2f} {min(off):>7.2f} {max(off):>6.2f}"
            f" {(slope - 1) * 1e6:>6.0f} {statistics.median(trips):>6.2f} {quantile(trips, 0.99):>6.2f}"
        )


async def events(name: str, feed: Feed, player: Player) -> None:
    """Print a row of the second table: how long after its command a change is told."""
    delays: dict[str, list[float]] = {"pause": [], "resume": [], "seek": []}
    async with listening(feed) as heard:

        async def timed(kind: str, act: Callable[[], None], holds: Callable[[Observation], object]) -> None:
            told: list[int] = []

            async def wait() -> None:
                told.append(await heard.first(holds))

            async with trio.open_nursery() as nursery:
                nursery.start_soon(wait)
                await trio.sleep(random.uniform(0.3, 0.5))
                began = CLOCK.now()
                act()
            delays[kind].append((told[0] - began) / 1e6)

        await heard.first(lambda seen: seen.playing)
        for _ in range(EVENTS):
            await timed("pause", player.pause, lambda seen: seen.playing is False)
            await timed("resume", player.resume, lambda seen: seen.playing)
            target = ((player.position() or 0) + random.uniform(5, 40)) % 50
            await timed("seek", partial(player.seek, target), lambda seen: seen.jump and seen.playing)
    cells = [f"{statistics.median(found):>8.1f} {max(found):>7.1f}" for found in delays.values()]
    print(f"{name:<34} {'  '.join(cells)}")


def mpv_feed(folder: Path) -> MpvFeed:
    """Of the mpv in `folder`."""
    return MpvFeed(MpvPlayer(UnixAddress(str(folder / "mpv.sock"))), clock=CLOCK)


async def with_mpv(folder: Path, measure: Callable[[Feed, Mpv], Awaitable[None]], *options: str) -> None:
    """Measure with an mpv that plays a minute of clicks round and round."""
    with running_mpv(folder / "mpv.sock", "--loop-file=inf", *options) as mpv:
        mpv.load(write_clicks(folder / "clicks.wav", seconds=60))
        await measure(mpv_feed(folder), mpv)


async def with_mpd(folder: Path, measure: Callable[[Feed, Mpd], Awaitable[None]]) -> None:
    """Measure with an MPD that plays a minute of clicks."""
    (folder / "music").mkdir(exist_ok=True)
    write_clicks(folder / "music" / "clicks.wav", seconds=60)
    with running_mpd(folder) as mpd:
        mpd.enqueue("clicks.wav", "clicks.wav")
        mpd.command("repeat 1")
        mpd.play()
        server = MpdServer(address=UnixAddress(mpd.address), following=Following())
        await measure(MpdFeed(server, clock=CLOCK), mpd)


async def _run(folder: Path) -> None:
    print(f"steady playback, {STEADY_SECONDS:g} s; observations against the line through the player's own readings, ms")
    columns = ("a second", "slow", "mean", "sd", "min", "max", "ppm", "RTT", "p99")
    print(f"{'':<34} {columns[0]:>5}", *(f"{column:>6}" for column in columns[1:]))
    await with_mpv(folder, partial(steady, "mpv, null output", line=list))
    await with_mpv(folder, partial(steady, "mpv, card 500 ppm fast", line=list), "--ao-null-speed=1.0005")
    await with_mpd(folder, partial(steady, "MPD, null output", line=tops))
    print(f"\nfrom a command until it is told, {EVENTS} of each; median and worst, ms")
    print(f"{'':<34} {'pause':>16}  {'resume':>16}  {'seek':>16}")
    await with_mpv(folder, partial(events, "mpv"))
    await with_mpd(folder, partial(events, "MPD"))


def run() -> None:
    """Print the tables."""
    missing = [name for name in ("mpv", "mpd") if shutil.which(name) is None]
    if missing:
        print(f"left out: needs {' and '.join(missing)}")
        return
    with TemporaryDirectory() as folder:
        trio.run(_run, Path(folder))
