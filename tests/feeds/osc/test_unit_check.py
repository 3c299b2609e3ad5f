"""A wrong unit is noticed, and nothing that playback can do is taken for one."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.units import HostNs, TrackNs, ms
from beatsync.feeds.osc.unit_check import UnitCheck
from beatsync.feeds.osc.unread import Unread


def verdicts(readings: Iterable[tuple[float, float]]) -> list[Unread | None]:
    """Of (host, position) in ms."""
    check = UnitCheck()
    return [check.fault(HostNs(ms(host)), TrackNs(ms(position))) for host, position in readings]


def test_milliseconds_taken_for_seconds_are_refused_from_the_third_step_on() -> None:
    """F7"""
    assert verdicts((16 * step, 16_000 * step) for step in range(8)) == [None] * 3 + [Unread.TOO_FAST] * 5


def test_a_wrong_unit_stays_refused_over_seeks_and_pauses() -> None:
    """F7"""
    played = [(16 * step, 16_000 * step) for step in range(6)]
    paused = [(100 + 16 * step, 80_000) for step in range(5)]
    sought = [(200 + 16 * step, 5_000 + 16_000 * step) for step in range(6)]
    assert set(verdicts([*played, *paused, *sought])[4:]) == {Unread.TOO_FAST}


def test_the_right_unit_is_believed_again_at_once() -> None:
    wrong = [(16 * step, 16_000 * step) for step in range(6)]
    right = [(100 + 16 * step, 16 * step) for step in range(4)]
    assert verdicts([*wrong, *right])[-3:] == [None] * 3


def test_seconds_taken_for_milliseconds_are_refused_after_three_seconds() -> None:
    """F7"""
    refused = verdicts((16 * step, 0.016 * step) for step in range(600))
    assert refused[:180] == [None] * 180
    assert refused[200:] == [Unread.TOO_SLOW] * 400


def test_packets_that_waited_and_arrive_together_are_no_fast_playback() -> None:
    """F4: two seconds of positions, 20 microseconds apart."""
    burst = [(3000 + 0.02 * step, 1000 + 16 * step) for step in range(125)]
    assert set(verdicts([(0, 0), (1000, 1000), *burst])) == {None}


def test_a_pause_is_no_slow_playback() -> None:
    assert set(verdicts((16 * step, 5_000) for step in range(600))) == {None}


@given(
    rate=st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0, 1.08, 2.0, 8.0]),
    seeks=st.dictionaries(st.integers(0, 60), st.floats(0, 300_000), max_size=2),
    jitter=st.lists(st.floats(0, 20), min_size=80, max_size=80),
)
def test_playback_at_any_rate_with_seeks_and_jitter_is_never_refused(
    rate: float,
    seeks: dict[int, float],
    jitter: list[float],
) -> None:
    """F5, F9"""
    position, readings = 100_000.0, []
    for step in range(80):
        position = seeks.get(step, position + 50 * rate)
        readings.append((50 * step + jitter[step], position))
    assert set(verdicts(readings)) == {None}
