"""Comparisons of numbers and of places in a row."""

from __future__ import annotations

import operator

from hypothesis import given
from hypothesis import strategies as st

from beatsync.core import comparison
from beatsync.core.comparison import Comparison, Operator

CHECKS = {
    Operator.EQUAL: operator.eq,
    Operator.NOT_EQUAL: operator.ne,
    Operator.LESS: operator.lt,
    Operator.AT_MOST: operator.le,
    Operator.MORE: operator.gt,
    Operator.AT_LEAST: operator.ge,
}
TESTS = st.builds(comparison.Test, st.sampled_from(Operator), st.integers(-5, 5))
ROWS = st.integers(1, 8).flatmap(lambda count: st.tuples(st.integers(1, count), st.just(count)))


def only(operation: Operator, value: float) -> Comparison:
    """A comparison of one test."""
    return Comparison(((comparison.Test(operation, value),),))


@given(
    st.lists(st.lists(TESTS, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3).map(tuple), st.floats(-6, 6)
)
def test_one_alternative_must_hold_with_all_its_tests(
    alternatives: tuple[tuple[comparison.Test, ...], ...], number: float
) -> None:
    held = [all(CHECKS[test.operator](number, test.value) for test in tests) for tests in alternatives]
    assert Comparison(alternatives).matches(number) == any(held)


@given(ROWS)
def test_minus_one_is_the_last_place_and_one_the_first(row: tuple[int, int]) -> None:
    place, count = row
    assert only(Operator.EQUAL, -1).matches_place(place, of=count) == (place == count)
    assert only(Operator.EQUAL, 1).matches_place(place, of=count) == (place == 1)


@given(ROWS, st.integers(1, 8))
def test_a_place_from_the_end_is_the_same_place_from_the_start(row: tuple[int, int], back: int) -> None:
    place, count = row
    from_start = count + 1 - back
    assert only(Operator.EQUAL, -back).matches_place(place, of=count) == (place == from_start)
    assert only(Operator.AT_LEAST, -back).matches_place(place, of=count) == (place >= from_start)


def test_a_range_from_the_end_is_the_last_places() -> None:
    last_two = Comparison(((comparison.Test(Operator.AT_LEAST, -2), comparison.Test(Operator.AT_MOST, -1)),))
    assert [place for place in range(1, 6) if last_two.matches_place(place, of=5)] == [4, 5]
