"""The conductor's books."""

from __future__ import annotations

from beatsync.conductor.tally import Lateness, Tally
from beatsync.core.verdicts import Verdict


def tally(*sent: tuple[str, int]) -> Tally:
    """Books with so many cues sent, each with its target and its lateness."""
    books = Tally()
    for target, lateness in sent:
        books.fell_due(target)
        books.decided(target, Verdict.SENT, lateness)
    return books


def test_books_with_nothing_in_them_balance() -> None:
    totals = Tally().totals()
    assert (totals.due, totals.balanced, totals.lateness) == (0, True, Lateness(0, 0, 0, 0))


def test_a_due_cue_without_a_verdict_that_waits_nowhere_is_out_of_balance() -> None:
    books = tally(("lights", 0))
    books.fell_due("lights")
    assert not books.totals().balanced
    assert books.totals(queued=1).balanced


def test_a_verdict_for_a_cue_that_was_never_due_is_out_of_balance() -> None:
    books = tally(("lights", 0))
    books.decided("lights", Verdict.FAILED, None)
    assert not books.totals().balanced


def test_the_books_of_one_target_know_nothing_of_the_others() -> None:
    books = tally(("lights", 1), ("lights", 3), ("visuals", 50))
    assert books.totals("lights").lateness == Lateness(count=2, p50=1, p99=1, max=3)
    assert books.totals("visuals").lateness.max == 50
    assert books.totals().lateness.count == 3
    assert books.totals("nobody").due == 0


def test_what_is_not_sent_has_no_lateness() -> None:
    books = Tally()
    books.fell_due("lights")
    books.decided("lights", Verdict.DROPPED, None)
    totals = books.totals()
    assert (totals.of(Verdict.DROPPED), totals.of(Verdict.SENT), totals.lateness.count) == (1, 0, 0)


def test_percentiles_are_of_what_was_measured() -> None:
    lateness = tally(*(("lights", figure) for figure in range(1, 101))).totals().lateness
    assert lateness == Lateness(count=100, p50=50, p99=99, max=100)
