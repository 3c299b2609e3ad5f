"""The feed with a real MPD: facts that hold however slow the machine is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest
import trio

from beatsync.clock import SystemClock
from beatsync.config.feeds.addresses import Address, TcpAddress, UnixAddress
from beatsync.config.feeds.mpd import MpdOutput, MpdServer
from beatsync.config.feeds.passwords import PasswordFile, PasswordSource, PasswordVariable
from beatsync.core.observation import Following
from beatsync.core.units import NO_TIME, DurationNs, ms
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.keeping import FeedConnected, FeedRemark, FeedTroubled, KeptFeed
from beatsync.feeds.mpd.feed import MpdFeed
from tests.feeds.following import Follower, following, moves_on, seconds_of, trouble_when
from tests.feeds.listening import Heard
from tests.players.clicks import write_clicks
from tests.players.mpd import Mpd, running_mpd
from tests.system.oscdump import free_port

SONG, SHORT = "song.wav", "short.wav"
CHUNK_SECONDS = 0.0233
SECRET = "correct horse"


def feed_of(
    address: Address | str,
    *,
    offset: DurationNs = NO_TIME,
    output: MpdOutput | None = None,
    password: PasswordSource | None = None,
    environment: Mapping[str, str] | None = None,
) -> MpdFeed:
    server = MpdServer(
        address=UnixAddress(address) if isinstance(address, str) else address,
        following=Following(offset=offset),
        output=output,
        password=password,
    )
    return MpdFeed(server, clock=SystemClock(), environment=environment or {})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "music").mkdir()
    write_clicks(tmp_path / "music" / SONG, seconds=60)
    write_clicks(tmp_path / "music" / SHORT, seconds=1)
    return tmp_path


@pytest.fixture
def mpd(folder: Path) -> Iterator[Mpd]:
    with running_mpd(folder) as running:
        running.enqueue(SONG, SHORT, SONG)
        yield running


async def test_positions_increase_while_a_song_plays_and_it_is_named_once(mpd: Mpd) -> None:
    async with following(feed_of(mpd.address)) as follower:
        mpd.play()
        played = await follower.playing(15)
        assert moves_on(played)
        assert [seen.jump for seen in played] == [True] + [False] * (len(played) - 1)
        (hint,) = [seen.track for seen in follower.recent if seen.track is not None]
        assert (hint.file, hint.duration, hint.id) == (SONG, ms(60_000), "1")
        (source,) = follower.heard.sources
        assert source.startswith("mpd 0.")
        assert source.endswith(f" at {mpd.address}, playing to null")


async def test_what_is_told_is_what_mpd_says_at_that_time(mpd: Mpd) -> None:
    clock = SystemClock()
    async with following(feed_of(mpd.address)) as follower:
        mpd.play()
        await follower.playing(3)
        for _ in range(10):
            follower.forget()
            earlier, before = mpd.position(), clock.now()
            told = (await follower.playing())[0]
            after, later = clock.now(), mpd.position()
            assert earlier is not None
            assert later is not None
            assert before - ms(200) <= told.host <= after
            assert earlier - 0.2 <= seconds_of(told) <= later


@pytest.mark.parametrize("target", [5.0, 31.7, 0.0])
async def test_the_first_position_after_a_seek_is_a_jump_to_its_target(mpd: Mpd, target: float) -> None:
    """F5"""
    async with following(feed_of(mpd.address)) as follower:
        mpd.play()
        mpd.seek(20.0)
        await follower.until(lambda seen: seen.playing and (seen.position or 0) >= ms(20_000))
        follower.forget()
        mpd.seek(target)
        first = await follower.until(lambda seen: seen.jump and seen.playing)
        later = mpd.position()
        assert later is not None
        assert target <= seconds_of(first) <= later
        follower.forget()
        assert not any(seen.jump for seen in await follower.playing(5))


async def test_a_pause_and_its_end_are_told_and_are_no_jumps(mpd: Mpd) -> None:
    async with following(feed_of(mpd.address)) as follower:
        mpd.play()
        await follower.playing(5)
        follower.forget()
        mpd.pause()
        paused = await follower.until(lambda seen: seen.playing is False)
        assert seconds_of(paused) == mpd.position()
        follower.forget()
        mpd.resume()
        played = await follower.playing(5)
        assert moves_on(played)
        assert not any(seen.jump for seen in follower.recent)
        assert seconds_of(played[0]) >= seconds_of(paused)


async def test_a_seek_in_a_pause_is_told_and_the_first_position_that_moves_is_a_jump(mpd: Mpd) -> None:
    async with following(feed_of(mpd.address)) as follower:
        mpd.play()
        await follower.playing(5)
        mpd.pause()
        await follower.until(lambda seen: seen.playing is False and seen.position is not None)
        follower.forget()
        mpd.seek(40.0)
        there = await follower.until(lambda seen: seen.jump)
        assert (there.playing, seconds_of(there)) == (False, 40.0)
        follower.forget()
        mpd.resume()
        first = (await follower.playing())[0]
        assert first.jump
        assert seconds_of(first) > 40.0


@pytest.mark.parametrize("offset", [0, -200])
async def test_the_next_song_is_a_jump_and_is_named_when_it_is_heard(mpd: Mpd, offset: int) -> None:
    async with following(feed_of(mpd.address, offset=ms(offset))) as follower:
        mpd.play(1)
        change = await follower.until(lambda seen: seen.track is not None and seen.track.file == SONG)
        assert (change.jump, change.playing) == (True, True)
        assert seconds_of(change) >= max(0, -offset - 100) / 1_000
        before = [seen for seen in follower.recent if seen.playing and seen.host < change.host]
        assert max(seconds_of(seen) for seen in before) <= 1.0


async def test_a_skip_is_told_by_its_name(mpd: Mpd) -> None:
    async with following(feed_of(mpd.address)) as follower:
        mpd.play()
        await follower.playing(3)
        follower.forget()
        mpd.next()
        change = await follower.until(lambda seen: seen.track is not None)
        assert change.track is not None
        assert (change.track.file, change.track.id, change.jump) == (SHORT, "2", True)


def wait_for_the_end(mpd: Mpd) -> None:
    """The queue has one second of sound."""
    assert mpd.position() is not None


@pytest.mark.parametrize("end", [wait_for_the_end, Mpd.stop])
async def test_at_the_end_of_the_queue_and_after_a_stop_mpd_stands_still(
    folder: Path, end: Callable[[Mpd], None]
) -> None:
    with running_mpd(folder) as mpd:
        mpd.enqueue(SHORT)
        async with following(feed_of(mpd.address)) as follower:
            for _ in range(2):
                follower.forget()
                mpd.play()
                assert (await follower.playing())[0].jump
                follower.forget()
                end(mpd)
                over = await follower.until(lambda seen: seen.playing is False)
                assert over.position is None


async def test_an_mpd_is_found_on_tcp_and_on_abstract_sockets(folder: Path) -> None:
    name, port = f"@beatsync-test-{os.getpid()}", free_port()
    with running_mpd(folder, port=port, abstract=name) as mpd:
        for address in (TcpAddress("127.0.0.1", port), UnixAddress(name), UnixAddress(mpd.address)):
            async with following(feed_of(address)) as follower:
                assert f" at {address}, " in follower.heard.sources[0]


async def test_an_offset_for_another_output_is_said(mpd: Mpd) -> None:
    async with following(feed_of(mpd.address, output=MpdOutput.PULSE)) as follower:
        (source,) = follower.heard.sources
        assert source.endswith("playing to null; the offset is that of pulse, set output or offset")
    async with following(feed_of(mpd.address, output=MpdOutput.NULL)) as follower:
        (source,) = follower.heard.sources
        assert source.endswith("playing to null")


def test_the_steps_are_those_of_the_format() -> None:
    feed = feed_of("/run/mpd/socket")
    assert feed.character.quantum / 1e9 == pytest.approx(CHUNK_SECONDS, abs=0.001)


async def test_a_password_is_taken_from_a_file_or_the_environment(folder: Path) -> None:
    """C10"""
    path = folder / "password"
    path.write_text(SECRET + "\n")
    path.chmod(0o600)
    with running_mpd(folder, password=SECRET) as mpd:
        for password in (PasswordFile(path), PasswordVariable("MPD_PASSWORD")):
            feed = feed_of(mpd.address, password=password, environment={"MPD_PASSWORD": SECRET})
            async with following(feed) as follower:
                assert follower.heard.sources[0].endswith("playing to null")
        path.chmod(0o644)
        async with following(feed_of(mpd.address, password=PasswordFile(path))) as follower:
            assert follower.heard.sources[0].endswith(f"; others on this machine can get at {path}, chmod 600 it")


async def test_a_missing_or_a_wrong_password_is_trouble_and_is_never_shown(folder: Path) -> None:
    """C10"""
    path = folder / "password"
    path.write_text(SECRET)
    with running_mpd(folder, password="hunter2") as mpd:
        for password, expected in [
            (None, f"mpd at {mpd.address} wants a password; name a file that holds it as password_file"),
            (PasswordFile(path), f"mpd at {mpd.address}: wrong password; check {path}"),
            (
                PasswordVariable("MPD_PASSWORD"),
                f"mpd at {mpd.address}: wrong password; check the environment variable MPD_PASSWORD",
            ),
        ]:
            with pytest.raises(FeedTrouble) as trouble:
                await feed_of(mpd.address, password=password, environment={"MPD_PASSWORD": SECRET}).listen(Heard())
            assert str(trouble.value) == expected


@pytest.mark.parametrize("end", [Mpd.quit, Mpd.kill])
async def test_an_mpd_that_ends_is_trouble(mpd: Mpd, end: Callable[[Mpd], None]) -> None:
    mpd.play()
    trouble = await trouble_when(feed_of(mpd.address), partial(end, mpd))
    assert trouble.startswith(f"mpd at {mpd.address}")
    assert "connection" in trouble


async def test_no_mpd_is_trouble_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with pytest.raises(FeedTrouble) as trouble:
        await feed_of(str(path)).listen(Heard())
    assert str(trouble.value) == (
        f"mpd at {path} is not there: no such file or directory; start it, or correct the address"
    )


async def test_an_mpd_that_is_killed_and_started_again_is_followed_again(folder: Path) -> None:
    heard, remarks = Heard(), list[FeedRemark]()
    follower = Follower(heard)
    feed = feed_of(str(folder / "socket"))
    kept = KeptFeed(feed, observe=heard.observe, remark=remarks.append, clock=SystemClock())
    async with trio.open_nursery() as nursery:
        nursery.start_soon(kept.run)
        for _ in range(3):
            with running_mpd(folder) as mpd:
                mpd.enqueue(SONG)
                mpd.play()
                await follower.playing(3)
                mpd.kill()
            follower.forget()
        nursery.cancel_scope.cancel()
    assert sum(isinstance(remark, FeedConnected) for remark in remarks) == 3
    assert sum(isinstance(remark, FeedTroubled) for remark in remarks) >= 2
