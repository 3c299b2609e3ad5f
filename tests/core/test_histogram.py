"""Percentiles of what was counted, to 1/128."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.histogram import Histogram, Recorder, merged

DURATIONS = st.lists(st.integers(0, 10**12), min_size=1, max_size=60)


def histogram(*durations: int) -> Histogram:
    recorder = Recorder()
    for duration in durations:
        recorder.add(duration)
    return recorder.snapshot()


def test_an_empty_histogram_is_all_zero() -> None:
    assert (Histogram().percentile(50), Histogram().max, list(Histogram().spread())) == (0, 0, [])


def test_what_is_early_counts_as_in_time() -> None:
    assert histogram(-5).percentile(100) == 0


@given(DURATIONS, st.sampled_from([1, 50, 90, 99, 99.9, 100]))
def test_a_percentile_is_within_a_128th_of_the_exact_one(durations: list[int], percent: float) -> None:
    exact = sorted(durations)[max(0, -(-len(durations) * percent // 100).__trunc__() - 1)]
    found = histogram(*durations).percentile(percent)
    assert exact <= found <= exact + exact // 128


@given(DURATIONS)
def test_every_duration_lies_in_its_bucket_and_buckets_do_not_overlap(durations: list[int]) -> None:
    spread = list(histogram(*durations).spread())
    assert sum(count for _, _, count in spread) == len(durations)
    assert all(sum(low <= one <= high for low, high, _ in spread) == 1 for one in durations)


@given(DURATIONS, DURATIONS)
def test_histograms_merge_and_go_on_from_a_snapshot(first: list[int], second: list[int]) -> None:
    both = histogram(*first, *second)
    assert merged([histogram(*first), histogram(*second)]) == both
    recorder = Recorder(histogram(*first))
    for duration in second:
        recorder.add(duration)
    assert recorder.snapshot() == both
