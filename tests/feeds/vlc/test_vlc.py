"""VLC itself, over its web interface and over the bus: the feeds follow what it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trio

from beatsync.clock import SystemClock
from beatsync.config.feeds.addresses import TcpAddress
from beatsync.config.feeds.mpris import MprisPlayer
from beatsync.config.feeds.passwords import PasswordFile
from beatsync.config.feeds.vlc import VlcPlayer
from beatsync.core.observation import Observation
from beatsync.core.transport import rate_of
from beatsync.core.units import NS_PER_SECOND, ms
from beatsync.feeds.mpris.feed import MprisFeed
from beatsync.feeds.vlc.feed import VlcFeed
from tests.feeds.watching import trouble_of, watching
from tests.players.click_track import click_track
from tests.players.session_bus import session_bus
from tests.players.vlc import PASSWORD, Vlc, vlc

CLOCK = SystemClock()
LENGTH = 180.73


@pytest.fixture
def player(tmp_path: Path) -> Iterator[Vlc]:
    with vlc(click_track(tmp_path / "click.wav", LENGTH)) as player:
        yield player


def feed_of(player: Vlc, folder: Path, password: str = PASSWORD) -> VlcFeed:
    kept = folder / "password"
    kept.write_text(f"{password}\n")
    settings = VlcPlayer(address=TcpAddress("127.0.0.1", player.port), password=PasswordFile(kept))
    return VlcFeed(settings, env={}, clock=CLOCK)


def plays(told: Observation) -> bool:
    return bool(told.playing) and told.position is not None


def paused(told: Observation) -> bool:
    return told.playing is False


def stands_beyond(seconds: float) -> Callable[[Observation], bool]:
    return lambda told: paused(told) and (told.position or 0) > seconds * NS_PER_SECOND


async def test_it_is_followed_through_a_pause_a_seek_and_another_rate(player: Vlc, tmp_path: Path) -> None:
    async with watching(feed_of(player, tmp_path)) as watched:
        await watched.first(plays)
        before = len(watched.observations)
        await trio.to_thread.run_sync(player.do, "pl_pause")
        await watched.first(paused, after=before)
        before = len(watched.observations)
        await trio.to_thread.run_sync(player.do, "seek&val=90s")
        await trio.to_thread.run_sync(player.do, "pl_pause")
        there = await watched.first(
            lambda told: plays(told) and told.position is not None and told.position > 80 * NS_PER_SECOND, after=before
        )
        assert there.position == pytest.approx(90 * NS_PER_SECOND, abs=ms(2_000))
        await trio.to_thread.run_sync(player.do, "rate&val=1.25")
        await watched.first(lambda told: told.rate == rate_of(1.25))
        before = len(watched.observations)
        await trio.to_thread.run_sync(player.do, "pl_stop")
        stopped = await watched.first(lambda told: told.playing is False, after=before)
        assert stopped.position is None


async def test_its_track_is_known_by_its_file(player: Vlc, tmp_path: Path) -> None:
    async with watching(feed_of(player, tmp_path)) as watched:
        found = await watched.first(lambda told: told.track is not None and told.track.duration is not None)
        assert found.track is not None
        assert found.track.file == "click.wav"
        assert found.track.duration == 180 * NS_PER_SECOND
        assert watched.sources[0].startswith("VLC 3.")


async def test_a_wrong_password_is_refused(player: Vlc, tmp_path: Path) -> None:
    assert "refuses the password (401)" in await trouble_of(feed_of(player, tmp_path, "wrong"))


async def test_a_vlc_that_ends_is_a_trouble(player: Vlc, tmp_path: Path) -> None:
    feed = feed_of(player, tmp_path)
    async with watching(feed) as watched:
        await watched.first(plays)
    player.process.kill()
    await trio.to_thread.run_sync(player.process.wait)
    assert "is not there: no connection" in await trouble_of(feed)


async def test_near_the_end_its_place_agrees_with_the_one_that_it_tells_on_the_bus(tmp_path: Path) -> None:
    """By web interface the length is 180 s, on the bus 180.73: at 170 s that alone would be 0.69 s."""
    with session_bus(tmp_path) as bus, vlc(click_track(tmp_path / "click.wav", LENGTH), bus=bus) as player:
        on_the_bus = MprisFeed(MprisPlayer("vlc"), env={"DBUS_SESSION_BUS_ADDRESS": bus}, clock=CLOCK)
        async with watching(feed_of(player, tmp_path)) as web, watching(on_the_bus) as exact:
            await web.first(plays)
            await trio.to_thread.run_sync(player.do, "seek&val=150s")
            await web.first(lambda told: (told.position or 0) > 149 * NS_PER_SECOND)
            before = len(web.observations)
            await web.wait_for(before + 100)
            await trio.to_thread.run_sync(player.do, "pl_pause")
            await web.first(paused)
            await trio.to_thread.run_sync(player.do, "seek&val=170s")
            stands = await web.first(stands_beyond(165))
            truth = await exact.first(stands_beyond(165))
            assert stands.position == pytest.approx(truth.position, abs=stands.slack + ms(10))
            assert stands.slack < ms(300)
