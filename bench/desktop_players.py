"""How good desktop players are as clocks: mpv and VLC over MPRIS, VLC over its web interface.

mpv's readings are compared with its own `audio-pts`, worked out by mpv when asked. VLC has no such thing: its readings
are compared with the straight line along their upper edge, and those of the web interface with those on the bus.
"""

from __future__ import annotations

import statistics
import tempfile
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from time import process_time

import trio

from beatsync.clock import SystemClock
from beatsync.config.feeds.addresses import TcpAddress
from beatsync.config.feeds.mpris import MprisPlayer
from beatsync.config.feeds.vlc import VlcPlayer
from beatsync.core.observation import Observation
from beatsync.core.transport import Rate
from beatsync.core.units import NS_PER_MS, NS_PER_SECOND
from beatsync.feeds.feed import Feed, FeedTrouble
from beatsync.feeds.mpris.feed import MprisFeed
from beatsync.feeds.polled_player import TOO_SLOW
from beatsync.feeds.vlc.feed import VlcFeed
from beatsync.feeds.vlc.page import PAUSE, open_page
from beatsync.secret import Secret
from tests.players.click_track import click_track
from tests.players.mpv_mpris import MpvMpris, mpv_mpris
from tests.players.session_bus import session_bus
from tests.players.vlc import PASSWORD, Vlc, vlc

CLOCK = SystemClock()
STEADY_SECONDS = 60.0
EVENTS = 30
HOUR_SECONDS = 3_600.9
NEAR_THE_END = 3_400 * NS_PER_SECOND
GROUP_SECONDS = 1.0


@dataclass
class Told:
    """What a feed says."""

    observations: list[Observation] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)

    def connected(self, source: str) -> None:
        """Not of interest."""

    def observe(self, observation: Observation) -> None:
        """Keep it."""
        self.observations.append(observation)

    def ignore(self, reason: str) -> None:
        """Count it."""
        self.ignored[reason] += 1

    def playing(self, start: int = 0) -> list[tuple[int, int]]:
        """Instants and positions while it plays, in nanoseconds."""
        return [
            (told.host, told.position)
            for told in self.observations[start:]
            if told.playing and told.position is not None
        ]

    async def first(self, fits: Callable[[Observation], bool], *, after: int) -> Observation:
        """The first that fits."""
        while True:
            for told in self.observations[after:]:
                if fits(told):
                    return told
            await trio.sleep(0.001)


async def keep(feed: Feed, told: Told) -> None:
    """Listen, and again until the player is there."""
    while True:
        try:
            await feed.listen(told)
        except FeedTrouble:
            await trio.sleep(0.05)


def row(name: str, values: Sequence[float], unit: str = "ms") -> None:
    """One line of a table: mean, scatter, extremes."""
    if len(values) < 2:
        print(f"  {name:<58} too few values")
        return
    ordered = sorted(values)
    p99 = ordered[min(len(ordered) - 1, round(0.99 * len(ordered)))]
    print(
        f"  {name:<58} {statistics.fmean(values):>8.2f} {statistics.pstdev(values):>7.2f} "
        f"{statistics.median(values):>8.2f} {p99:>8.2f} {ordered[0]:>8.2f} {ordered[-1]:>8.2f} {unit}"
    )


def head(title: str) -> None:
    """The head of a table."""
    print(f"{title:<60} {'mean':>8} {'sd':>7} {'median':>8} {'p99':>8} {'min':>8} {'max':>8}")


def errors(readings: Sequence[tuple[int, int]], truth: Sequence[tuple[int, int]]) -> list[tuple[int, float]]:
    """Instants, and by how many milliseconds each reading is ahead of the truth, between whose points lines lie."""
    instants = [at for at, _ in truth]
    found = []
    for at, position in readings:
        index = bisect_left(instants, at)
        if not 0 < index < len(truth):
            continue
        (before, low), (after, high) = truth[index - 1], truth[index]
        true = low + (high - low) * (at - before) / (after - before)
        found.append((at, (position - true) / NS_PER_MS))
    return found


def freshest(found: Sequence[tuple[int, float]], seconds: float = GROUP_SECONDS) -> list[float]:
    """The highest of each second: what an estimator that knows that readings are only ever late goes by."""
    groups: dict[int, float] = {}
    for at, error in found:
        group = int(at / NS_PER_SECOND / seconds)
        groups[group] = max(error, groups.get(group, error))
    return list(groups.values())


def along_the_edge(readings: Sequence[tuple[int, int]]) -> list[tuple[int, float]]:
    """Readings against the straight line through the highest of each second."""
    start, base = readings[0]
    ahead = [(at, float(position - base - (at - start))) for at, position in readings]
    tops: dict[int, tuple[int, float]] = {}
    for at, height in ahead:
        group = int(at / NS_PER_SECOND / GROUP_SECONDS)
        if group not in tops or height > tops[group][1]:
            tops[group] = (at, height)
    line = statistics.linear_regression([at - start for at, _ in tops.values()], [top for _, top in tops.values()])
    return [(at, (height - line.intercept - line.slope * (at - start)) / NS_PER_MS) for at, height in ahead]


@contextmanager
def folder() -> Iterator[Path]:
    """Somewhere to put tracks."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


# mpv over MPRIS


async def measure_mpv(mpv: MpvMpris, feed: MprisFeed) -> None:
    """Steady playback, then what happens after a command."""
    told, truth = Told(), []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(keep, feed, told)
        await told.first(lambda one: bool(one.playing), after=0)
        began, until = CLOCK.now(), CLOCK.now() + STEADY_SECONDS * NS_PER_SECOND
        first = len(told.observations)
        while CLOCK.now() < until:
            asked = CLOCK.now()
            position = mpv.do("get_property", "audio-pts")
            truth.append(((asked + CLOCK.now()) // 2, round(position * NS_PER_SECOND)))
            await trio.sleep(0.05)
        steady = [one for one in told.observations[first:] if one.host > began]
        found = errors(told.playing(first), truth)
        slow = told.ignored[TOO_SLOW]
        head(f"mpv over MPRIS, {len(found)} readings in {STEADY_SECONDS:g} s ({slow} too slow)")
        row("error against audio-pts", [error for _, error in found])
        row("the freshest of each second", freshest(found))
        row("round trip", [2 * one.slack / NS_PER_MS for one in steady if one.position is not None])
        await measure_commands(mpv, told)
        nursery.cancel_scope.cancel()


async def measure_commands(mpv: MpvMpris, told: Told) -> None:
    """From mpv's answer to a command until the feed tells it."""
    head(f"from a command until it is told, {EVENTS} times each")
    delays: dict[str, list[float]] = {"a seek, as a jump": [], "a pause": [], "its end": [], "another rate": []}
    landed: list[float] = []
    for turn in range(EVENTS):
        target = 30.0 if turn % 2 else 90.0
        delay, jumped = await delay_of(mpv, told, ("seek", target, "absolute+exact"), lambda one: one.jump)
        delays["a seek, as a jump"].append(delay)
        asked = CLOCK.now()
        true = mpv.do("get_property", "audio-pts") * NS_PER_SECOND - (asked - jumped.host)
        landed.append(((jumped.position or 0) - true) / NS_PER_MS)
        await trio.sleep(0.6)
        delay, _ = await delay_of(mpv, told, ("set_property", "pause", True), lambda one: one.playing is False)
        delays["a pause"].append(delay)
        await trio.sleep(0.4)
        delay, _ = await delay_of(mpv, told, ("set_property", "pause", False), lambda one: bool(one.playing))
        delays["its end"].append(delay)
        await trio.sleep(0.4)
        delay, _ = await delay_of(
            mpv, told, ("set_property", "speed", 1.0 if turn % 2 else 1.05), another_rate(told.observations[-1].rate)
        )
        delays["another rate"].append(delay)
        await trio.sleep(0.6)
    for name, values in delays.items():
        row(name, values)
    row("the jump's position against audio-pts", landed)


async def delay_of(
    mpv: MpvMpris, told: Told, command: tuple[object, ...], fits: Callable[[Observation], bool]
) -> tuple[float, Observation]:
    """Milliseconds, and what is told."""
    after = len(told.observations)
    mpv.do(*command)
    at = CLOCK.now()
    found = await told.first(fits, after=after)
    return (CLOCK.now() - at) / NS_PER_MS, found


def another_rate(rate: Rate | None) -> Callable[[Observation], bool]:
    """Whether a reading has one."""
    return lambda told: told.rate != rate


# VLC


async def measure_vlc(player: Vlc, bus: str) -> None:
    """Steady playback over both ways, at the same time; then near the end of an hour."""
    env = {"DBUS_SESSION_BUS_ADDRESS": bus, "VLC_PASSWORD": PASSWORD}
    web = VlcFeed(settings_of(player), env=env, clock=CLOCK)
    on_the_bus = MprisFeed(MprisPlayer("vlc"), env=env, clock=CLOCK)
    told, exact = Told(), Told()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(keep, on_the_bus, exact)
        nursery.start_soon(keep, web, told)
        await told.first(lambda one: bool(one.playing), after=0)
        await exact.first(lambda one: bool(one.playing), after=0)
        await trio.sleep(2)
        firsts = len(told.observations), len(exact.observations)
        spent = process_time()
        await trio.sleep(STEADY_SECONDS)
        spent = process_time() - spent
        for name, heard, first in (("web interface", told, firsts[0]), ("MPRIS", exact, firsts[1])):
            readings = heard.playing(first)
            found = along_the_edge(readings)
            slow = heard.ignored[TOO_SLOW]
            head(f"VLC over {name}, {len(readings)} readings in {STEADY_SECONDS:g} s ({slow} too slow)")
            row("error against the line along the upper edge", [error for _, error in found])
            row("the freshest of each second", freshest(found))
            changed = [later[0] for earlier, later in pairwise(readings) if later[1] != earlier[1]]
            steps = [later - earlier for earlier, later in pairwise(changed)]
            row("interval between two positions", [step / NS_PER_MS for step in steps])
        print(f"  processor time of both feeds: {100 * spent / STEADY_SECONDS:.1f} %")
        await measure_length(player, told, exact)
        nursery.cancel_scope.cancel()


async def measure_length(player: Vlc, told: Told, exact: Told) -> None:
    """The places by whole seconds against those in microseconds."""
    after = len(told.observations), len(exact.observations)
    await trio.to_thread.run_sync(player.do, "seek&val=3500s")
    await told.first(lambda one: (one.position or 0) > NEAR_THE_END, after=after[0])
    began = CLOCK.now()
    await trio.sleep(40)
    there = exact.playing(after[1])
    head(f"VLC over its web interface, at 3,500 s of {HOUR_SECONDS:g} s, against MPRIS")
    for start, end in ((0, 2), (2, 6), (6, 12), (12, 24), (24, 40)):
        group = [reading for reading in told.playing(after[0]) if start <= (reading[0] - began) / NS_PER_SECOND < end]
        row(f"{start} to {end} s after the seek", apart(group, there))
    length = told.observations[-1].track or next(one.track for one in reversed(told.observations) if one.track)
    short = HOUR_SECONDS - (length.duration or 0) / NS_PER_SECOND
    print(f"  without a correction it would be {short * 3_500 / HOUR_SECONDS * 1_000:.0f} ms short")


def apart(readings: Sequence[tuple[int, int]], exact: Sequence[tuple[int, int]]) -> list[float]:
    """Milliseconds by which readings are ahead of exact ones, where those before and after agree on what was told."""
    instants = [at for at, _ in exact]
    found = []
    for at, position in readings:
        index = bisect_left(instants, at)
        if 0 < index < len(exact) and exact[index - 1][1] == exact[index][1]:
            found.append((position - exact[index][1]) / NS_PER_MS)
    return found


async def measure_page(player: Vlc) -> None:
    """The round trip of one question."""
    trips = []
    async with open_page(settings_of(player).address, Secret(PASSWORD), who="vlc", clock=CLOCK) as page:
        for _ in range(200):
            answer = await page.ask()
            trips.append((answer.answered - answer.asked) / NS_PER_MS)
            await trio.sleep(0.02)
    head("VLC's web interface, 200 questions")
    row(f"round trip, less the {PAUSE / NS_PER_MS:g} ms that VLC waits", trips)


def settings_of(player: Vlc) -> VlcPlayer:
    """How it is reached."""
    return VlcPlayer(address=TcpAddress("127.0.0.1", player.port))


def run() -> None:
    """Print the tables."""
    with folder() as here, session_bus(here) as bus:
        with mpv_mpris(here, bus, click_track(here / "click.wav", 240)) as mpv:
            feed = MprisFeed(MprisPlayer("mpv"), env={"DBUS_SESSION_BUS_ADDRESS": bus}, clock=CLOCK)
            trio.run(measure_mpv, mpv, feed)
        with vlc(click_track(here / "hour.wav", HOUR_SECONDS), bus=bus) as player:
            trio.run(measure_page, player)
            trio.run(measure_vlc, player, bus)
