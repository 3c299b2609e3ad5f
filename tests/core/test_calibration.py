"""A feed's offset from taps on clicks: what follows from them, and when nothing does."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random  # noqa: TID251  seeds are given

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.calibration import (
    GETTING_IN,
    LEAST,
    PERIOD,
    Calibrated,
    NotCalibrated,
    conclude,
    error_of_tap,
)
from beatsync.core.units import NO_TIME, DurationNs, TrackNs, ms


def taps(middle: float, scatter: float = 20.0, count: int = 24, seed: int = 1) -> list[DurationNs]:
    """Somebody who taps so many ms beyond the line's clicks, as evenly as people do."""
    chance = Random(seed)
    return [error_of_tap(TrackNs(ms(PERIOD / 1e6 * n + chance.gauss(middle, scatter)))) for n in range(count)]


def calibrated(errors: Sequence[DurationNs], *, offset: float = 0.0, ahead: float = 30.0) -> Calibrated:
    found = conclude(errors, offset=ms(offset), ahead=ms(ahead))
    assert isinstance(found, Calibrated), found
    return found


def refusal(errors: Sequence[DurationNs]) -> str:
    found = conclude(errors, offset=NO_TIME)
    assert isinstance(found, NotCalibrated), found
    return found.reason


def test_a_tap_is_measured_from_the_nearest_click() -> None:
    assert error_of_tap(TrackNs(0)) == 0
    assert error_of_tap(TrackNs(PERIOD + ms(40))) == ms(40)
    assert error_of_tap(TrackNs(5 * PERIOD - ms(40))) == -ms(40)
    assert error_of_tap(TrackNs(-ms(40))) == -ms(40)


@given(st.floats(-250, 250), st.floats(-600, 600), st.integers(0, 2**16))
def test_the_offset_moves_the_line_s_clicks_to_where_they_are_heard(wrong: float, offset: float, seed: int) -> None:
    """The line is ahead of the sound by `wrong`; the person taps 30 ms ahead of the sound."""
    found = calibrated(taps(wrong - 30, seed=seed), offset=offset)
    assert found.offset == pytest.approx(ms(offset - wrong), abs=ms(20))


def test_whoever_taps_on_what_a_right_feed_says_changes_nothing_but_by_what_everybody_is_ahead() -> None:
    assert calibrated(taps(-30, scatter=0)).offset == 0
    assert calibrated(taps(0, scatter=0), ahead=0).offset == 0


def test_the_first_taps_and_a_few_that_went_wrong_do_not_count() -> None:
    errors = [*taps(-300, count=GETTING_IN), *taps(60)]
    errors[10], errors[15] = ms(-200), ms(300)
    found = calibrated(errors, ahead=0)
    assert found.median == pytest.approx(ms(60), abs=ms(15))
    assert 20 <= found.used <= 22
    assert found.taps == 28


def test_spread_and_doubt_are_those_of_the_taps() -> None:
    found = calibrated(taps(0, scatter=25, count=40))
    assert ms(12) < found.spread < ms(40)
    assert ms(2) < found.doubt < ms(9)


def test_too_few_taps_are_refused_with_how_many_it_takes() -> None:
    assert "15 taps are too few" in refusal(taps(0, count=15))
    assert f"at least {GETTING_IN + LEAST} clicks" in refusal([])


@given(st.integers(0, 2**16))
def test_taps_at_random_are_refused(seed: int) -> None:
    chance = Random(seed)
    errors = [DurationNs(round(chance.uniform(-PERIOD / 2, PERIOD / 2))) for _ in range(40)]
    assert "scatter" in refusal(errors) or "half way" in refusal(errors)


@pytest.mark.parametrize("middle", [-370, 365, 375])
def test_taps_half_way_between_two_clicks_are_refused_with_what_to_do(middle: float) -> None:
    assert "change the offset by 187 ms" in refusal(taps(middle, scatter=15))


@given(st.lists(st.integers(-(10**15), 10**15).map(DurationNs), max_size=60), st.integers(-(10**9), 10**9))
def test_whatever_is_tapped_something_follows_or_a_reason_why_not(errors: list[DurationNs], offset: int) -> None:
    found = conclude(errors, offset=DurationNs(offset))
    if isinstance(found, Calibrated):
        assert abs(found.median) <= PERIOD / 2
    else:
        assert found.reason
        assert "\n" not in found.reason
