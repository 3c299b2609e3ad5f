"""A feed is kept running for ever, in virtual time: when it is started again, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Never

import pytest
import trio
from trio.testing import MockClock

from beatsync.clock import TrioClock
from beatsync.core.observation import Accuracy, Character, Observation
from beatsync.core.units import HostNs, ms
from beatsync.feeds.feed import FeedTrouble, Listener
from beatsync.feeds.keeping import FeedConnected, FeedIgnored, FeedRemark, FeedState, FeedTroubled, KeptFeed

GONE = "player is not there: no such file or directory; start it"
Act = Callable[[Listener], None]


def connects(listener: Listener) -> None:
    listener.connected("player 1.0")


def speaks(listener: Listener) -> None:
    connects(listener)
    listener.observe(Observation(host=HostNs(0)))


def babbles(listener: Listener) -> None:
    connects(listener)
    listener.ignore("a position that is not a number")
    listener.ignore("a position that is not a number")


def nothing(listener: Listener) -> None:
    """Not there at all."""


class Script:
    """A feed that acts, breaks, and acts anew. After the script it stays connected, and silent."""

    name = "player"
    character = Character(accuracy=Accuracy.A, interval=ms(50))

    def __init__(self, *acts: Act | Exception, lasts: float = 0) -> None:
        self._acts = iter(acts)
        self._lasts = lasts
        self.starts: list[float] = []

    async def listen(self, listener: Listener) -> Never:
        self.starts.append(round(trio.current_time(), 6))  # noqa: TID251  the subject of these tests
        act = next(self._acts, None)
        if act is None:
            await trio.sleep_forever()
        if isinstance(act, Exception):
            raise act
        assert act is not None
        act(listener)
        await trio.sleep(self._lasts)
        raise FeedTrouble(GONE)


class Watched:
    """A kept feed, with all that was told."""

    def __init__(self, feed: Script, *, share: float = 1) -> None:
        self.feed = feed
        self.remarks: list[FeedRemark] = []
        self.observations: list[Observation] = []
        self.kept = KeptFeed(
            feed,
            observe=self.observations.append,
            remark=self.remarks.append,
            clock=TrioClock(),
            share=lambda: share,
        )

    async def run(self, seconds: float) -> None:
        """Keep it for so long."""
        with trio.move_on_after(seconds):
            await self.kept.run()


def gaps(starts: list[float]) -> list[float]:
    return [round(after - before, 6) for before, after in pairwise(starts)]


async def test_waits_double_from_a_tenth_of_a_second_to_two(autojump_clock: MockClock) -> None:
    watched = Watched(Script(*[nothing] * 7))
    await watched.run(60)
    assert gaps(watched.feed.starts) == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]


@pytest.mark.parametrize(("share", "first"), [(0, 0.05), (0.5, 0.075), (1, 0.1)])
async def test_jitter_shortens_a_wait_by_half_at_most(autojump_clock: MockClock, share: float, first: float) -> None:
    watched = Watched(Script(nothing), share=share)
    await watched.run(60)
    assert gaps(watched.feed.starts) == [first]


async def test_a_feed_that_was_heard_from_is_started_again_soon(autojump_clock: MockClock) -> None:
    watched = Watched(Script(nothing, nothing, nothing, speaks, nothing))
    await watched.run(60)
    assert gaps(watched.feed.starts) == [0.1, 0.2, 0.4, 0.1, 0.2]


async def test_a_feed_that_only_connects_has_not_been_heard_from(autojump_clock: MockClock) -> None:
    watched = Watched(Script(connects, connects, connects))
    await watched.run(60)
    assert gaps(watched.feed.starts) == [0.1, 0.2, 0.4]


async def test_a_change_is_told_once_and_not_at_every_retry(autojump_clock: MockClock) -> None:
    watched = Watched(Script(nothing, nothing, nothing, speaks, nothing, nothing, speaks, lasts=1))
    await watched.run(60)
    gone, there = FeedTroubled("player", GONE), FeedConnected("player", "player 1.0")
    assert watched.remarks == [gone, there, gone, there, gone]
    assert watched.kept.health().troubles == 7


async def test_another_reason_is_another_change(autojump_clock: MockClock) -> None:
    watched = Watched(Script(nothing, FeedTrouble("player: wrong password"), nothing))
    await watched.run(60)
    reasons = [remark.reason for remark in watched.remarks if isinstance(remark, FeedTroubled)]
    assert reasons == [GONE, "player: wrong password", GONE]


async def test_what_is_ignored_is_counted_and_told_once(autojump_clock: MockClock) -> None:
    watched = Watched(Script(babbles, babbles))
    await watched.run(60)
    assert watched.kept.health().ignored == {"a position that is not a number": 4}
    assert watched.remarks.count(FeedIgnored("player", "a position that is not a number")) == 1


async def test_health_follows_the_feed(autojump_clock: MockClock) -> None:
    watched = Watched(Script(speaks, speaks, lasts=10))
    assert watched.kept.health().state is FeedState.CONNECTING
    async with trio.open_nursery() as nursery:
        nursery.start_soon(watched.kept.run)
        await trio.sleep(5)
        health = watched.kept.health()
        assert (health.state, health.source, health.reason) == (FeedState.CONNECTED, "player 1.0", None)
        assert (health.observations, health.last_heard) == (1, HostNs(0))
        await trio.sleep(5.05)
        health = watched.kept.health()
        assert (health.state, health.source, health.reason) == (FeedState.TROUBLED, "player 1.0", GONE)
        await trio.sleep(1)
        health = watched.kept.health()
        assert (health.state, health.observations, health.last_heard) == (FeedState.CONNECTED, 2, HostNs(ms(10_100)))
        nursery.cancel_scope.cancel()
    assert len(watched.observations) == 2


async def test_a_fault_of_our_own_does_not_stop_the_show(autojump_clock: MockClock) -> None:
    watched = Watched(Script(ExceptionGroup("", [KeyError("x\ny")]), speaks))
    await watched.run(60)
    first, *_ = watched.remarks
    assert first == FeedTroubled("player", "a fault in beatsync itself, please report it: KeyError 'x\\ny'")
    assert watched.kept.health().observations == 1


async def test_a_snapshot_of_health_does_not_change_later(autojump_clock: MockClock) -> None:
    watched = Watched(Script(babbles, babbles))
    before = watched.kept.health()
    await watched.run(60)
    assert before.ignored == {}
