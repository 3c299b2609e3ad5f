"""mpv's lines, as mpv 0.35.1 wrote them and as nobody would."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.transport import rate_of
from beatsync.core.units import ms
from beatsync.feeds.mpv.messages import (
    Answer,
    Event,
    Property,
    Unreadable,
    command,
    duration_of,
    frame_of,
    parse_message,
    position_of,
    rate_in,
    text_of,
)

SEEN = [
    (b'{"event":"idle"}', Event("idle")),
    (b'{"event":"seek"}', Event("seek")),
    (b'{"event":"start-file","playlist_entry_id":3}', Event("start-file", entry=3)),
    (b'{"event":"end-file","reason":"eof","playlist_entry_id":3}', Event("end-file", 3, "eof")),
    (b'{"event":"property-change","id":1,"name":"pause","data":false}', Property("pause", False)),
    (b'{"event":"property-change","id":1,"name":"speed","data":1.500000}', Property("speed", 1.5)),
    (b'{"event":"property-change","id":1,"name":"path"}', Property("path", None)),
    (b'{"data":61.001804,"request_id":7,"error":"success"}', Answer(7, 61.001804)),
    (b'{"request_id":7,"error":"property unavailable"}', Answer(7, None)),
    (b'{"data":null,"request_id":7,"error":"success"}', Answer(7, None)),
]
LINES = [line for line, _ in SEEN]


@pytest.mark.parametrize(("line", "message"), SEEN, ids=range(len(SEEN)))
def test_what_mpv_says_is_read(line: bytes, message: object) -> None:
    assert parse_message(line) == message


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"OK MPD 0.23.5",
        b'"seek"',
        b"[1]",
        b"null",
        b"{}",
        b'{"event":5}',
        b'{"event":"property-change","name":5}',
        b'{"request_id":true,"error":"success"}',
        b'{"event":"seek","event":"idle"}',
        b'{"event":' * 10_000,
        b'{"data":' + b"9" * 5_000 + b',"request_id":"7","error":"success"}',
        b'{"event":"se',
    ],
    ids=range(13),
)
def test_what_mpv_would_not_say_is_nothing(line: bytes) -> None:
    """F7"""
    assert parse_message(line) is None


@pytest.mark.parametrize("value", [b"nan", b"NaN", b"1e999", b"[" * 30_000 + b"]" * 30_000, b"", b"{"])
def test_an_answer_that_cannot_be_read_is_one_with_a_value_that_makes_no_sense(value: bytes) -> None:
    """F7: nobody has to wait for it."""
    answer = parse_message(b'{"data":' + value + b',"request_id":7,"error":"success"}')
    assert isinstance(answer, Answer)
    assert answer.request == 7
    with pytest.raises(Unreadable):
        position_of(answer.value)


def test_a_file_name_need_not_be_utf_8() -> None:
    message = parse_message(b'{"event":"property-change","name":"path","data":"/music/caf\xe9.flac"}')
    assert message == Property("path", "/music/caf\ufffd.flac")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_nothing(line: bytes) -> None:
    parse_message(line)


EDITS = st.tuples(st.integers(0, 80), st.integers(0, 8), st.sampled_from([b"", b"0", b"\xff", b"[", b'"', b'{"a":']))


@given(st.sampled_from(LINES), st.lists(EDITS, min_size=1, max_size=4))
def test_any_damaged_line_is_a_message_or_nothing(line: bytes, edits: list[tuple[int, int, bytes]]) -> None:
    damaged = bytearray(line)
    for start, length, instead in edits:
        damaged[start : start + length] = instead
    parse_message(bytes(damaged))


def test_a_command_is_a_line_with_its_number() -> None:
    line = command(7, "get_property", "audio-pts")
    assert line.endswith(b"\n")
    assert json.loads(line) == {"command": ["get_property", "audio-pts"], "request_id": 7}


def test_a_position_is_in_seconds_and_may_lie_a_little_before_the_start() -> None:
    assert position_of(61.001804) == 61_001_804_000
    assert position_of(-0.36) == -360_000_000
    assert position_of(5) == 5_000_000_000
    assert position_of(None) is None


@pytest.mark.parametrize("value", ["5", True, [], float("nan"), float("inf"), -11, 86_401, 10**400, -(10**400)])
def test_what_is_no_position_is_refused(value: object) -> None:
    """F7"""
    with pytest.raises(Unreadable, match="a position that is not a number, or lies outside any track"):
        position_of(value)


@pytest.mark.parametrize("value", [0, -1, 1000, "1", None, float("nan"), 10**400])
def test_what_is_no_speed_is_refused(value: object) -> None:
    """F7, F9: mpv plays forwards, at 0.01 to 100 times the speed."""
    with pytest.raises(Unreadable):
        rate_in(value)
    assert rate_in(1.5) == rate_of(1.5)


def test_lengths_and_frames_that_are_not_known_are_none() -> None:
    assert duration_of(180.0) == ms(180_000)
    assert [duration_of(value) for value in (None, 0, -1)] == [None, None, None]
    assert frame_of(25) == ms(40)
    assert [frame_of(value) for value in (None, 0, 5000)] == [None, None, None]


def test_a_text_is_one_line_of_bounded_length() -> None:
    assert text_of("Song\n\x1b[31m\ud800") == "Song\ufffd\ufffd[31m\ufffd"
    assert len(text_of("x" * 100_000) or "") == 1_024
    assert text_of("") is None
