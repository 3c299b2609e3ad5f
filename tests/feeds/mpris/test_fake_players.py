"""Players that break the rules, on a bus of our own: none of them crashes, hangs or deceives the feed."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import trio

from beatsync.config.feeds.mpris import MprisPlayer
from beatsync.core.units import NS_PER_SECOND
from beatsync.feeds import patience
from beatsync.feeds.mpris import search
from beatsync.feeds.mpris.feed import MprisFeed
from beatsync.feeds.mpris.following import LEAST_REST_SECONDS
from beatsync.feeds.mpris.session import NO_ANSWER
from beatsync.feeds.mpris.wire import MAX_MESSAGE_BYTES
from beatsync.feeds.polled_player import OUTSIDE
from tests.feeds.mpris.fake_player import CLOCK, FakePlayer, metadata
from tests.feeds.watching import Watched, trouble_of, watching
from tests.players.session_bus import session_bus

US_PER_SECOND = 1_000_000


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with session_bus(tmp_path_factory.mktemp("bus")) as address:
        yield address


def feed_on(bus: str, player: str | None = "fake") -> MprisFeed:
    return MprisFeed(MprisPlayer(player, bus), env={}, clock=CLOCK)


async def test_a_position_was_true_between_its_instant_less_its_slack_and_as_much_more(
    bus: str, nursery: trio.Nursery
) -> None:
    player = FakePlayer(bus)
    await nursery.start(player.play)
    async with watching(feed_on(bus)) as watched:
        told = [one for one in await watched.wait_for(20) if one.position is not None]
        assert told
        for one in told:
            assert one.position is not None
            late = one.host - player.started - one.position
            assert -one.slack - 1_000 <= late <= one.slack + 1_000
            assert one.playing


async def test_the_old_position_in_a_signal_is_not_used(bus: str, nursery: trio.Nursery) -> None:
    """cmus, issue 1407: the signal has the old position, and for a while the answers too."""
    player = FakePlayer(bus)
    await nursery.start(player.play)
    async with watching(feed_on(bus)) as watched:
        await watched.wait_for(5)
        before = len(watched.observations)
        await player.seeked(player.place())
        await watched.wait_for(before + 3)
        player.jump(60 * US_PER_SECOND)
        jumped = await watched.first(lambda told: told.jump, after=before)
        assert jumped.position is not None
        assert jumped.position >= 60 * NS_PER_SECOND


async def test_a_seek_that_is_not_announced_is_told_as_the_position_that_it_is(bus: str, nursery: trio.Nursery) -> None:
    """mpd-mpris, issue 70: no Seeked at all."""
    player = FakePlayer(bus)
    await nursery.start(player.play)
    async with watching(feed_on(bus)) as watched:
        await watched.wait_for(5)
        player.jump(60 * US_PER_SECOND)
        found = await watched.first(lambda told: (told.position or 0) >= 60 * NS_PER_SECOND)
        assert not found.jump


async def test_a_signal_of_somebody_else_announces_nothing(bus: str, nursery: trio.Nursery) -> None:
    """F11"""
    player, stranger = FakePlayer(bus), FakePlayer(bus, name="stranger", status="Paused")
    await nursery.start(player.play)
    await nursery.start(stranger.play)
    async with watching(feed_on(bus)) as watched:
        await watched.wait_for(5)
        await stranger.seeked(0)
        player.jump(60 * US_PER_SECOND)
        found = await watched.first(lambda told: (told.position or 0) >= 60 * NS_PER_SECOND)
        assert not found.jump


async def test_a_position_that_is_0_for_ever_is_told_as_what_it_is(bus: str, nursery: trio.Nursery) -> None:
    """F13"""
    await nursery.start(FakePlayer(bus, position=lambda: 0).play)
    watched = Watched()
    trouble = await trouble_of(feed_on(bus), watched)
    assert "fake on the bus at" in trouble
    assert "says that it plays, but its position does not move as time does" in trouble
    assert all(told.position is None for told in watched.observations)


async def test_a_player_that_vanishes_while_it_is_asked_has_left(bus: str, nursery: trio.Nursery) -> None:
    player = FakePlayer(bus)
    await nursery.start(player.play)
    feed, watched = feed_on(bus), Watched()

    async def vanish() -> None:
        await watched.wait_for(3)
        player.vanishes_when_asked = True

    nursery.start_soon(vanish)
    assert "fake has left the bus at" in await trouble_of(feed, watched)


async def test_a_player_that_comes_back_is_waited_for_and_followed(bus: str, nursery: trio.Nursery) -> None:
    feed = feed_on(bus)
    assert "no player 'fake' on the bus at" in await trouble_of(feed)
    async with watching(feed) as watched:
        await nursery.start(FakePlayer(bus).play)
        await watched.first(lambda told: told.position is not None)
        assert watched.sources[0].startswith("fake on the bus at")


async def test_who_is_there_instead_is_said(bus: str, nursery: trio.Nursery) -> None:
    await nursery.start(FakePlayer(bus, name="other").play)
    assert "players there: other" in await trouble_of(feed_on(bus, "spotify"))


async def test_without_a_name_the_first_that_plays_is_followed(bus: str, nursery: trio.Nursery) -> None:
    await nursery.start(FakePlayer(bus, name="a", status="Paused").play)
    await nursery.start(FakePlayer(bus, name="b").play)
    await nursery.start(FakePlayer(bus, name="playerctld").play)
    async with watching(feed_on(bus, None)) as watched:
        await watched.wait_for(3)
        assert [source.partition(" ")[0] for source in watched.sources] == ["b"]


async def test_another_player_that_plays_takes_the_place_of_one_that_does_not(bus: str, nursery: trio.Nursery) -> None:
    first, second = FakePlayer(bus, name="a"), FakePlayer(bus, name="b", status="Paused", metadata=metadata("B"))
    await nursery.start(first.play)
    await nursery.start(second.play)
    async with watching(feed_on(bus, None)) as watched:
        await watched.first(lambda told: bool(told.playing))
        first.pause()
        second.resume()
        jumped = await watched.first(lambda told: told.jump)
        assert jumped.playing
        assert [source.partition(" ")[0] for source in watched.sources] == ["a", "b"]
        assert [told.track.title for told in watched.observations if told.track] == ["Song", "B"]


async def test_a_picture_in_every_answer_is_not_asked_for_again_and_again(bus: str, nursery: trio.Nursery) -> None:
    player = FakePlayer(bus, metadata=metadata("Song", mpris_artUrl=("s", "data:" + "x" * 200_000)))
    await nursery.start(player.play)
    async with watching(feed_on(bus)) as watched:
        told = await watched.wait_for(6)
        assert [one.track.title for one in told if one.track] == ["Song"]
        player.pause()
        await watched.first(lambda one: one.playing is False)


async def test_an_answer_that_is_too_large_costs_the_track_and_nothing_else(bus: str, nursery: trio.Nursery) -> None:
    huge = metadata("Song", mpris_artUrl=("s", "x" * (MAX_MESSAGE_BYTES + 1)))
    await nursery.start(FakePlayer(bus, metadata=huge).play)
    async with watching(feed_on(bus)) as watched:
        await watched.first(lambda told: bool(told.playing))
        assert watched.ignored[NO_ANSWER] >= 1
        assert all(told.track is None for told in watched.observations)


async def test_metadata_that_take_long_to_read_do_not_stop_anything_else(bus: str, nursery: trio.Nursery) -> None:
    bomb = metadata("Song", bomb_=("av", [("y", 1)] * 25_000))
    await nursery.start(FakePlayer(bus, metadata=bomb).play)
    async with watching(feed_on(bus)) as watched:
        await watched.first(lambda told: told.track is not None)


async def test_errors_in_place_of_answers_are_counted_and_then_the_player_is_given_up(
    bus: str, nursery: trio.Nursery
) -> None:
    player = FakePlayer(bus)
    await nursery.start(player.play)
    watched = Watched()

    async def break_down() -> None:
        await watched.wait_for(3)
        player.error = "org.example.Broken"

    nursery.start_soon(break_down)
    trouble = await trouble_of(feed_on(bus), watched)
    assert "answers with errors only (org.example.Broken)" in trouble
    assert watched.ignored[NO_ANSWER] > 10


@pytest.mark.parametrize("position", [("s", "12"), ("d", float("nan")), ("x", 2**62), ("x", -(2**62)), ("b", True)])
async def test_positions_that_are_none_are_counted(
    bus: str, nursery: trio.Nursery, position: tuple[str, object]
) -> None:
    """F7"""
    await nursery.start(FakePlayer(bus, position=lambda: position).play)
    async with watching(feed_on(bus)) as watched:
        await watched.wait_ignored(5)
        assert all(told.position is None for told in watched.observations)


async def test_a_position_far_beyond_the_end_is_counted(bus: str, nursery: trio.Nursery) -> None:
    """F7"""
    song = metadata("Song", mpris_length=("x", 180 * US_PER_SECOND))
    await nursery.start(FakePlayer(bus, metadata=song, position=lambda: 1_000 * US_PER_SECOND).play)
    async with watching(feed_on(bus)) as watched:
        await watched.until(lambda: watched.ignored[OUTSIDE] >= 3)


async def test_a_flood_of_signals_starves_nobody(bus: str, nursery: trio.Nursery) -> None:
    """F12"""
    player = FakePlayer(bus)
    await nursery.start(player.play)
    async with watching(feed_on(bus)) as watched:
        await watched.wait_for(3)
        asked, began = player.asked, CLOCK.now()
        for _ in range(2_000):
            await player.changed(Volume=("d", 0.5))
        before = len(watched.observations)
        await watched.wait_for(before + 3)
        took = (CLOCK.now() - began) / NS_PER_SECOND
        assert player.asked - asked <= took / LEAST_REST_SECONDS + 2


async def test_a_player_that_does_not_answer_is_passed_over(
    bus: str, nursery: trio.Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_GLANCE_SECONDS", 0.2)
    await nursery.start(FakePlayer(bus, name="a", hangs=True).play)
    assert "a on the bus at" in (trouble := await trouble_of(feed_on(bus, None)))
    assert "does not answer; does it hang?" in trouble
    await nursery.start(FakePlayer(bus, name="b").play)
    async with watching(feed_on(bus, None)) as watched:
        await watched.wait_for(3)
        assert watched.sources[0].startswith("b on")


async def test_a_player_that_hangs_while_it_is_followed_is_given_up(
    bus: str, nursery: trio.Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "ANSWER_SECONDS", 0.5)
    player = FakePlayer(bus)
    await nursery.start(player.play)
    watched = Watched()

    async def hang() -> None:
        await watched.wait_for(3)
        player.hangs = True

    nursery.start_soon(hang)
    assert "does not answer within 0.5 s; does it hang?" in await trouble_of(feed_on(bus), watched)


async def test_a_bus_that_ends_is_a_trouble(tmp_path: Path, nursery: trio.Nursery) -> None:
    watched = Watched()
    with ExitStack() as life_of_the_bus:
        address = life_of_the_bus.enter_context(session_bus(tmp_path))
        await nursery.start(FakePlayer(address).play)

        async def end() -> None:
            await watched.wait_for(3)
            await trio.to_thread.run_sync(life_of_the_bus.close)

        nursery.start_soon(end)
        trouble = await trouble_of(feed_on(address), watched)
        # The bus lets one go after the other, and tells those that are left of it.
        assert "closed the connection" in trouble or "fake has left" in trouble


def test_the_kind_of_clock_and_the_name_are_known_before_anything_is_opened() -> None:
    feed = feed_on("unix:path=/nowhere", None)
    assert feed.name == "mpris any player"
    assert feed.character.states_playing


async def test_no_bus_at_all_is_a_trouble(tmp_path: Path) -> None:
    trouble = await trouble_of(feed_on(f"unix:path={tmp_path}/nowhere"))
    assert f"the bus at {tmp_path}/nowhere is not there: no such file or directory" in trouble


@pytest.mark.parametrize(
    ("says", "complaint"),
    [
        (b"", "does not let us in"),
        (b"REJECTED EXTERNAL\r\n", "does not let us in"),
        (b"x" * 100_000, "does not let us in"),
        (b"OK 1234\r\n", "closed the connection"),
    ],
)
async def test_what_is_no_bus_is_a_trouble(tmp_path: Path, nursery: trio.Nursery, says: bytes, complaint: str) -> None:
    async def answer(stream: trio.SocketStream) -> None:
        await stream.receive_some()
        if says:
            await stream.send_all(says)
            await stream.receive_some()

    path = str(tmp_path / "bus")
    listening = trio.socket.socket(socket.AF_UNIX)
    await listening.bind(path)
    listening.listen()
    nursery.start_soon(trio.serve_listeners, answer, [trio.SocketListener(listening)])
    assert complaint in await trouble_of(feed_on(f"unix:path={path}"))


async def test_without_jeepney_the_remedy_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("beatsync.feeds.mpris.bus", "jeepney"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "jeepney", None)
    trouble = await trouble_of(feed_on("session"))
    assert trouble == "mpris needs jeepney, which is not installed: pip install 'beatsync[mpris]'"
