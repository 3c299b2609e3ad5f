"""Servers that are no VLC, or a broken one: none of them crashes, hangs or deceives the feed, or gets the password."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
import trio

from beatsync.config.feeds.addresses import TcpAddress
from beatsync.config.feeds.passwords import PasswordFile, PasswordVariable
from beatsync.config.feeds.vlc import VlcPlayer
from beatsync.core.units import NS_PER_SECOND
from beatsync.feeds import patience
from beatsync.feeds.vlc.feed import TOO_LONG, WHOLE_SECONDS, VlcFeed
from beatsync.feeds.vlc.page import PAUSE
from beatsync.feeds.vlc.status import NOT_A_STATUS, NOT_JSON
from tests.feeds.vlc.fake_vlc import CLOCK, PASSWORD, FakeVlc, answer, endless, header_without_end
from tests.feeds.watching import Watched, trouble_of, watching
from tests.sources.audioscape_server import (
    Fault,
    garbage,
    hang_up,
    page,
    redirect,
    silence,
    slow_loris,
    status,
    truncated,
)
from tests.system.oscdump import free_port


def feed_of(port: int, *, host: str = "127.0.0.1", password: str = PASSWORD) -> VlcFeed:
    player = VlcPlayer(address=TcpAddress(host, port), password=PasswordVariable("VLC_PASSWORD"))
    return VlcFeed(player, env={"VLC_PASSWORD": password}, clock=CLOCK)


@pytest.fixture
async def server(nursery: trio.Nursery) -> FakeVlc:
    vlc = FakeVlc()
    await nursery.start(vlc.serve)
    return vlc


async def test_a_position_was_true_between_its_instant_less_its_slack_and_as_much_more(server: FakeVlc) -> None:
    """Of a server that answers at once; where an answer took as long as VLC waits, that wait was taken off."""
    async with watching(feed_of(server.port)) as watched:
        told = [one for one in await watched.wait_for(20) if one.position is not None]
        assert told
        for one in told:
            assert one.position is not None
            late = one.host - server.started - one.position
            assert -one.slack - 1_000 <= late <= one.slack + PAUSE + 1_000
        assert watched.sources == [f"VLC 3.0.24 Vetinari at 127.0.0.1:{server.port}"]


async def test_every_question_has_a_connection_of_its_own_and_wants_nothing_compressed(server: FakeVlc) -> None:
    async with watching(feed_of(server.port)) as watched:
        await watched.wait_for(3)
        assert len(server.requests) >= 3  # the fake answers once on each
        assert all(b"\r\naccept-encoding: identity\r\n" in request.lower() for request in server.requests)


async def test_a_host_by_name_is_looked_up_and_called_by_its_name(server: FakeVlc) -> None:
    async with watching(feed_of(server.port, host="localhost")) as watched:
        await watched.wait_for(1)
        assert f"\r\nhost: localhost:{server.port}\r\n".encode() in server.requests[0].lower()


async def test_a_host_that_is_unknown_is_said() -> None:
    assert "no address found for 'nowhere.invalid'" in await trouble_of(feed_of(8080, host="nowhere.invalid"))


async def test_nobody_there_is_said_with_the_remedy() -> None:
    trouble = await trouble_of(feed_of(free_port(socket.SOCK_STREAM)))
    assert "is not there: no connection; start it with --extraintf http --http-password PASSWORD" in trouble


async def test_a_wrong_password_is_said_and_not_shown(server: FakeVlc) -> None:
    trouble = await trouble_of(feed_of(server.port, password="something else entirely"))
    assert "refuses the password (401)" in trouble
    assert "something" not in trouble


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        (status(403), "refuses the password (403)"),
        (status(404), "has no /requests/status.json (404); VLC has it only where --http-password is set"),
        (status(500), "answers 500 to /requests/status.json; is that VLC's web interface?"),
        (redirect("http://127.0.0.1:1/elsewhere"), "redirects (302), which is not followed"),
        (garbage(), "does not speak HTTP"),
        (hang_up(), "breaks off, or does not speak HTTP"),
        (truncated(b"{" + b" " * 1_000), "breaks off, or does not speak HTTP"),
        (header_without_end(), "breaks off, or does not speak HTTP"),
    ],
)
async def test_what_cannot_be_used_is_a_trouble_at_once(server: FakeVlc, fault: Fault, complaint: str) -> None:
    server.always = fault
    assert complaint in await trouble_of(feed_of(server.port))


@pytest.mark.parametrize("fault", [silence(), slow_loris()], ids=["silence", "slow loris"])
async def test_who_does_not_answer_in_time_has_hung(
    server: FakeVlc, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "ANSWER_SECONDS", 0.3)
    server.always = fault
    assert "does not answer within 0.3 s; does it hang?" in await trouble_of(feed_of(server.port))


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (page("<html><title>Log in</title></html>"), NOT_JSON),
        (answer(b""), NOT_JSON),
        (answer(b"[" * 100_000), NOT_JSON),
        (answer(b'{"state": "unheard of"}'), NOT_A_STATUS),
        (answer(b" " * 300_000), TOO_LONG),
        (endless(), TOO_LONG),
    ],
    ids=["page", "nothing", "deep", "no status", "long", "endless"],
)
async def test_what_is_no_status_is_counted_and_then_given_up(server: FakeVlc, fault: Fault, reason: str) -> None:
    server.always = fault
    watched = Watched()
    trouble = await trouble_of(feed_of(server.port), watched)
    assert f"sends {reason}; is that VLC's web interface?" in trouble
    assert watched.ignored[reason] > 10
    assert watched.observations == []


async def test_one_bad_answer_among_good_ones_is_counted_and_nothing_else(server: FakeVlc) -> None:
    async with watching(feed_of(server.port)) as watched:
        await watched.wait_for(2)
        server.script.append(answer(b"{"))
        await watched.wait_ignored(1)
        before = len(watched.observations)
        await watched.wait_for(before + 3)


async def test_a_password_that_is_sent_back_is_shown_nowhere(server: FakeVlc) -> None:
    server.says = {"version": PASSWORD}
    watched = Watched()
    trouble = await trouble_of(feed_of(server.port), watched)
    assert "sends the password back" in trouble
    assert PASSWORD not in trouble
    assert watched.sources == []


async def test_the_password_goes_nowhere_but_to_vlc(
    server: FakeVlc, nursery: trio.Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A9, A14."""
    elsewhere = FakeVlc()
    await nursery.start(elsewhere.serve)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{elsewhere.port}")
    async with watching(feed_of(server.port)) as watched:
        await watched.wait_for(1)
    server.always = redirect(f"http://127.0.0.1:{elsewhere.port}/requests/status.json")
    await trouble_of(feed_of(server.port))
    assert elsewhere.requests == []


async def test_a_password_that_cannot_be_had_is_said_before_anything_is_asked(server: FakeVlc) -> None:
    player = VlcPlayer(address=TcpAddress("127.0.0.1", server.port), password=PasswordFile(Path("/nowhere")))
    assert "no such file" in await trouble_of(VlcFeed(player, env={}, clock=CLOCK))
    assert server.requests == []


async def test_a_stream_without_length_has_only_whole_seconds(server: FakeVlc) -> None:
    server.says = {"length": -1, "position": 0.0}
    async with watching(feed_of(server.port)) as watched:
        told = await watched.first(lambda one: bool(one.position))
        assert told.position is not None
        assert told.position % NS_PER_SECOND == 0
        assert watched.ignored[WHOLE_SECONDS]


async def test_a_position_that_is_0_for_ever_is_told_as_what_it_is(server: FakeVlc) -> None:
    """F13"""
    server.says = {"length": 0, "position": 0, "time": 0}
    assert "says that it plays, but its position does not move" in await trouble_of(feed_of(server.port))


@pytest.mark.parametrize("position", [-1, 2, "0.5", None, [], 1e300])
async def test_positions_that_are_none_are_counted(server: FakeVlc, position: object) -> None:
    """F7"""
    server.says = {"position": position}
    async with watching(feed_of(server.port)) as watched:
        await watched.wait_ignored(5)
        assert all(told.position is None for told in watched.observations)


async def test_a_track_is_told_by_its_file_and_another_one_is_a_jump(server: FakeVlc) -> None:
    async with watching(feed_of(server.port)) as watched:
        await watched.first(lambda told: told.position is not None)
        server.says = {"currentplid": 4, "information": json.loads('{"category": {"meta": {"filename": "b.flac"}}}')}
        await watched.first(lambda told: told.jump)
        assert [told.track.file for told in watched.observations if told.track] == ["song.flac", "b.flac"]


def test_the_name_is_known_before_anything_is_opened() -> None:
    assert feed_of(8080).name == "vlc 127.0.0.1:8080"
