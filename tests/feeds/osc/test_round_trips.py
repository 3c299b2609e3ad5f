"""When to ask, and when the answer was true."""

from __future__ import annotations

from beatsync.config.feeds.osc_dialect import Request
from beatsync.core.units import HostNs, ms
from beatsync.feeds.osc.round_trips import LOST_AFTER, Between, Calendar, RoundTrips


def at(milliseconds: float) -> HostNs:
    return HostNs(ms(milliseconds))


def test_an_answer_was_true_in_the_middle_give_or_take_half() -> None:
    trips = RoundTrips()
    trips.ask(at(100))
    assert trips.answer(at(104)) == Between(at(102), ms(2))


def test_an_answer_that_took_three_times_as_long_as_others_is_not_used() -> None:
    trips = RoundTrips()
    for start in range(0, 1000, 100):
        trips.ask(at(start))
        assert trips.answer(at(start + 4)) is not None
    trips.ask(at(2000))
    assert trips.answer(at(2012)) is not None
    trips.ask(at(2100))
    assert trips.answer(at(2113)) is None


def test_short_round_trips_are_never_too_long() -> None:
    trips = RoundTrips()
    trips.ask(at(0))
    trips.answer(at(0.2))
    trips.ask(at(100))
    assert trips.answer(at(104.9)) is not None


def test_an_answer_without_a_question_says_nothing() -> None:
    trips = RoundTrips()
    assert trips.answer(at(1)) is None
    trips.ask(at(2))
    trips.answer(at(3))
    assert trips.answer(at(4)) is None


def test_after_a_lost_answer_the_next_one_is_not_used_it_may_be_the_lost_one() -> None:
    trips = RoundTrips()
    trips.ask(at(0))
    assert trips.waits(at(999))
    assert not trips.waits(HostNs(at(0) + LOST_AFTER))
    trips.ask(at(1000))
    assert trips.answer(at(1001)) is None
    trips.ask(at(1100))
    assert trips.answer(at(1104)) is not None


def test_questions_come_at_once_and_then_in_about_their_period() -> None:
    """feeds.md 0.4: never regular."""
    fast, slow = Request(address="/fast", every=ms(100)), Request(address="/slow", every=ms(1000))
    shares = iter([0.0, 0.5, 1.0, 0.0])
    calendar = Calendar((slow, fast), share=lambda: next(shares), now=at(0))
    assert calendar.next() == at(0)
    assert calendar.take_due(at(0)) == [slow, fast]
    assert calendar.next() == at(100)
    assert calendar.take_due(at(99)) == []
    assert calendar.take_due(at(100)) == [fast]
    assert calendar.next() == at(230)
    assert calendar.take_due(at(500)) == [fast]
    assert calendar.next() == at(570)


def test_without_requests_nothing_is_ever_due() -> None:
    assert Calendar((), share=lambda: 0.5, now=at(0)).next() is None
