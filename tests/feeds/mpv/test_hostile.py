"""An mpv that is none, or is out of its mind: the feed ignores what it can, gives up on the rest, and that is all."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from beatsync.clock import SystemClock
from beatsync.config.feeds.addresses import UnixAddress
from beatsync.config.feeds.mpv import MpvPlayer
from beatsync.feeds.feed import FeedTrouble
from beatsync.feeds.mpv.feed import MpvFeed
from beatsync.feeds.mpv.messages import NO_MESSAGE, TOO_LONG, TOO_SLOW
from tests.feeds.fake_player import BYE, fake_player
from tests.feeds.listening import Heard
from tests.feeds.mpv.scenes import IDLE, SONG

Speak = Callable[[list[str], int], bytes]


def said(**fields: object) -> bytes:
    return json.dumps(fields).encode() + b"\n"


def sane(words: list[str], request: int) -> bytes:
    """What an mpv in the middle of a song says."""
    match words:
        case ["observe_property", _, name]:
            value = {**IDLE, **SONG}[name]
            return said(event="property-change", name=name, data=value) + said(request_id=request, error="success")
        case ["get_property", "mpv-version"]:
            return said(request_id=request, error="success", data="mpv 0.99")
        case ["get_property", "audio-pts"]:
            return said(request_id=request, error="success", data=10.0 + request / 20)
    return said(request_id=request, error="success")


def positions_said(raw: bytes) -> Speak:
    """A sane mpv with a position of its own kind, `%d` being the request; sane again from the fifth on."""

    def speak(words: list[str], request: int) -> bytes:
        if words == ["get_property", "audio-pts"] and request < 8:
            return raw.replace(b"%d", str(request).encode()) + b"\n"
        return sane(words, request)

    return speak


def fake_mpv(path: Path, speak: Speak) -> AbstractAsyncContextManager[None]:
    """Listens at `path` and speaks when it is asked."""

    def answer(line: bytes) -> bytes:
        asked = json.loads(line)
        return speak(asked["command"], asked["request_id"])

    return fake_player(path, answer)


async def heard_of(speak: Speak, path: Path, *, observations: int = 3) -> Heard:
    """What the feed says of such an mpv, once it has said so much."""
    heard = Heard()
    async with fake_mpv(path, speak), trio.open_nursery() as nursery:
        nursery.start_soon(MpvFeed(MpvPlayer(UnixAddress(str(path))), clock=SystemClock()).listen, heard)
        await heard.wait_for(observations)
        nursery.cancel_scope.cancel()
    return heard


async def trouble_with(speak: Speak, path: Path) -> str:
    """Why the feed gives up on such an mpv."""
    async with fake_mpv(path, speak):
        with pytest.raises(FeedTrouble) as trouble:
            await MpvFeed(MpvPlayer(UnixAddress(str(path))), clock=SystemClock()).listen(Heard())
    assert "\n" not in str(trouble.value)
    return str(trouble.value)


async def test_an_mpv_in_its_right_mind_is_believed(tmp_path: Path) -> None:
    heard = await heard_of(sane, tmp_path / "sock")
    assert set(heard.ignored) <= {TOO_SLOW}
    assert heard.sources == [f"mpv 0.99 at {tmp_path / 'sock'}"]
    assert [seen.playing for seen in heard.observations] == [True] * len(heard.observations)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"request_id":%d,"error":"success","data":nan}',
        b'{"request_id":%d,"error":"success","data":NaN}',
        b'{"request_id":%d,"error":"success","data":-inf}',
        b'{"request_id":%d,"error":"success","data":1e300}',
        b'{"request_id":%d,"error":"success","data":-500}',
        b'{"request_id":%d,"error":"success","data":"12.5"}',
        b'{"request_id":%d,"error":"success","data":[12.5]}',
        b'{"request_id":%d,"error":"success","data":' + b"[" * 5_000 + b"}",
        b'{"request_id":%d,"error":"success","data":' + b"9" * 5_000 + b"}",
    ],
    ids=range(9),
)
async def test_a_position_that_is_none_is_ignored_and_counted_and_the_next_one_heard(
    tmp_path: Path, raw: bytes
) -> None:
    """F7"""
    heard = await heard_of(positions_said(raw), tmp_path / "sock")
    assert 1 <= heard.ignored.total() - heard.ignored[TOO_SLOW] <= 8
    assert all(seen.position is not None and 10 <= seen.position / 1e9 < 100 for seen in heard.observations)


async def test_a_line_without_end_is_thrown_away_as_it_comes(tmp_path: Path) -> None:
    def speak(words: list[str], request: int) -> bytes:
        if words == ["get_property", "audio-pts"] and request == 4:
            return b"x" * 1_000_000 + b"\n" + sane(words, request)
        return sane(words, request)

    heard = await heard_of(speak, tmp_path / "sock", observations=5)
    assert heard.ignored[TOO_LONG] == 1


async def test_an_mpv_that_babbles_is_heard_all_the_same(tmp_path: Path) -> None:
    """F12"""

    def speak(words: list[str], request: int) -> bytes:
        return b'{"event":"property-change","name":"duration","data":1}\nbabble\n' * 200 + sane(words, request)

    heard = await heard_of(speak, tmp_path / "sock")
    assert heard.ignored[NO_MESSAGE] >= 200


async def test_the_name_that_mpv_gives_itself_is_not_taken_at_its_word(tmp_path: Path) -> None:
    def speak(words: list[str], request: int) -> bytes:
        if words == ["get_property", "mpv-version"]:
            return said(request_id=request, error="success", data="mpv \x1b[2J\n" + "x" * 1_000)
        return sane(words, request)

    (source,) = (await heard_of(speak, tmp_path / "sock")).sources
    assert source.isprintable()
    assert len(source) < 200 + len(str(tmp_path))


async def test_an_mpv_that_hangs_is_given_up(tmp_path: Path, autojump_clock: MockClock) -> None:
    path = tmp_path / "sock"
    expected = f"mpv at {path} does not answer within 3 s; does it hang?"
    assert await trouble_with(lambda _words, _request: b"", path) == expected


@pytest.mark.parametrize("last", [["get_property", "audio-pts"], ["client_name"]])
async def test_an_mpv_that_hangs_later_is_given_up_whichever_connection_hangs(
    tmp_path: Path, autojump_clock: MockClock, last: list[str]
) -> None:
    def speak(words: list[str], request: int) -> bytes:
        return b"" if words == last and request > 5 else sane(words, request)

    assert "does not answer within 3 s" in await trouble_with(speak, tmp_path / "sock")


@pytest.mark.parametrize("last", [["get_property", "audio-pts"], ["client_name"]])
async def test_a_socket_that_vanishes_in_the_middle_of_a_line_is_trouble(tmp_path: Path, last: list[str]) -> None:
    def speak(words: list[str], request: int) -> bytes:
        speech = sane(words, request)
        return speech[:12] + BYE if words == last and request > 5 else speech

    assert "connection" in await trouble_with(speak, tmp_path / "sock")


@pytest.mark.parametrize("instead", [b"\xff\xfe\x00\n", b"\n", b"{}\n"])
async def test_an_mpv_that_answers_with_what_is_no_answer_is_given_up(
    tmp_path: Path, autojump_clock: MockClock, instead: bytes
) -> None:
    def speak(words: list[str], request: int) -> bytes:
        return instead if words == ["get_property", "audio-pts"] and request > 5 else sane(words, request)

    assert "does not answer within 3 s" in await trouble_with(speak, tmp_path / "sock")


PIECES = st.binary(max_size=60) | st.sampled_from([b"\n", b"{}\n", b'{"event":"seek"}\n', b'{"request_id":3}\n'])


@settings(max_examples=40)
@given(st.integers(0, 25), st.lists(PIECES, max_size=12))
async def test_whatever_it_says_before_it_goes_the_feed_gives_up_in_words(asked: int, pieces: list[bytes]) -> None:
    """F7"""
    questions = iter(range(asked))

    def speak(words: list[str], request: int) -> bytes:
        return b"".join(pieces) + BYE if next(questions, None) is None else sane(words, request)

    with TemporaryDirectory() as folder:
        await trouble_with(speak, Path(folder) / "sock")
