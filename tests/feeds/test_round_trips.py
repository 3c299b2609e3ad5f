"""Answers are dated by the middle of their round trip, and slow ones not at all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.units import DurationNs, HostNs, ms
from beatsync.feeds.round_trips import QUICK, REMEMBERED, RoundTrips, Stamp


def asked_for(trips: RoundTrips, took: DurationNs, asked: int = 0) -> Stamp | None:
    return trips.stamp(HostNs(asked), HostNs(asked + took))


def test_an_answer_was_true_in_the_middle_give_or_take_half_its_time() -> None:
    assert asked_for(RoundTrips(), ms(1), 500) == Stamp(HostNs(500 + ms(0.5)), ms(0.5))


def test_an_answer_that_took_three_times_as_long_as_the_quickest_is_not_dated() -> None:
    trips = RoundTrips()
    assert asked_for(trips, ms(10))
    assert asked_for(trips, ms(30))
    assert asked_for(trips, ms(31)) is None


def test_a_quick_answer_is_dated_however_much_quicker_another_one_was() -> None:
    trips = RoundTrips()
    assert asked_for(trips, ms(0.1))
    assert asked_for(trips, QUICK)
    assert asked_for(trips, DurationNs(QUICK + 1)) is None


def test_where_something_has_just_happened_a_rough_date_is_better_than_none() -> None:
    trips = RoundTrips()
    assert asked_for(trips, ms(0.2))
    assert trips.stamp(HostNs(0), HostNs(ms(40)), eager=True) == Stamp(HostNs(ms(20)), ms(20))
    assert trips.stamp(HostNs(0), HostNs(ms(40))) is None
    assert trips.stamp(HostNs(0), HostNs(ms(400)), eager=True) is None


def test_a_network_that_got_slower_is_believed_after_a_while() -> None:
    trips = RoundTrips()
    asked_for(trips, ms(1))
    assert [asked_for(trips, ms(50)) is None for _ in range(REMEMBERED)] == [True] * (REMEMBERED - 1) + [False]


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=100))
def test_what_is_dated_lies_within_its_round_trip(times: list[int]) -> None:
    trips = RoundTrips()
    for took in times:
        stamp = asked_for(trips, DurationNs(took))
        if stamp is not None:
            assert stamp.at - stamp.slack <= 0
            assert stamp.at + stamp.slack >= took
            assert 0 <= stamp.at <= took
