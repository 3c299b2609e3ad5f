"""mpv with mpv-mpris, controlled with playerctl: the feed follows what it does. mpv's own reading is the truth."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import trio

from beatsync.clock import SystemClock
from beatsync.config.feeds.mpris import MprisPlayer
from beatsync.core.observation import Observation
from beatsync.core.transport import rate_of
from beatsync.core.units import NS_PER_SECOND, ms, ns_from_seconds
from beatsync.feeds.mpris.feed import MprisFeed
from beatsync.feeds.polled_player import MOVES
from tests.feeds.watching import watching
from tests.needs import needs
from tests.players.click_track import click_track
from tests.players.mpv_mpris import MpvMpris, mpv_mpris
from tests.players.session_bus import session_bus

CLOCK = SystemClock()
WOBBLE = ms(50)
"""By so much mpv's own readings differ among each other."""


@dataclass
class Stage:
    """An mpv on a bus of its own, and a feed that follows it."""

    bus: str
    mpv: MpvMpris
    track: Path
    feed: MprisFeed

    async def playerctl(self, *words: str) -> str:
        """Tell the player something; returns what it answers."""
        command = [needs("playerctl", "playerctl"), "--player=mpv", *words]
        environment = os.environ | {"DBUS_SESSION_BUS_ADDRESS": self.bus}
        run = partial(trio.run_process, command, env=environment, capture_stdout=True)
        return str((await run()).stdout.decode().strip())

    def truth(self) -> int:
        """Where playback stands now, in nanoseconds, once it does: a file may still be on its way."""
        for _ in range(100_000):
            if (seconds := self.mpv.do("get_property", "audio-pts")) is not None:
                return ns_from_seconds(float(seconds))
        pytest.fail("mpv plays nothing")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with playing(tmp_path) as stage:
        yield stage


@contextmanager
def playing(folder: Path) -> Iterator[Stage]:
    track = click_track(folder / "click.wav", 180.5)
    with session_bus(folder) as bus, mpv_mpris(folder, bus, track) as mpv:
        feed = MprisFeed(MprisPlayer("mpv"), env={"DBUS_SESSION_BUS_ADDRESS": bus}, clock=CLOCK)
        yield Stage(bus, mpv, track, feed)


def plays(told: Observation) -> bool:
    return bool(told.playing) and told.position is not None


async def test_its_track_is_known_by_file_title_and_length(stage: Stage) -> None:
    async with watching(stage.feed) as watched:
        found = await watched.first(lambda told: told.track is not None and told.track.duration is not None)
        assert found.track is not None
        assert found.track.file == str(stage.track)
        assert found.track.title == "click.wav"
        assert found.track.duration == pytest.approx(180.5 * NS_PER_SECOND, abs=ms(10))
        assert watched.sources == ["mpv on the session bus"]


async def test_no_position_is_ahead_of_the_player(stage: Stage) -> None:
    async with watching(stage.feed) as watched:
        for _ in range(10):
            told = await watched.first(plays, after=len(watched.observations))
            assert told.position is not None
            assert told.position <= stage.truth() + WOBBLE


async def test_a_seek_is_told_as_a_jump_to_where_it_went(stage: Stage) -> None:
    async with watching(stage.feed) as watched:
        await watched.first(plays)
        await stage.playerctl("position", "60")
        jumped = await watched.first(lambda told: told.jump)
        assert jumped.position is not None
        assert 60 * NS_PER_SECOND - ms(200) <= jumped.position <= stage.truth() + WOBBLE


async def test_a_pause_is_told_with_the_exact_place_and_so_is_its_end(stage: Stage) -> None:
    async with watching(stage.feed) as watched:
        await watched.first(plays)
        await stage.playerctl("pause")
        paused = await watched.first(lambda told: told.playing is False and told.position is not None)
        assert paused.position == pytest.approx(stage.truth(), abs=ms(1))
        before = len(watched.observations)
        await stage.playerctl("play")
        resumed = await watched.first(plays, after=before)
        assert resumed.position is not None
        assert paused.position is not None
        assert resumed.position >= paused.position


async def test_another_rate_is_told_as_it_is(stage: Stage) -> None:
    async with watching(stage.feed) as watched:
        await watched.first(plays)
        stage.mpv.do("set_property", "speed", 1.25)
        await watched.first(lambda told: told.rate == rate_of(1.25))


async def test_another_track_is_told_with_its_first_position_as_a_jump(stage: Stage, tmp_path: Path) -> None:
    other = click_track(tmp_path / "other.wav", 60)
    async with watching(stage.feed) as watched:
        await watched.first(plays)
        stage.mpv.do("loadfile", str(other))
        changed = await watched.first(lambda told: told.track is not None and told.track.file == str(other))
        jumped = await watched.first(lambda told: told.jump and told.host >= changed.host)
        assert jumped.position is not None
        assert jumped.position <= stage.truth() + WOBBLE


async def test_a_stop_is_told_and_what_is_loaded_after_it_is_followed_though_mpv_says_that_it_is_stopped(
    stage: Stage,
) -> None:
    """mpv-mpris 0.7.1 says Stopped for ever after stop and loadfile."""
    async with watching(stage.feed) as watched:
        await watched.first(plays)
        await stage.playerctl("stop")
        await watched.first(lambda told: told.playing is False)
        before = len(watched.observations)
        stage.mpv.do("loadfile", str(stage.track))
        found = await watched.first(plays, after=before)
        assert found.position is not None
        assert found.position <= stage.truth() + WOBBLE
        if await stage.playerctl("status") == "Stopped":
            assert watched.ignored[MOVES]


async def test_a_track_in_a_loop_jumps_back_at_its_end(stage: Stage) -> None:
    async with watching(stage.feed) as watched:
        await watched.first(lambda told: told.track is not None and told.track.duration is not None)
        await stage.playerctl("loop", "Track")
        stage.mpv.do("seek", 179.0, "absolute+exact")
        await watched.first(lambda told: (told.position or 0) > 178 * NS_PER_SECOND)
        before = len(watched.observations)
        back = await watched.first(
            lambda told: told.position is not None and told.position < 10 * NS_PER_SECOND, after=before
        )
        assert back.jump


async def test_a_player_that_is_quit_has_left_and_is_followed_when_it_is_there_again(
    stage: Stage, tmp_path: Path
) -> None:
    async with watching(stage.feed) as watched:
        await watched.first(plays)
    stage.mpv.do("quit")
    await trio.to_thread.run_sync(stage.mpv.process.wait)
    async with watching(stage.feed) as watched:
        await trio.testing.wait_all_tasks_blocked()
        with mpv_mpris(tmp_path, stage.bus, stage.track):
            await watched.first(plays)
            assert watched.sources[0] == "mpv on the session bus"


async def test_without_a_name_it_is_found_as_the_only_one(stage: Stage) -> None:
    feed = MprisFeed(MprisPlayer(), env={"DBUS_SESSION_BUS_ADDRESS": stage.bus}, clock=CLOCK)
    async with watching(feed) as watched:
        await watched.first(plays)
        assert watched.sources == ["mpv on the session bus"]


def test_playerctl_sees_the_player_under_the_name_that_a_configuration_uses(stage: Stage) -> None:
    """It is what docs/feeds/mpris.md tells people to find the name with."""
    command = [needs("playerctl", "playerctl"), "--list-all"]
    environment = os.environ | {"DBUS_SESSION_BUS_ADDRESS": stage.bus}
    for _ in range(600):
        names = subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout.split()
        if names == ["mpv"]:
            return
        assert stage.mpv.process.poll() is None
    pytest.fail(f"playerctl sees {names}")
