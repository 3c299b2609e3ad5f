"""The goals of docs/following.md over random feeds, with twice the goal as the bound; `bench/following.py` measures.

Each example is one run of a simulated player; a seed is all that is random.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatsync.core.playback import Adjusted, Jumped
from beatsync.core.units import NS_PER_SECOND, HostNs
from bench import simulation
from bench.following import drift, inferred, settling, stated, steady_errors
from bench.simulated_feeds import CDJ, HARSH, HEAVY_TAIL, MPD, ONE_A_SECOND, TEN_A_SECOND, SimulatedFeed, Uniform
from bench.simulation import Pitch, Seek, pause, resume

SEEDS = st.integers(0, 2**32)
FEW = settings(max_examples=settings().max_examples // 12)


@dataclass(frozen=True)
class Goal:
    """Milliseconds: root of the mean square, 99th percentile, largest."""

    feed: SimulatedFeed
    rms: float
    p99: float
    most: float

    def __str__(self) -> str:
        return f"{self.feed.name}, rate {self.feed.rate.value}"


GOALS = [
    Goal(TEN_A_SECOND, 1.0, 2.5, 6),
    Goal(ONE_A_SECOND, 1.2, 3, 5),
    Goal(HEAVY_TAIL, 0.25, 0.6, 10),
    Goal(inferred(HEAVY_TAIL), 0.4, 0.8, 15),
    Goal(MPD, 1.3, 2.4, 4),
]


@pytest.mark.parametrize("goal", GOALS, ids=str)
@given(seed=SEEDS)
@FEW
def test_steady_playback_is_followed_within_twice_the_goal(goal: Goal, seed: int) -> None:
    errors = sorted(map(abs, steady_errors(goal.feed, seed)))
    assert statistics.fmean(error * error for error in errors) ** 0.5 <= 2 * goal.rms
    assert errors[int(0.99 * len(errors))] <= 2 * goal.p99
    assert errors[-1] <= 2 * goal.most


@given(seed=SEEDS, by=st.sampled_from([30.0, -30.0, 0.5, -0.5]))
@FEW
def test_an_unannounced_seek_is_found_in_twice_the_time_at_most(seed: int, by: float) -> None:
    assert settling(TEN_A_SECOND, Seek(by), seed) <= 2 * 360
    assert settling(CDJ, Seek(by), seed) <= 2 * 140


@given(seed=SEEDS, change=st.sampled_from([0.04, -0.04]))
@FEW
def test_an_unannounced_pitch_is_found_in_twice_the_time_at_most(seed: int, change: float) -> None:
    assert settling(inferred(TEN_A_SECOND), Pitch(change), seed) <= 2 * 1500


@given(seed=SEEDS)
@FEW
def test_ten_silent_seconds_are_bridged_within_twice_the_goal(seed: int) -> None:
    for feed in (TEN_A_SECOND, inferred(TEN_A_SECOND), HEAVY_TAIL, inferred(HEAVY_TAIL), ONE_A_SECOND):
        assert drift(feed, seed) <= 2 * 10


@given(seed=SEEDS, event=st.sampled_from([Seek(30.0), Seek(-0.5), Pitch(0.08), pause, resume]))
@FEW
def test_what_is_said_is_followed_with_the_delay_of_the_word(seed: int, event: simulation.Event) -> None:
    assert settling(stated(TEN_A_SECOND), event, seed) <= 60


@pytest.mark.parametrize("feed", [TEN_A_SECOND, HEAVY_TAIL, inferred(HEAVY_TAIL), MPD, HARSH], ids=lambda it: it.name)
@given(seed=SEEDS)
@FEW
def test_undisturbed_playback_never_jumps(feed: SimulatedFeed, seed: int) -> None:
    """F6"""
    verdicts = [verdict for _, verdict in simulation.run(feed, seed, seconds=40.0).simulation.verdicts]
    assert [type(verdict) for verdict in verdicts if not isinstance(verdict, Adjusted)] == [Jumped]


@st.composite
def feeds(draw: st.DrawFn) -> SimulatedFeed:
    """Any pace, any jitter, some loss."""
    return replace(
        TEN_A_SECOND,
        period=draw(st.floats(20.0, 400.0)),
        delay=Uniform(draw(st.floats(0.1, 40.0))),
        sway=draw(st.floats(0.0, 0.4)),
        loss=draw(st.floats(0.0, 0.3)),
        in_order=draw(st.booleans()),
    )


@given(feed=feeds(), seed=SEEDS)
@settings(max_examples=settings().max_examples // 3)
def test_a_feed_of_any_pace_is_followed_better_than_it_is_late(feed: SimulatedFeed, seed: int) -> None:
    assert isinstance(feed.delay, Uniform)
    longest = feed.delay.longest
    course = simulation.run(feed, seed, seconds=40.0)
    errors = course.since(HostNs(course.first + 15 * NS_PER_SECOND))
    assert statistics.fmean(error * error for error in errors) ** 0.5 <= 0.25 * longest + 0.5
    assert max(map(abs, errors)) <= 0.7 * longest + 1.0
