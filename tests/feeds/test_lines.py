"""Bytes to lines, whatever the pieces that they come in."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from beatsync.feeds.lines import Lines

LONGEST = 8


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(places)]


def test_a_line_that_comes_in_pieces_is_one_line() -> None:
    lines = Lines(LONGEST)
    assert [lines.split(piece) for piece in (b"po", b"s", b": 1\nst", b"ate\n\n")] == [
        [],
        [],
        [b"pos: 1"],
        [b"state", b""],
    ]


def test_a_line_that_is_too_long_is_counted_and_the_next_one_read() -> None:
    lines = Lines(LONGEST)
    assert lines.split(b"x" * 9) == []
    assert lines.split(b"x" * 1000) == []
    assert lines.split(b"x\nnext\n") == [b"next"]
    assert lines.split(b"y" * 9 + b"\nlast\n") == [b"last"]
    assert lines.too_long == 2


@given(
    st.binary(max_size=200).map(lambda data: data.replace(b"\x00", b"\n")), st.lists(st.integers(0, 200), max_size=20)
)
def test_the_lines_are_the_same_however_the_bytes_are_cut(data: bytes, cuts: list[int]) -> None:
    lines = Lines(LONGEST)
    found = [line for piece in pieces(data, cuts) for line in lines.split(piece)]
    *whole, rest = data.split(b"\n")
    assert found == [line for line in whole if len(line) <= LONGEST]
    assert lines.too_long == sum(len(line) > LONGEST for line in [*whole, rest])
