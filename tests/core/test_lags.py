"""How late readings usually are, and how odd one is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.lags import Lags
from beatsync.core.units import NS_PER_MS, ms
from bench.simulated_feeds import Uniform, drawn, harsh

DOUBT = float(ms(0.3))


def lags_of(*milliseconds: float) -> Lags:
    lags = Lags(ms(10), floor=ms(0.05))
    for lag in milliseconds:
        lags.add(lag * NS_PER_MS)
    return lags


def evenly(longest: float, count: int = 200) -> Lags:
    return lags_of(*drawn(Uniform(longest), 1, count))


def test_the_spread_of_even_lags_is_the_longest_of_them() -> None:
    assert evenly(20.0).spread == pytest.approx(ms(20), rel=0.25)


def test_a_tail_does_not_change_the_spread_near_the_edge() -> None:
    lags = lags_of(*drawn(harsh, 2, 200))
    assert lags.spread == pytest.approx(ms(5), rel=0.4)
    assert lags.longest > ms(100)


def test_a_line_that_is_too_low_does_not_make_the_spread_vanish() -> None:
    lags = lags_of(*([0.0] * 60), *([9.0] * 60))
    assert lags.spread >= ms(3)


def test_what_was_supposed_is_forgotten_when_enough_is_learned() -> None:
    assert lags_of(*([0.2] * 40)).longest < ms(1)


def test_a_usual_lag_is_not_odd_a_longer_one_than_ever_is_and_one_ahead_of_the_line_is_too() -> None:
    lags = evenly(20.0)
    assert lags.oddity(ms(5), DOUBT) < 0.5
    assert lags.oddity(ms(19), DOUBT) < 0.5
    assert lags.oddity(ms(40), DOUBT) > 4
    assert lags.oddity(ms(500), DOUBT) > 10
    assert lags.oddity(-float(ms(5)), DOUBT) > 10


def test_a_lag_that_has_been_seen_before_is_less_odd() -> None:
    assert lags_of(*([3.0] * 100), 200.0, 190.0, 180.0).oddity(ms(150), DOUBT) < evenly(5.0).oddity(ms(150), DOUBT)


def test_one_reading_is_probably_as_late_as_half_of_the_longest() -> None:
    assert evenly(20.0).gap([0.0]) == pytest.approx(ms(10), rel=0.15)


def test_of_two_readings_that_lie_far_apart_the_upper_one_can_hardly_be_late() -> None:
    lags = evenly(20.0)
    assert lags.gap([0.0, float(ms(18))]) < ms(2)
    assert lags.gap([0.0, float(ms(1))]) > ms(6)


@given(st.lists(st.floats(0, 1e10), min_size=1, max_size=200), st.floats(-1e11, 1e11))
def test_oddity_is_bounded_and_never_negative(lags: list[float], lag: float) -> None:
    known = lags_of()
    for one in lags:
        known.add(one)
    assert 0.0 <= known.oddity(lag, DOUBT) <= 16.0
    assert known.spread > 0.0
