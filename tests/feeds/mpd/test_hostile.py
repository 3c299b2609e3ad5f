"""An MPD that is none, or is out of its mind: the feed ignores what it can, gives up on the rest, and that is all."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from beatsync.clock import SystemClock
from beatsync.config.feeds.addresses import UnixAddress
from beatsync.config.feeds.mpd import MpdServer
from beatsync.config.feeds.passwords import PasswordVariable
from beatsync.core.observation import Following
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.mpd.feed import MpdFeed
from beatsync.feeds.mpd.messages import TOO_LONG, TOO_SLOW
from tests.feeds.fake_player import BYE, fake_player
from tests.feeds.listening import Heard

GREETING = b"OK MPD 0.99.9\n"
Speak = Callable[[bytes], bytes]


def sane() -> Speak:
    """What an MPD in the middle of a song says."""
    started = SystemClock().now()

    def speak(line: bytes) -> bytes:
        match line:
            case b"status":
                elapsed = 10 + (SystemClock().now() - started) / 1e9
                return b"state: play\nsongid: 1\nelapsed: %.3f\nOK\n" % elapsed
            case b"currentsong":
                return b"file: song.flac\nId: 1\nOK\n"
            case b"idle player options":
                return b""
        return b"OK\n"

    return speak


def feed_at(path: Path) -> MpdFeed:
    password = PasswordVariable("MPD_PASSWORD")
    server = MpdServer(address=UnixAddress(str(path)), following=Following(), password=password)
    return MpdFeed(server, clock=SystemClock(), share=lambda: 0, environment={"MPD_PASSWORD": "hunter2"})


async def heard_of(speak: Speak, path: Path, *, observations: int = 3) -> Heard:
    """What the feed says of such an MPD, once it has said so much."""
    heard = Heard()
    async with fake_player(path, speak, greeting=GREETING), trio.open_nursery() as nursery:
        nursery.start_soon(feed_at(path).listen, heard)
        await heard.wait_for(observations)
        nursery.cancel_scope.cancel()
    return heard


async def trouble_with(speak: Speak, path: Path, *, greeting: bytes = GREETING) -> str:
    """Why the feed gives up on such an MPD."""
    async with fake_player(path, speak, greeting=greeting):
        with pytest.raises(FeedTrouble) as trouble:
            await feed_at(path).listen(Heard())
    assert "\n" not in str(trouble.value)
    assert "hunter2" not in str(trouble.value)
    return str(trouble.value)


def instead_of(asked: bytes, said: bytes, *, times: int = 10**9, after: int = 0) -> Speak:
    """A sane MPD but for what it says to one command, so many times, after it has answered some in its right mind."""
    speak_sanely, turns = sane(), count()

    def speak(line: bytes) -> bytes:
        if line == asked and after <= next(turns) < after + times:
            return said
        return speak_sanely(line)

    return speak


async def test_an_mpd_in_its_right_mind_is_believed(tmp_path: Path) -> None:
    heard = await heard_of(sane(), tmp_path / "sock")
    assert set(heard.ignored) <= {TOO_SLOW}
    assert heard.sources == [f"mpd 0.99.9 at {tmp_path / 'sock'}"]
    assert [seen.playing for seen in heard.observations] == [True] * len(heard.observations)


@pytest.mark.parametrize(
    "said",
    [
        b"OK\n",
        b"state: dances\nOK\n",
        b"state: play\nelapsed: nan\nOK\n",
        b"state: play\nelapsed: -5\nOK\n",
        b"state: play\nelapsed: 1e300\nOK\n",
        b"state: play\nelapsed: " + b"9" * 10_000 + b"\nOK\n",
        b"\xff\xfe\x00\n\n\nOK\n",
        b"key: value\n" * 10_000 + b"OK\n",
    ],
    ids=range(8),
)
async def test_a_status_that_is_none_is_ignored_and_counted_and_the_next_one_heard(tmp_path: Path, said: bytes) -> None:
    """F7"""
    heard = await heard_of(instead_of(b"status", said, times=3), tmp_path / "sock")
    assert heard.ignored.total() - heard.ignored[TOO_SLOW] == 3
    assert all(seen.position is not None and 10 <= seen.position / 1e9 < 100 for seen in heard.observations)


async def test_a_line_without_end_is_thrown_away_as_it_comes(tmp_path: Path) -> None:
    speak = instead_of(b"currentsong", b"Title: " + b"x" * 1_000_000 + b"\nfile: song.flac\nId: 1\nOK\n")
    heard = await heard_of(speak, tmp_path / "sock")
    assert heard.ignored[TOO_LONG] == 1


async def test_an_mpd_that_claims_changes_all_the_time_is_asked_no_faster_than_it_answers(tmp_path: Path) -> None:
    """F12"""
    speak = instead_of(b"idle player options", b"changed: player\nOK\n")
    heard = await heard_of(speak, tmp_path / "sock", observations=20)
    assert not any(seen.jump for seen in heard.observations)


@pytest.mark.parametrize("greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00\xff\n", b"OK\n", b"\n"])
async def test_somebody_who_is_no_mpd_is_told_by_the_greeting(tmp_path: Path, greeting: bytes) -> None:
    path = tmp_path / "sock"
    expected = f"mpd at {path} is no MPD: expected the greeting OK MPD, got another; check the address"
    assert await trouble_with(sane(), path, greeting=greeting) == expected


async def test_somebody_who_does_not_greet_is_given_up(tmp_path: Path, autojump_clock: MockClock) -> None:
    path = tmp_path / "sock"
    expected = f"mpd at {path} does not answer within 3 s; does it hang?"
    assert await trouble_with(sane(), path, greeting=b"") == expected


@pytest.mark.parametrize("said", [b"", b"state: play\n", b"OK", b"\xff\n"])
async def test_an_mpd_that_hangs_is_given_up(tmp_path: Path, autojump_clock: MockClock, said: bytes) -> None:
    speak = instead_of(b"status", said, after=5)
    assert "does not answer within 3 s" in await trouble_with(speak, tmp_path / "sock")


async def test_a_refusal_is_trouble_and_its_words_are_not_repeated(tmp_path: Path) -> None:
    path = tmp_path / "sock"
    speak = instead_of(b"status", b"ACK [5@0] {} unknown command \x1b[2J hunter2\n")
    assert await trouble_with(speak, path) == f"mpd at {path} does not say how it stands (error 5); is it an MPD?"
    path.unlink()
    speak = instead_of(b'password "hunter2"', b"ACK [3@0] {password} hunter2 is wrong\n")
    expected = f"mpd at {path}: wrong password; check the environment variable MPD_PASSWORD"
    assert await trouble_with(speak, path) == expected


COMMANDS = [b"status", b"currentsong", b"idle player options", b"outputs", b'password "hunter2"']


@pytest.mark.parametrize("asked", COMMANDS)
async def test_a_socket_that_vanishes_in_the_middle_of_a_line_is_trouble(tmp_path: Path, asked: bytes) -> None:
    assert "connection" in await trouble_with(instead_of(asked, b"state: pl" + BYE), tmp_path / "sock")


KNOWN = [b"\n", b"OK\n", b"ACK [5@0] {}\n", b"state: play\n", b"elapsed: 1\n"]
PIECES = st.binary(max_size=60) | st.sampled_from(KNOWN)


@settings(max_examples=30)
@given(st.integers(0, 12), st.lists(PIECES, max_size=12))
async def test_whatever_it_says_before_it_goes_the_feed_gives_up_in_words(asked: int, pieces: list[bytes]) -> None:
    """F7"""
    speak_sanely, questions = sane(), iter(range(asked))

    def speak(line: bytes) -> bytes:
        return b"".join(pieces) + BYE if next(questions, None) is None else speak_sanely(line)

    with TemporaryDirectory() as folder:
        await trouble_with(speak, Path(folder) / "sock")
