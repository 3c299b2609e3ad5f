"""A player's position is the witness to whether it plays."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.transport import NORMAL_RATE, Rate, rate_of
from beatsync.core.units import HostNs, TrackNs, ms
from beatsync.feeds.motion import LONGEST_STAND, SHORTEST_STAND, Motion


def seen(*readings: tuple[float, float], motion: Motion | None = None, rate: Rate = NORMAL_RATE) -> Motion:
    """After readings of (instant, position), both in milliseconds."""
    motion = Motion() if motion is None else motion
    for at, position in readings:
        motion.see(TrackNs(ms(position)), HostNs(ms(at)), rate)
    return motion


def steps(count: int, *, every: float = 140) -> Iterable[tuple[float, float]]:
    return ((every * n, every * n) for n in range(count))


def test_one_reading_proves_nothing() -> None:
    assert not seen((0, 5_000)).proven


def test_a_step_as_time_makes_it_proves_that_the_position_moves() -> None:
    motion = seen((0, 5_000), (140, 5_140))
    assert motion.proven
    assert motion.in_a_row == 1


def test_milliseconds_in_place_of_microseconds_are_no_movement() -> None:
    """F7"""
    motion = seen(*((at, at / 1000) for at in range(0, 4_000, 140)))
    assert not motion.proven
    assert motion.unmoved_for(HostNs(ms(4_000))) > LONGEST_STAND


def test_seconds_in_place_of_microseconds_are_jumps_and_no_movement() -> None:
    """F7"""
    assert not seen(*((at, at * 1000) for at in range(0, 4_000, 140))).proven


def test_a_position_that_stands_for_longer_than_is_usual_stands() -> None:
    """F13"""
    motion = seen(*steps(10))
    last = 140 * 9
    assert not seen((last + SHORTEST_STAND / ms(1), last), motion=motion).standing
    assert seen((last + SHORTEST_STAND / ms(1) + 1, last), motion=motion).standing


def test_whole_seconds_may_stand_for_as_long_as_they_do() -> None:
    motion = seen(*((at, at // 1000 * 1000) for at in range(0, 10_000, 140)))
    assert motion.proven
    assert not motion.standing


def test_what_stood_moves_again_with_its_next_step() -> None:
    motion = seen(*steps(10), (5_000, 1_260))
    assert motion.standing
    assert not seen((5_140, 1_400), motion=motion).standing


def test_a_long_stand_is_not_taken_as_usual() -> None:
    motion = seen(*steps(10), (5_000, 1_260), (5_140, 2_000), (5_280, 2_140))
    assert seen((5_280 + SHORTEST_STAND / ms(1) + 1, 2_140), motion=motion).standing


def test_a_jump_is_no_step_and_ends_the_row() -> None:
    motion = seen(*steps(5), (700, 60_000))
    assert motion.in_a_row == 0
    assert seen((840, 60_140), motion=motion).in_a_row == 1


def test_a_slow_player_moves_as_slowly_as_it_says() -> None:
    assert seen((0, 0), (1_000, 150), rate=rate_of(0.15)).proven


def test_after_a_pause_it_has_all_its_time_again() -> None:
    motion = seen(*steps(10))
    motion.begin_afresh()
    assert not seen((60_000, 1_260), (60_400, 1_260), motion=motion).standing


@given(st.lists(st.tuples(st.integers(0, 2_000), st.integers(-(10**14), 10**14)), max_size=60))
def test_no_row_of_readings_is_too_strange(readings: list[tuple[int, int]]) -> None:
    motion, at = Motion(), 0
    for wait, position in readings:
        at += ms(wait)
        motion.see(TrackNs(position), HostNs(at), NORMAL_RATE)
        assert not (motion.standing and motion.in_a_row)
        assert motion.in_a_row >= 0
        assert motion.unmoved_for(HostNs(at)) <= at
