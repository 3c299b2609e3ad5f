"""MPD's lines, as MPD 0.23.12 wrote them and as nobody would."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.observation import TrackHint
from beatsync.core.units import TrackNs, ms
from beatsync.feeds.mpd.messages import (
    MAX_PAIRS,
    Pairs,
    Refusal,
    Replies,
    State,
    Status,
    Unreadable,
    outputs_in,
    password_command,
    quantum_of,
    song_in,
    status_in,
    version_in,
)

PLAYING = b"""\
repeat: 0
partition: default
state: play
song: 0
songid: 1
time: 12:180
elapsed: 12.345
bitrate: 1411
duration: 180.000
audio: 44100:16:2
nextsong: 1
nextsongid: 2
OK"""
SONG = b"""\
file: Band/Album/01 Song.flac
Last-Modified: 2026-11-24T18:47:33Z
Format: 44100:16:2
Artist: Band
Artist: Guest
Title: Song
Time: 180
duration: 180.000
Pos: 0
Id: 1
OK"""
OUTPUTS = b"""\
outputid: 0
outputname: card
plugin: alsa
outputenabled: 1
attribute: dop=0
outputid: 1
outputname: stream
plugin: httpd
outputenabled: 0
OK"""


def reply_to(text: bytes) -> Pairs:
    replies = Replies()
    *_, last = [replies.take(line) for line in text.split(b"\n")]
    assert isinstance(last, tuple)
    return last


def status(**changes: str) -> Status:
    return status_in(tuple({**dict(reply_to(PLAYING)), **changes}.items()))


def test_a_status_is_read() -> None:
    assert status() == Status(State.PLAY, "1", TrackNs(12_345_000_000), ms(180_000), quantum_of("44100:16:2"))
    assert status_in((("state", "stop"),)) == Status(State.STOP)


def test_the_current_song_is_read_and_of_many_values_the_first_is_taken() -> None:
    expected = TrackHint(id="1", file="Band/Album/01 Song.flac", title="Song", artist="Band", duration=ms(180_000))
    assert song_in(reply_to(SONG)) == expected
    assert song_in(()) is None


def test_a_stream_goes_by_its_name_until_it_says_a_title() -> None:
    stream = (("file", "http://radio"), ("Name", "Radio"), ("Id", "3"))
    hint = song_in(stream)
    assert hint is not None
    assert (hint.title, hint.duration) == ("Radio", None)
    hint = song_in((*stream, ("Title", "Song")))
    assert hint is not None
    assert hint.title == "Song"


def test_the_outputs_that_are_enabled_are_found() -> None:
    assert outputs_in(reply_to(OUTPUTS)) == ("alsa",)
    assert outputs_in(()) == ()


def test_a_refusal_ends_a_reply_and_only_its_code_is_kept() -> None:
    replies = Replies()
    assert replies.take(b"state: play") is None
    assert replies.take(b'ACK [4@0] {status} you don\'t have permission for "status"') == Refusal(4)
    assert replies.take(b"OK") == ()


def test_a_greeting_says_the_version() -> None:
    assert version_in(b"OK MPD 0.23.5") == "0.23.5"
    for line in (b"", b"OK", b"HTTP/1.1 400 Bad Request", b"OK MPD ", b"OK MPD \x1b[2J", b"220 smtp"):
        assert version_in(line) is None


@pytest.mark.parametrize(
    ("audio", "milliseconds"),
    [
        ("44100:16:2", 23.219),
        ("48000:f:2", 10.666),
        ("96000:24:2", 5.333),
        ("22050:16:1", 92.879),
        ("44100:8:1", 92.879),
    ],
)
def test_positions_move_by_chunks_of_four_kilobytes(audio: str, milliseconds: float) -> None:
    quantum = quantum_of(audio)
    assert quantum is not None
    assert quantum / 1e6 == pytest.approx(milliseconds, abs=0.001)


@pytest.mark.parametrize("audio", ["", "dsd64:2", "*:16:2", "0:16:2", "44100:16:0", "44100:16", "99999999:16:2"])
def test_of_other_formats_it_is_not_known_how_positions_move(audio: str) -> None:
    assert quantum_of(audio) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "plays"},
        {"state": ""},
        {"elapsed": "nan"},
        {"elapsed": "-1"},
        {"elapsed": "1e9"},
        {"elapsed": "86401"},
        {"elapsed": "12,345"},
        {"elapsed": "٣"},
        {"elapsed": ""},
        {"elapsed": "9" * 5_000},
    ],
    ids=range(10),
)
def test_a_status_that_makes_no_sense_is_refused(changes: dict[str, str]) -> None:
    """F7"""
    with pytest.raises(Unreadable):
        status(**changes)


def test_a_length_that_makes_no_sense_is_not_known() -> None:
    for text in ("nan", "-1", "0", "0.000", "x", ""):
        assert status(duration=text).length is None


def test_a_password_is_quoted() -> None:
    assert password_command('a "b" \\c') == b'password "a \\"b\\" \\\\c"\n'


def test_an_answer_without_end_is_kept_up_to_a_bound() -> None:
    replies = Replies()
    for number in range(10_000):
        assert replies.take(b"key: %d" % number) is None
    reply = replies.take(b"OK")
    assert isinstance(reply, tuple)
    assert len(reply) == MAX_PAIRS


def test_names_are_one_line_of_bounded_length() -> None:
    hint = song_in((("file", "x" * 100_000), ("Title", "a\x1b[2J\u2028b"), ("Id", "1")))
    assert hint is not None
    assert len(hint.file or "") == 1_024
    assert (hint.title or "").isprintable()


@given(st.lists(st.binary(max_size=80), max_size=20), st.sampled_from([PLAYING, SONG, OUTPUTS]), st.integers(0, 400))
def test_whatever_the_lines_are_they_are_a_reply_or_none(lines: list[bytes], known: bytes, cut: int) -> None:
    """F7"""
    replies = Replies()
    for line in [*known[:cut].split(b"\n"), *lines, *known[cut:].split(b"\n")]:
        reply = replies.take(line)
        if isinstance(reply, tuple):
            outputs_in(reply)
            song_in(reply)
            try:
                found = status_in(reply)
            except Unreadable:
                continue
            assert found.elapsed is None or 0 <= found.elapsed <= ms(86_400_000)
