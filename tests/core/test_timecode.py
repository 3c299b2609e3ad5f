"""Timecode, frames and nanoseconds: exact both ways at every rate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.timecode import (
    DROP_FRAME,
    EBU,
    FILM,
    MIDNIGHT,
    NON_DROP,
    NTSC_FILM,
    SMPTE,
    FrameRate,
    Timecode,
    TimecodeError,
    frame_at,
    frame_number,
    frame_start,
    frames_between,
    parse_timecode,
    timecode_of,
)
from beatsync.core.units import NS_PER_SECOND, TrackNs

ALL_RATES = (FILM, EBU, DROP_FRAME, SMPTE, NON_DROP, NTSC_FILM)
RATES = st.sampled_from(ALL_RATES)
FRAMES = st.integers(-(10**9), 10**9)
TIMECODES = st.builds(Timecode, st.integers(0, 23), st.integers(0, 59), st.integers(0, 59), st.integers(0, 29))


@given(RATES, FRAMES)
def test_a_frame_has_one_name_and_a_name_one_frame(rate: FrameRate, frame: int) -> None:
    timecode = timecode_of(frame, rate)
    assert timecode.exists(rate)
    assert frame_number(timecode, rate) == frame % rate.frames_a_day


@given(RATES, TIMECODES)
def test_a_timecode_that_exists_survives_the_way_to_frames_and_back(rate: FrameRate, timecode: Timecode) -> None:
    assert (timecode_of(frame_number(timecode, rate), rate) == timecode) == timecode.exists(rate)


@given(RATES, FRAMES)
def test_names_are_in_the_order_of_their_frames(rate: FrameRate, frame: int) -> None:
    ends_the_day = (frame + 1) % rate.frames_a_day == 0
    assert (timecode_of(frame, rate) < timecode_of(frame + 1, rate)) != ends_the_day


@given(RATES, FRAMES)
def test_a_frame_starts_in_its_own_first_nanosecond(rate: FrameRate, frame: int) -> None:
    start = frame_start(frame, rate)
    assert frame_at(start, rate) == frame
    assert frame_at(TrackNs(start - 1), rate) == frame - 1


@given(RATES, st.integers(-(10**17), 10**17).map(TrackNs))
def test_a_position_lies_in_its_frame(rate: FrameRate, position: TrackNs) -> None:
    frame = frame_at(position, rate)
    assert frame_start(frame, rate) <= position < frame_start(frame + 1, rate)


@given(TIMECODES)
def test_text_is_read_as_it_is_written(timecode: Timecode) -> None:
    assert parse_timecode(str(timecode)) == timecode


@given(RATES, TIMECODES, st.integers(-20_000, 20_000))
def test_the_short_way_round_the_day(rate: FrameRate, timecode: Timecode, frames: int) -> None:
    later = timecode_of(frame_number(timecode, rate) + frames, rate)
    assert frames_between(timecode, later, rate) == frames


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("00:00:59:29", 1799),
        ("00:01:00:02", 1800),
        ("00:09:59:29", 17_981),
        ("00:10:00:00", 17_982),
        ("01:00:00:00", 107_892),
        ("23:59:59:29", 2_589_407),
    ],
)
def test_drop_frame_leaves_numbers_out_and_never_frames(text: str, frame: int) -> None:
    """The figures are those of SMPTE 12M: 17,982 frames in ten minutes, 107,892 in an hour."""
    assert frame_number(parse_timecode(text), DROP_FRAME) == frame


@pytest.mark.parametrize(("text", "there"), [("00:01:00;00", False), ("00:01:00;02", True), ("00:10:00;00", True)])
def test_the_numbers_that_drop_frame_leaves_out_do_not_exist(text: str, there: bool) -> None:
    assert parse_timecode(text).exists(DROP_FRAME) is there


def test_a_number_that_is_left_out_stands_for_the_next_one() -> None:
    """A show that starts at 01:01:00:00 on a drop-frame tape starts with that minute's first frame."""
    assert frame_number(parse_timecode("01:01:00:00"), DROP_FRAME) == frame_number(
        parse_timecode("01:01:00:02"), DROP_FRAME
    )


@pytest.mark.parametrize(
    ("rate", "nanoseconds"),
    [
        (FILM, 3600 * NS_PER_SECOND),
        (EBU, 3600 * NS_PER_SECOND),
        (SMPTE, 3600 * NS_PER_SECOND),
        (DROP_FRAME, 3_599_996_400_000),
        (NON_DROP, 3_603_600_000_000),
        (NTSC_FILM, 3_603_600_000_000),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_how_long_an_hour_of_timecode_takes(rate: FrameRate, nanoseconds: int) -> None:
    """Drop-frame is 3.6 ms short in an hour; without it the clock falls back by 3.6 s."""
    assert frame_start(frame_number(parse_timecode("01:00:00:00"), rate), rate) == nanoseconds


@pytest.mark.parametrize("rate", ALL_RATES, ids=lambda rate: rate.name)
def test_a_day_ends_where_the_next_begins(rate: FrameRate) -> None:
    assert timecode_of(rate.frames_a_day, rate) == MIDNIGHT
    assert timecode_of(-1, rate) == Timecode(23, 59, 59, rate.numbers - 1)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("1:2:3", "expected hours:minutes:seconds:frames"),
        ("", "expected hours:minutes:seconds:frames"),
        ("01:00:00:00:00", "expected hours:minutes:seconds:frames"),
        ("-1:00:00:00", "expected hours:minutes:seconds:frames"),
        ("24:00:00:00", "has 24 hours; expected at most 23"),
        ("00:60:00:00", "has 60 minutes; expected at most 59"),
        ("00:00:60:00", "has 60 seconds; expected at most 59"),
        ("00:00:00:30", "has 30 frames; expected at most 29"),
    ],
)
def test_text_that_is_no_timecode_is_refused_and_named(text: str, complaint: str) -> None:
    with pytest.raises(TimecodeError, match=complaint):
        parse_timecode(text)


@given(st.text(max_size=40))
def test_any_text_is_a_timecode_or_refused(text: str) -> None:
    try:
        timecode = parse_timecode(text)
    except TimecodeError:
        return
    assert timecode.exists(SMPTE)
