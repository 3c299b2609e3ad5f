"""Timecode as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.timecode import frame_start
from beatsync.core.timecode_text import FRAME_RATES, timecode_position


@pytest.mark.parametrize(
    ("text", "rate", "nanoseconds"),
    [
        ("00:00:00:00", "25", 0),
        ("01:02:03:12", "25", 3_723_480_000_000),
        ("01:02:03:12", "24", 3_723_500_000_000),
        ("00:00:01:00", "29.97", 1_001_000_000),
        ("00:01:00;02", "29.97", 60_060_000_000),
        ("00:01:00:02", "29.97df", 60_060_000_000),
        ("01:00:00;00", "29.97", 3_599_996_400_000),
        ("00:01:00;04", "59.94", 60_060_000_000),
        ("00:01:00;02", "25", 60_080_000_000),
        ("1:02.345", "25", 62_345_000_000),
        ("2:03", "25", 123_000_000_000),
        ("02:03:12", "25", 7_392_000_000_000),
        ("0:00:00.000000001", "25", 1),
    ],
)
def test_a_timecode_is_exact(text: str, rate: str, nanoseconds: int) -> None:
    assert timecode_position(text, FRAME_RATES[rate]) == nanoseconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12",
        "1:2",
        "00:00:00:25",
        "00:60:00:00",
        "00:00:60:00",
        "-1:00",
        "1:00 ",
        "1:00\n",
        "01:02:03:1",
        "\u0663:00",
    ],
)
def test_what_is_no_timecode_is_none(text: str) -> None:
    """F7"""
    assert timecode_position(text, FRAME_RATES["25"]) is None


@given(st.text(alphabet="0123456789:;. ", max_size=40))
def test_any_text_is_a_timecode_or_none(text: str) -> None:
    """F7"""
    position = timecode_position(text, FRAME_RATES["29.97df"])
    assert position is None or 0 <= position < 1000 * 3600 * 10**9


def test_drop_frame_counts_what_a_clock_shows_to_the_tenth_of_a_second_over_a_day() -> None:
    rate = FRAME_RATES["29.97df"]
    position = timecode_position("23:59:59;29", rate)
    assert position is not None
    assert abs(position + frame_start(1, rate) - 24 * 3600 * 10**9) < 10**8
