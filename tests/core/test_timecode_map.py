"""A set list on timecode: which track, and where in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.timecode import (
    DROP_FRAME,
    EBU,
    FILM,
    NON_DROP,
    SMPTE,
    FrameRate,
    frame_start,
    parse_timecode,
    timecode_of,
)
from beatsync.core.timecode_map import Entry, Place, TimecodeMap, one_track
from beatsync.core.units import NS_PER_SECOND, DurationNs, TrackNs, ms

SECOND = NS_PER_SECOND
MINUTE = 60 * SECOND
RATES = st.sampled_from((FILM, EBU, DROP_FRAME, SMPTE, NON_DROP))


def entry(starts_at: str, minutes: float | None = None) -> Entry:
    return Entry(parse_timecode(starts_at), None if minutes is None else DurationNs(round(minutes * MINUTE)))


SET = TimecodeMap((entry("01:00:00:00", 3), entry("01:05:00:00", 4), entry("01:09:00:00", 2)), run_up=ms(10_000))


@pytest.mark.parametrize(
    ("timecode", "place"),
    [
        ("00:59:00:00", None),
        ("00:59:49:24", None),
        ("00:59:50:00", Place(0, TrackNs(-10 * SECOND))),
        ("00:59:59:24", Place(0, TrackNs(-SECOND // 25))),
        ("01:00:00:00", Place(0, TrackNs(0))),
        ("01:02:59:24", Place(0, TrackNs(3 * MINUTE - SECOND // 25))),
        ("01:03:00:00", None),
        ("01:04:55:00", Place(1, TrackNs(-5 * SECOND))),
        ("01:05:00:00", Place(1, TrackNs(0))),
        ("01:08:59:00", Place(1, TrackNs(4 * MINUTE - SECOND))),
        ("01:09:00:00", Place(2, TrackNs(0))),
        ("01:11:00:00", None),
        ("23:59:59:24", None),
    ],
)
def test_between_tracks_nothing_plays_but_the_run_up(timecode: str, place: Place | None) -> None:
    assert SET.place(parse_timecode(timecode), EBU) == place


def test_a_track_without_a_duration_plays_until_the_next_starts() -> None:
    table = TimecodeMap((entry("01:00:00:00"), entry("02:00:00:00", 1)))
    assert table.place(parse_timecode("01:59:59:00"), SMPTE) == Place(0, TrackNs(59 * MINUTE + 59 * SECOND))
    assert table.place(parse_timecode("02:00:00:00"), SMPTE) == Place(1, TrackNs(0))
    assert table.place(parse_timecode("02:01:00:00"), SMPTE) == Place(0, TrackNs(61 * MINUTE))


def test_of_two_that_overlap_the_one_that_started_last_plays() -> None:
    table = TimecodeMap((entry("02:00:00:00", 10), entry("01:00:00:00", 120)))
    assert table.place(parse_timecode("02:05:00:00"), EBU) == Place(0, TrackNs(5 * MINUTE))
    assert table.place(parse_timecode("02:15:00:00"), EBU) == Place(1, TrackNs(75 * MINUTE))


def test_a_track_plays_on_through_midnight() -> None:
    table = TimecodeMap((entry("23:58:00:00", 5),))
    assert table.place(parse_timecode("00:02:00:00"), EBU) == Place(0, TrackNs(4 * MINUTE))
    assert table.place(parse_timecode("00:03:00:00"), EBU) is None


def test_an_empty_table_plays_nothing() -> None:
    assert TimecodeMap(()).place(parse_timecode("01:00:00:00"), EBU) is None


def test_the_offset_of_a_drop_frame_tape_is_counted_in_frames() -> None:
    table = one_track(parse_timecode("01:00:00:00"))
    (minute,) = {table.place(parse_timecode("01:01:00:02"), DROP_FRAME)}
    assert minute == Place(0, TrackNs(60_060_000_000))


@given(RATES, st.integers(0, 3_000_000), st.integers(-1_000_000, 1_000_000))
def test_one_track_always_plays(rate: FrameRate, start: int, frames: int) -> None:
    place = one_track(timecode_of(start, rate)).place(timecode_of(start + frames, rate), rate)
    assert place == Place(0, frame_start(frames, rate))


TRACKS = st.lists(st.tuples(st.integers(0, 2_000_000), st.integers(1, 12 * 3600)), max_size=5)


@given(RATES, TRACKS, st.integers(0, 2_500_000))
def test_what_plays_started_last_of_all_that_are_not_over(
    rate: FrameRate, tracks: list[tuple[int, int]], frame: int
) -> None:
    table = TimecodeMap(tuple(Entry(timecode_of(start, rate), DurationNs(s * SECOND)) for start, s in tracks))
    place = table.place(timecode_of(frame, rate), rate)
    since = [frame_start((frame - start) % rate.frames_a_day, rate) for start, _ in tracks]
    unfinished = [start for start, (_, seconds) in zip(since, tracks, strict=True) if start < seconds * SECOND]
    ahead = [frame_start((start - frame) % rate.frames_a_day, rate) for start, _ in tracks]
    if unfinished:
        assert place is not None
        assert place.position == min(unfinished) == since[place.entry]
    elif place is not None:
        assert place.position == pytest.approx(-min(ahead), abs=1)
        assert -place.position <= table.run_up
    else:
        assert not ahead or min(ahead) > table.run_up
