"""The conductor's books."""

from __future__ import annotations

from beatsync.conductor.tally import Tally, Totals, total_of
from beatsync.core.histogram import Histogram
from beatsync.core.verdicts import Verdict


def tally(*sent: tuple[str, int]) -> Tally:
    """Books with so many cues sent, each with its target and its lateness."""
    books = Tally()
    for target, lateness in sent:
        books.fell_due(target)
        books.decided(target, Verdict.SENT, lateness)
    return books


def both(books: Tally, queued: dict[str, int] | None = None) -> Totals:
    return total_of(books.totals(queued or {}).values())


def test_books_with_nothing_in_them_balance() -> None:
    totals = both(Tally())
    assert (totals.due, totals.balanced, totals.lateness) == (0, True, Histogram())


def test_a_due_cue_without_a_verdict_that_waits_nowhere_is_out_of_balance() -> None:
    books = tally(("lights", 0))
    books.fell_due("lights")
    assert not both(books).balanced
    assert both(books, {"lights": 1}).balanced


def test_a_verdict_for_a_cue_that_was_never_due_is_out_of_balance() -> None:
    books = tally(("lights", 0))
    books.decided("lights", Verdict.FAILED, None)
    assert not both(books).balanced


def test_the_books_of_one_target_know_nothing_of_the_others() -> None:
    books = tally(("lights", 1), ("lights", 3), ("visuals", 50)).totals()
    assert (books["lights"].lateness.count, books["lights"].lateness.max) == (2, 3)
    assert books["visuals"].lateness.max == 50
    assert total_of(books.values()).lateness.count == 3
    assert "nobody" not in books


def test_what_is_not_sent_has_no_lateness() -> None:
    books = Tally()
    books.fell_due("lights")
    books.decided("lights", Verdict.DROPPED, None)
    totals = both(books)
    assert (totals.of(Verdict.DROPPED), totals.of(Verdict.SENT), totals.lateness.count) == (1, 0, 0)


def test_percentiles_are_of_what_was_measured() -> None:
    lateness = both(tally(*(("lights", figure) for figure in range(1, 101)))).lateness
    assert (lateness.percentile(50), lateness.percentile(99), lateness.max) == (50, 99, 100)


def test_books_go_on_from_what_was_counted_before() -> None:
    before = tally(("lights", 1), ("visuals", 2))
    after = Tally(before.totals())
    after.fell_due("lights")
    after.decided("lights", Verdict.FAILED, None)
    totals = after.totals()
    assert (totals["lights"].due, totals["lights"].of(Verdict.SENT), totals["lights"].of(Verdict.FAILED)) == (2, 1, 1)
    assert totals["visuals"] == before.totals()["visuals"]
