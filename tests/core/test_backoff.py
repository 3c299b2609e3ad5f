"""Trying again."""

from __future__ import annotations

from beatsync.core.backoff import Backoff
from beatsync.core.units import NO_TIME, ms


def backoff() -> Backoff:
    return Backoff(first=ms(50), longest=ms(2000), steady=ms(2000))


def test_each_failure_waits_twice_as_long_up_to_the_longest() -> None:
    waiting = backoff()
    waits = [waiting.failed(lasted=NO_TIME, share=1) for _ in range(8)]
    assert waits == [ms(wait) for wait in (50, 100, 200, 400, 800, 1600, 2000, 2000)]


def test_what_is_accepted_and_closed_at_once_is_a_failure_like_any_other() -> None:
    waiting = backoff()
    assert [waiting.failed(lasted=ms(3), share=1) for _ in range(3)] == [ms(50), ms(100), ms(200)]


def test_after_something_that_lasted_it_begins_anew() -> None:
    waiting = backoff()
    for _ in range(5):
        waiting.failed(lasted=NO_TIME, share=1)
    assert waiting.failed(lasted=ms(60_000), share=1) == ms(50)


def test_those_who_fail_together_do_not_come_back_together() -> None:
    assert {backoff().failed(lasted=NO_TIME, share=share) for share in (0, 0.5, 1)} == {ms(25), ms(37.5), ms(50)}
