"""VLC's whole seconds are made the most of: what is told agrees with all that VLC said, and comes near the truth."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from hypothesis import example, given
from hypothesis import strategies as st

from beatsync.core.units import NO_TIME, NS_PER_SECOND, TrackNs, ns_from_seconds
from beatsync.feeds.vlc.track_length import ENOUGH, Place, TrackLength

STEP = 0.3134
"""Seconds between two positions of VLC, of a FLAC file (measured)."""


def as_float32(value: float) -> float:
    return float(struct.unpack("f", struct.pack("f", value))[0])


def stated(seconds: float, length: float) -> tuple[float, int]:
    """What VLC says of a position: position and time."""
    return as_float32(seconds / length), int(seconds)


def told(track: TrackLength, positions: Sequence[float], length: float) -> list[Place]:
    """What is made of each, when it is asked for twice, as it is at 20 questions a second."""
    places = []
    for seconds in positions:
        track.place(*stated(seconds, length))
        places.append(track.place(*stated(seconds, length)))
    return places


def played(start: float, count: int, length: float) -> list[float]:
    return [start + STEP * n for n in range(count) if start + STEP * n < length]


def errors(places: Sequence[Place], positions: Sequence[float]) -> list[float]:
    return [abs(place.position / NS_PER_SECOND - seconds) for place, seconds in zip(places, positions, strict=True)]


def test_the_rounded_length_alone_is_short_by_as_much_as_was_rounded_off_near_the_end() -> None:
    """What has to be put right: 0.9 s, of any length."""
    length = 3_600.9
    fraction, _ = stated(3_590.0, length)
    assert 0.89 < 3_590.0 - fraction * 3_600 < 0.91


def test_near_the_end_of_an_hour_the_place_is_right_within_50_ms_after_12_seconds() -> None:
    length = 3_600.9
    positions = played(3_500, 40, length)
    assert errors(told(TrackLength(3_600), positions, length), positions)[-1] < 0.05


def test_played_from_the_start_it_is_never_off_by_much() -> None:
    length = 180.73
    positions = played(0, 560, length)
    places = told(TrackLength(180), positions, length)
    assert max(errors(places, positions)) < 0.05
    assert max(errors(places[200:], positions[200:])) < 0.01


def test_a_position_that_is_a_share_of_the_bytes_is_found_out_and_whole_seconds_are_used() -> None:
    """So an MP3 of variable bitrate without a Xing header: loud and quiet by turns, for five seconds each."""
    track = TrackLength(180)
    share = 0.3
    for n, seconds in enumerate(played(54, 300, 180)):
        share += STEP / 180 * (1.4 if n // 16 % 2 else 0.6)
        statement = (as_float32(share), int(seconds))
        track.place(*statement)
        place = track.place(*statement)
        assert n < ENOUGH or place == Place(TrackNs(int(seconds) * NS_PER_SECOND), NO_TIME, fine=False)


def test_a_position_that_is_off_by_a_constant_share_is_fine() -> None:
    """An MP3 of constant bitrate, whose first bytes are tags."""
    length = 180.77
    positions = played(30, 100, length)
    places = told(TrackLength(180), [seconds * 1.004 for seconds in positions], length)
    assert all(place.fine for place in places[2 * ENOUGH :])


def test_one_statement_of_another_moment_spoils_nothing() -> None:
    """VLC reads position and time one after the other."""
    length = 180.73
    track = TrackLength(180)
    told(track, played(60, 40, length), length)
    before = track.place(*stated(72.9, length))
    track.place(as_float32(72.9 / length), 73)
    assert track.place(*stated(72.9, length)) == before


def test_a_length_that_changes_is_not_trusted_before_it_has_proven_itself() -> None:
    track = TrackLength(180, trusted=False)
    places = told(track, played(60, ENOUGH + 1, 180.5), 180.5)
    assert [place.fine for place in places] == [False] * (ENOUGH - 1) + [True, True]


def test_without_a_length_there_are_only_whole_seconds() -> None:
    assert TrackLength(0).place(0.5, 90) == Place(TrackNs(90 * NS_PER_SECOND), NO_TIME, fine=False)


@given(
    st.floats(1.0, 86_000.0),
    st.lists(st.floats(0.0, 1.0), min_size=1, max_size=60),
)
@example(3_600.999, [0.999999] * 3)
def test_what_is_told_is_never_further_from_the_truth_than_it_says(length: float, fractions: list[float]) -> None:
    positions = [fraction * length for fraction in fractions]
    for place, seconds in zip(told(TrackLength(int(length)), positions, length), positions, strict=True):
        rounding = ns_from_seconds(2e-6 * length + 1e-6)
        assert place.fine
        assert abs(place.position - ns_from_seconds(seconds)) <= place.doubt + rounding


@given(
    st.integers(0, 86_400),
    st.booleans(),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 86_400), st.booleans()), max_size=60),
)
def test_no_row_of_statements_is_too_strange(
    length: int, trusted: bool, statements: list[tuple[float, int, bool]]
) -> None:
    track = TrackLength(length, trusted=trusted)
    for fraction, time, twice in statements:
        for _ in range(1 + twice):
            place = track.place(fraction, time)
            assert place.doubt >= 0
            assert 0 <= place.position < 10**15 or not length
