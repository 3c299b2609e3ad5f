"""Feeds that are looked at for themselves: how far readings lie off the line, and that nothing else happens."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from beatsync.clock import TrioClock
from beatsync.config.configuration import FollowFeeds
from beatsync.config.read import read_config
from beatsync.core.engine import MAIN_DECK
from beatsync.core.quality import State
from beatsync.core.units import ms
from beatsync.decks.watching import Watch
from beatsync.feeds.keeping import FeedRemark
from tests.decks.following import following
from tests.decks.scripted_feed import ScriptedFeed, ScriptedPlayer


class Looked:
    """Scripted feeds, and the watch that looks at them."""

    def __init__(self, *feeds: str) -> None:
        choice = read_config(following(*feeds).encode(), path=Path("show.yaml")).decks[MAIN_DECK].clock
        assert isinstance(choice, FollowFeeds)
        self.clock = TrioClock()
        self.feeds = [ScriptedFeed(f"feed {n}", self.clock) for n in range(len(choice.feeds))]
        self.remarks: list[FeedRemark] = []
        self.watch = Watch(MAIN_DECK, self.feeds, choice, clock=self.clock, remark=self.remarks.append)

    @property
    def residuals(self) -> list[int]:
        """Of the first feed, in whole ms."""
        return [round(each / 1e6) for each in self.watch.view(self.clock.now()).feeds[0].residuals]


async def test_residuals_are_how_far_readings_lie_below_the_line(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    looked = Looked("offset: -100ms")
    nursery.start_soon(looked.watch.run)
    await trio.sleep(0.01)
    player = ScriptedPlayer(looked.feeds[0], late=[0, ms(8), ms(3)])
    nursery.start_soon(player.run)
    await trio.sleep(5)
    view = looked.watch.view(looked.clock.now())
    assert view.transport is not None
    assert view.transport.position_at(view.at) == pytest.approx(player.truth() - ms(100), abs=ms(1))
    assert set(looked.residuals[-9:]) == {0, -8, -3}
    assert view.feeds[0].standing.quality.state is State.LOCKED


async def test_a_jump_begins_anew(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    looked = Looked()
    nursery.start_soon(looked.watch.run)
    await trio.sleep(0.01)
    player = ScriptedPlayer(looked.feeds[0])
    nursery.start_soon(player.run)
    await trio.sleep(5)
    assert len(looked.residuals) > 50
    player.seek(100.0)
    await trio.sleep(0.3)
    assert 0 < len(looked.residuals) < 10
    assert max(map(abs, looked.residuals)) < 40
    player.pause()
    await trio.sleep(5)
    assert len(looked.residuals) < 10


async def test_each_feed_has_its_own_and_one_leads(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    looked = Looked("", "")
    nursery.start_soon(looked.watch.run)
    looked.feeds[0].fault = "no player"
    await trio.sleep(0.01)
    player = ScriptedPlayer(looked.feeds[1])
    nursery.start_soon(player.run)
    await trio.sleep(3)
    view = looked.watch.view(looked.clock.now())
    assert [feed.standing.leads for feed in view.feeds] == [False, True]
    assert [len(feed.residuals) > 10 for feed in view.feeds] == [False, True]
    assert [feed.standing.health.reason for feed in view.feeds] == ["no player", None]
