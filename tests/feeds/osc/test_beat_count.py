"""Beats counted from the start of a track."""

from __future__ import annotations

from beatsync.core.units import HostNs, ms
from beatsync.feeds.osc.beat_count import BeatCount

BEAT = 500


def counts(*beats: tuple[int, float], at_start: bool = True) -> list[int | None]:
    """The counts of (number in the bar, ms) at 120 bpm."""
    count = BeatCount()
    if at_start:
        count.restart()
    return [count.take(beat, HostNs(ms(instant)), 120.0) for beat, instant in beats]


def test_beats_are_counted_from_the_first_downbeat() -> None:
    assert counts((1, 0), (2, 500), (3, 1000), (4, 1500), (1, 2000), (2, 2500)) == [0, 1, 2, 3, 4, 5]


def test_a_pick_up_counts_up_to_the_first_downbeat() -> None:
    assert counts((3, 0), (4, 500), (1, 1000)) == [-2, -1, 0]


def test_lost_beats_are_made_up_for_by_their_numbers_and_whole_bars_by_the_time() -> None:
    """F1"""
    assert counts((1, 0), (4, 1500), (2, 2490)) == [0, 3, 5]
    assert counts((1, 0), (1, 4010), (2, 10_480)) == [0, 8, 21]


def test_the_second_message_of_a_beat_counts_nothing() -> None:
    """Some players send two (feeds.md 1.1)."""
    assert counts((1, 0), (1, 15), (2, 500), (2, 510)) == [0, 0, 1, 1]


def test_nothing_is_known_where_counting_starts_in_the_middle() -> None:
    assert counts((3, 0), (4, 500), at_start=False) == [None, None]


def test_a_pause_is_not_counted_as_beats() -> None:
    count = BeatCount()
    count.restart()
    count.take(1, HostNs(0), 120.0)
    count.interrupt()
    assert count.take(2, HostNs(ms(60_000)), 120.0) == 1


def test_the_start_of_the_track_counts_anew() -> None:
    count = BeatCount()
    count.restart()
    for beat in (1, 2, 3):
        count.take(beat, HostNs(ms(BEAT * beat)), 120.0)
    count.restart()
    assert count.take(1, HostNs(ms(9_000)), 120.0) == 0
