"""D-Bus messages are cut out of a stream whatever its pieces are; long ones are skipped, strange ones counted."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jeepney import DBusAddress, new_error, new_method_call, new_method_return, new_signal  # type: ignore[import-untyped]
from jeepney.low_level import HeaderFields  # type: ignore[import-untyped]

from beatsync.feeds.mpris.wire import MAX_HEADER_BYTES, MAX_MESSAGE_BYTES, Frame, Frames, Garbled, Unreadable

PLAYER = DBusAddress("/org/mpris/MediaPlayer2", ":1.7", "org.mpris.MediaPlayer2.Player")
QUESTION = new_method_call(PLAYER, "Ask", "s", ("?",))
QUESTION.header.serial = 42


def answer(value: tuple[str, object]) -> bytes:
    return written(new_method_return(QUESTION, "v", (value,)))


def written(message: Any) -> bytes:
    message.header.fields[HeaderFields.sender] = ":1.7"
    return bytes(message.serialise(9))


SEEKED = written(new_signal(PLAYER, "Seeked", "x", (5,)))


def frames_of(*pieces: bytes, frames: Frames | None = None) -> Sequence[Frame]:
    frames = Frames() if frames is None else frames
    return [frame for piece in pieces for frame in frames.feed(piece)]


def test_an_answer_has_the_serial_of_its_call_and_its_values() -> None:
    (frame,) = frames_of(answer(("x", 1_500)))
    assert (frame.reply_to, frame.error, frame.signal, frame.sender) == (42, None, None, ":1.7")
    assert frame.values() == (("x", 1_500),)


def test_an_error_has_its_name() -> None:
    (frame,) = frames_of(written(new_error(QUESTION, "org.example.Broken")))
    assert (frame.reply_to, frame.error) == (42, "org.example.Broken")


def test_a_signal_has_its_name_and_a_call_is_neither() -> None:
    signal, call = frames_of(SEEKED, written(QUESTION))
    assert (signal.signal, signal.reply_to) == ("Seeked", None)
    assert (call.signal, call.reply_to) == (None, None)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=40))
def test_pieces_of_any_length_come_to_the_same_messages(lengths: list[int]) -> None:
    stream = (answer(("s", "x" * 100)) + SEEKED) * 3
    pieces, rest = [], stream
    for length in lengths:
        pieces.append(rest[:length])
        rest = rest[length:]
    assert frames_of(*pieces, rest) == frames_of(stream)


def test_a_message_that_is_too_long_is_known_by_its_header_and_skipped_without_being_kept() -> None:
    frames = Frames()
    long = answer(("s", "x" * MAX_MESSAGE_BYTES))
    pieces = [long[start : start + 65_536] for start in range(0, len(long), 65_536)]
    (frame,) = frames_of(pieces[0], frames=frames)
    assert (frame.reply_to, frame.raw) == (42, None)
    for piece in pieces[1:]:
        assert frames_of(piece, frames=frames) == []
        assert len(frames._buffer) == 0
    assert [frame.signal for frame in frames_of(SEEKED, frames=frames)] == ["Seeked"]
    with pytest.raises(Unreadable):
        frame.values()


def test_a_header_that_is_too_long_is_counted_and_skipped() -> None:
    call = new_method_call(DBusAddress("/" + "a" * MAX_HEADER_BYTES, ":1.7"), "X")
    frames = Frames()
    assert [frame.signal for frame in frames_of(written(call) + SEEKED, frames=frames)] == ["Seeked"]
    assert frames.unreadable == 1


def test_a_body_that_is_not_what_its_signature_says_is_unreadable_and_the_next_message_is_not() -> None:
    good = answer(("s", "title"))
    broken, signal = frames_of(good[:-7] + b"\xff" * 7 + SEEKED)
    with pytest.raises(Unreadable):
        broken.values()
    assert signal.signal == "Seeked"


def test_what_does_not_begin_as_a_message_is_garbled() -> None:
    with pytest.raises(Garbled):
        frames_of(b"HTTP/1.1 400 Bad Request\r\n\r\n")


@given(st.binary(max_size=200), st.integers(0, 120), st.binary(min_size=1, max_size=4))
def test_no_bytes_are_too_strange(noise: bytes, place: int, other: bytes) -> None:
    good = answer(("a{sv}", {"xesam:title": ("s", "x")}))
    frames = Frames()
    with suppress(Garbled):
        for frame in frames_of(good[:place] + other + good[place + len(other) :], SEEKED, noise, frames=frames):
            with suppress(Unreadable):
                frame.values()
    assert len(frames._buffer) <= MAX_MESSAGE_BYTES + 1_000
