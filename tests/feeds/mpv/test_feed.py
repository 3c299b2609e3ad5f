"""The feed with a real mpv: facts that hold however slow the machine is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
import trio

from beatsync.clock import SystemClock
from beatsync.config.feeds.addresses import UnixAddress
from beatsync.config.feeds.mpv import MpvPlayer
from beatsync.core.transport import rate_of
from beatsync.core.units import ms
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.keeping import FeedConnected, FeedRemark, FeedTroubled, KeptFeed
from beatsync.feeds.mpv.feed import MpvFeed
from tests.feeds.following import Follower, following, moves_on, seconds_of, trouble_when
from tests.feeds.listening import Heard
from tests.players.clicks import write_clicks
from tests.players.mpv import SILENT_VIDEO, Mpv, running_mpv


def feed_of(address: Path | str) -> MpvFeed:
    return MpvFeed(MpvPlayer(UnixAddress(str(address))), clock=SystemClock())


@pytest.fixture
def mpv(tmp_path: Path) -> Iterator[Mpv]:
    with running_mpv(tmp_path / "mpv.sock") as running:
        yield running


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return write_clicks(tmp_path / "song.wav", seconds=60)


async def test_positions_increase_while_a_song_plays_and_it_is_named_once(mpv: Mpv, song: Path) -> None:
    async with following(feed_of(mpv.address)) as follower:
        mpv.load(song)
        played = await follower.playing(20)
        assert moves_on(played)
        assert [seen.jump for seen in played] == [True] + [False] * (len(played) - 1)
        (hint,) = [seen.track for seen in follower.recent if seen.track is not None]
        assert (hint.file, hint.title, hint.duration, hint.id) == (str(song), "song.wav", ms(60_000), "1")
        assert follower.heard.sources[0].startswith("mpv ")
        assert follower.heard.sources[0].endswith(f" at {mpv.address}")


async def test_what_is_told_lies_on_the_line_that_mpv_itself_reads(mpv: Mpv, song: Path) -> None:
    """Each position lies between two of mpv's own readings, taken before and after it."""
    clock = SystemClock()
    async with following(feed_of(mpv.address)) as follower:
        mpv.load(song)
        await follower.playing(3)
        for _ in range(10):
            follower.forget()
            earlier, before = mpv.position(), clock.now()
            told = (await follower.playing())[0]
            after, later = clock.now(), mpv.position()
            assert earlier is not None
            assert later is not None
            assert told.position is not None
            assert before - ms(60) <= told.host <= after
            assert earlier - 0.060 <= told.position / 1e9 <= later


@pytest.mark.parametrize("target", [5.0, 31.7, 0.0])
async def test_the_first_position_after_a_seek_is_a_jump_to_its_target(mpv: Mpv, song: Path, target: float) -> None:
    """F5"""
    async with following(feed_of(mpv.address)) as follower:
        mpv.load(song)
        await follower.playing(5)
        mpv.seek(20.0)
        await follower.until(lambda seen: seen.playing and (seen.position or 0) >= ms(20_000))
        follower.forget()
        mpv.seek(target)
        first = await follower.until(lambda seen: seen.jump and seen.playing)
        later = mpv.position()
        assert later is not None
        assert first.position is not None
        assert target <= first.position / 1e9 <= later
        follower.forget()
        assert not any(seen.jump for seen in await follower.playing(5))


async def test_a_pause_and_its_end_are_told_and_are_no_jumps(mpv: Mpv, song: Path) -> None:
    async with following(feed_of(mpv.address)) as follower:
        mpv.load(song)
        await follower.playing(5)
        follower.forget()
        mpv.pause()
        stands = mpv.position()
        assert stands is not None
        paused = await follower.until(lambda seen: seen.playing is False and seen.position is not None)
        assert abs((paused.position or 0) / 1e9 - stands) < 0.020
        follower.forget()
        mpv.resume()
        played = await follower.playing(5)
        assert moves_on(played)
        assert not any(seen.jump for seen in follower.recent)
        assert (played[0].position or 0) >= (paused.position or 0)


async def test_a_seek_in_a_pause_is_told_and_the_first_position_that_moves_is_a_jump(mpv: Mpv, song: Path) -> None:
    async with following(feed_of(mpv.address)) as follower:
        mpv.load(song)
        await follower.playing(5)
        mpv.pause()
        await follower.until(lambda seen: seen.playing is False)
        follower.forget()
        mpv.seek(40.0)
        there = await follower.until(lambda seen: seen.jump)
        assert there.playing is False
        assert abs((there.position or 0) / 1e9 - 40.0) < 1.0
        follower.forget()
        mpv.resume()
        first = (await follower.playing())[0]
        assert first.jump
        assert (first.position or 0) >= ms(40_000)


@pytest.mark.parametrize("speed", [0.5, 1.5])
async def test_a_change_of_speed_is_told_and_playback_neither_leaps_nor_goes_back(
    mpv: Mpv, song: Path, speed: float
) -> None:
    """F9, F15"""
    async with following(feed_of(mpv.address)) as follower:
        mpv.load(song)
        await follower.playing(10)
        mpv.speed(speed)
        await follower.until(lambda seen: seen.rate == rate_of(speed))
        await follower.playing(len(follower.recent) + 20)
        played = [seen for seen in follower.recent if seen.playing and seen.position is not None]
        assert moves_on(played)
        assert [seen.rate for seen in played] == sorted((seen.rate or 0 for seen in played), reverse=speed < 1)
        assert not any(seen.jump for seen in played[1:])
        for one, other in pairwise(played):
            went, took = (other.position or 0) - (one.position or 0), other.host - one.host
            assert min(1, speed) * took - ms(5) <= went <= max(1, speed) * took + ms(5)


async def test_a_loop_is_heard_within_its_ends_and_jumps_where_it_goes_round(mpv: Mpv, song: Path) -> None:
    """F5: mpv itself states positions before the loop, since it forgets what is in its buffer."""
    async with following(feed_of(mpv.address)) as follower:
        mpv.load(song)
        mpv.command("set_property", "ab-loop-a", 2.0)
        mpv.command("set_property", "ab-loop-b", 2.6)
        await follower.playing(5)
        mpv.seek(2.0)
        await follower.until(lambda seen: seen.jump and (seen.position or 0) >= ms(2_000))
        follower.forget()
        jumps = 0
        while jumps < 4:
            follower.forget()
            await follower.until(lambda seen: seen.jump)
            jumps += 1
            for seen in follower.recent:
                assert ms(2_000) <= (seen.position or 0) <= ms(2_600)


async def test_the_next_song_is_a_jump_and_is_named(mpv: Mpv, song: Path, tmp_path: Path) -> None:
    short = write_clicks(tmp_path / "short.wav", seconds=1.0)
    async with following(feed_of(mpv.address)) as follower:
        mpv.load(short)
        mpv.load(song, "append")
        change = await follower.until(lambda seen: seen.track is not None and seen.track.file == str(song))
        assert (change.jump, change.playing) == (True, True)
        assert -0.1 <= seconds_of(change) < 1
        before = [seen for seen in follower.recent if seen.host < change.host]
        assert all(seen.playing for seen in before if seen.host > change.host - ms(500))
        assert change.track is not None
        assert change.track.id == "2"


async def test_at_the_end_of_the_playlist_mpv_stands_still(mpv: Mpv, tmp_path: Path) -> None:
    short = write_clicks(tmp_path / "short.wav", seconds=1.0)
    async with following(feed_of(mpv.address)) as follower:
        mpv.load(short)
        await follower.playing()
        follower.forget()
        await follower.until(lambda seen: seen.playing is False)
        last = max(seen.position or 0 for seen in follower.recent)
        assert last <= ms(1_000)
        follower.forget()
        mpv.load(short)
        assert (await follower.playing())[0].jump


async def test_a_stopped_mpv_stands_still(mpv: Mpv, song: Path) -> None:
    async with following(feed_of(mpv.address)) as follower:
        mpv.load(song)
        await follower.playing()
        follower.forget()
        mpv.stop()
        stopped = await follower.until(lambda seen: seen.playing is False and seen.position is None)
        assert stopped.track is None


async def test_a_silent_video_moves_by_frames(tmp_path: Path) -> None:
    with running_mpv(tmp_path / "mpv.sock", "--vid=auto") as mpv:
        feed = feed_of(mpv.address)
        async with following(feed) as follower:
            mpv.load(SILENT_VIDEO)
            played = await follower.playing(20)
            assert moves_on(played)
            assert all((seen.position or 0) % ms(40) == 0 for seen in played)
            assert all(seen.slack == ms(40) for seen in played)
            assert feed.character.quantum == ms(40)
            follower.forget()
            mpv.seek(30.0)
            first = await follower.until(lambda seen: seen.jump and seen.playing)
            assert seconds_of(first) >= 29.96


async def test_an_mpv_on_an_abstract_socket_is_followed(tmp_path: Path) -> None:
    name = f"@beatsync-test-{os.getpid()}-{tmp_path.name}"
    with running_mpv(name) as mpv:
        async with following(feed_of(mpv.address)) as follower:
            assert follower.heard.sources[0].endswith(f" at {name}")


@pytest.mark.parametrize("end", [Mpv.quit, Mpv.kill])
async def test_an_mpv_that_ends_is_trouble(mpv: Mpv, song: Path, end: Callable[[Mpv], None]) -> None:
    mpv.load(song)
    trouble = await trouble_when(feed_of(mpv.address), partial(end, mpv))
    assert trouble.startswith(f"mpv at {mpv.address}")
    assert "connection" in trouble


async def test_no_mpv_is_trouble_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "mpv.sock"
    with pytest.raises(FeedTrouble) as trouble:
        await feed_of(path).listen(Heard())
    assert str(trouble.value) == (
        f"mpv at {path} is not there: no such file or directory; start it with --input-ipc-server={path}"
    )


async def test_an_mpv_that_is_killed_and_started_again_is_followed_again(tmp_path: Path, song: Path) -> None:
    path = tmp_path / "mpv.sock"
    heard, remarks = Heard(), list[FeedRemark]()
    follower = Follower(heard)
    kept = KeptFeed(feed_of(path), observe=heard.observe, remark=remarks.append, clock=SystemClock())
    async with trio.open_nursery() as nursery:
        nursery.start_soon(kept.run)
        for _ in range(3):
            with running_mpv(path) as mpv:
                mpv.load(song)
                await follower.playing(3)
                mpv.kill()
            follower.forget()
        nursery.cancel_scope.cancel()
    assert sum(isinstance(remark, FeedConnected) for remark in remarks) == 3
    assert sum(isinstance(remark, FeedTroubled) for remark in remarks) >= 2
