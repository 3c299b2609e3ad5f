"""A4, A5: when to ask again, without waiting for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.units import NS_PER_SECOND, DurationNs, WallNs, ms
from beatsync.sources.retry import PATIENCE, DoesNotFit, NoTriesLeft, Wait, asked_wait, backoff, next_step

NOW = WallNs(1_700_000_000 * NS_PER_SECOND)  # Tue, 14 Nov 2023 22:13:20 GMT

durations = st.integers(min_value=0, max_value=120 * NS_PER_SECOND).map(DurationNs)


def test_waits_double_from_half_a_second_to_two() -> None:
    """A5."""
    expected = [ms(500), ms(1000), ms(2000), ms(2000), ms(2000)]
    assert [backoff(PATIENCE, failures) for failures in range(1, 6)] == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("2", ms(2_000)),
        (" 2 ", ms(2_000)),
        ("1.5", ms(1_500)),
        ("0", ms(500)),
        ("61", ms(60_000)),
        ("1e9", ms(60_000)),
        ("1e999", ms(60_000)),
        ("9" * 60, ms(60_000)),
        ("Tue, 14 Nov 2023 22:13:23 GMT", ms(3_000)),
        ("Tue, 14 Nov 2023 22:13:23 -0000", ms(3_000)),
        ("Tue, 14 Nov 2023 23:13:23 +0100", ms(3_000)),
        ("Tuesday, 14-Nov-23 22:13:23 GMT", ms(3_000)),
        ("Tue, 14 Nov 2023 22:13:10 GMT", ms(500)),
        ("Sun, 01 Jan 1950 00:00:00 GMT", ms(500)),
        ("Thu, 01 Jan 2099 00:00:00 GMT", ms(60_000)),
    ],
)
def test_retry_after_is_read_and_clamped(header: str, expected: DurationNs) -> None:
    """A4."""
    assert asked_wait(PATIENCE, header, NOW) == expected


@pytest.mark.parametrize(
    "header",
    [None, "", " ", "-1", "abc", "nan", "inf", "0x10", "1_0", "٣", "2 s", "9" * 65, "Tue, 99 Nov 2023 22:13:23", "Tue"],
)
def test_a_retry_after_that_makes_no_sense_is_ignored(header: str | None) -> None:
    """A4."""
    assert asked_wait(PATIENCE, header, NOW) is None


@given(st.text() | st.from_regex(r"[0-9eE+.:, A-Za-z-]{1,40}", fullmatch=True))
def test_whatever_the_header_says_the_wait_is_within_its_bounds(header: str) -> None:
    """A4."""
    wait = asked_wait(PATIENCE, header, NOW)
    assert wait is None or PATIENCE.least_asked <= wait <= PATIENCE.most_asked


@given(
    failures=st.integers(min_value=1, max_value=100),
    asked=st.none() | durations.map(lambda wait: DurationNs(min(max(wait, PATIENCE.least_asked), PATIENCE.most_asked))),
    share=st.floats(min_value=0, max_value=1),
    left=durations,
    tries=st.integers(min_value=1, max_value=50),
)
def test_a_wait_never_outlasts_the_budget_and_never_undercuts_what_was_asked(
    failures: int, asked: DurationNs | None, share: float, left: DurationNs, tries: int
) -> None:
    """A4, A5."""
    policy = replace(PATIENCE, tries=tries)
    match next_step(policy, failures=failures, asked=asked, share=share, left=left):
        case NoTriesLeft():
            assert failures >= tries
        case Wait(wait):
            assert failures < tries
            assert wait < left
            assert (backoff(policy, failures) if asked is None else asked) <= wait <= policy.most_asked
        case DoesNotFit(wait):
            assert wait >= left


@given(failures=st.integers(min_value=1, max_value=10), share=st.floats(min_value=0, max_value=1))
def test_jitter_only_lengthens_a_wait_and_by_a_quarter_at_most(failures: int, share: float) -> None:
    """A5."""
    policy = replace(PATIENCE, tries=100)
    step = next_step(policy, failures=failures, asked=None, share=share, left=ms(60_000))
    base = backoff(policy, failures)
    assert isinstance(step, Wait)
    assert base <= step.duration <= base * 1.25


def test_the_last_try_is_followed_by_none_however_much_time_is_left() -> None:
    """A5."""
    assert next_step(PATIENCE, failures=3, asked=None, share=0, left=ms(9_000)) == NoTriesLeft()
