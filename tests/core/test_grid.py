"""Grids: what of a document's beats is put right with a note, and what is refused."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatsync.core.document import with_grid_from_bpm
from beatsync.core.track import Grid, Track
from beatsync.core.units import TrackNs
from beatsync.errors import TrackError
from tests.core.documents import at, document, notes_of, parsed, with_times

HALVES = [0.5 * beat for beat in range(32)]
DOWNBEATS = [2.0 * bar for bar in range(8)]


def grid_of(data: bytes) -> Grid:
    grid = parsed(data).track.grid
    assert grid is not None
    return grid


def refusal(data: bytes) -> str:
    with pytest.raises(TrackError) as caught:
        parsed(data)
    return str(caught.value)


def test_a_good_grid_is_read_without_a_note() -> None:
    grid = grid_of(document())
    assert grid.beats == tuple(map(at, HALVES))
    assert [bar.number for bar in grid.bars] == list(range(1, 9))
    assert notes_of(document()) == []


def test_one_beat_out_of_order_is_sorted_with_a_note() -> None:
    """I5."""
    times = [*HALVES[:5], HALVES[10], *HALVES[5:10], *HALVES[11:]]
    assert grid_of(with_times(times, DOWNBEATS)).beats == tuple(map(at, HALVES))
    assert notes_of(with_times(times, DOWNBEATS)) == ["beat_grid.times[6]: 1 of 32 times are out of order; sorted"]


def test_beats_in_disorder_are_refused() -> None:
    """I5: more than one per cent of them, and more than one."""
    times = [*HALVES[16:], *HALVES[:16]]
    message = "x.json: beat_grid.times[16]: 16 of 32 times are out of order; expected rising times"
    assert refusal(with_times(times, DOWNBEATS)) == message
    assert "out of order" in refusal(with_times(HALVES, DOWNBEATS[::-1]))


def test_up_to_one_per_cent_out_of_order_is_sorted() -> None:
    """I5."""
    beats = [float(beat) for beat in range(300)]
    for index in (10, 100, 200):
        beats[index], beats[index + 1] = beats[index + 1], beats[index]
    assert len(grid_of(with_times(beats, duration=300)).beats) == 300
    beats[250], beats[251] = beats[251], beats[250]
    assert "4 of 300 times are out of order" in refusal(with_times(beats, duration=300))


def test_beats_less_than_20_ms_apart_are_merged_and_counted() -> None:
    """I6."""
    times = sorted([*HALVES, 3.0, 5.019, 7.020])
    data = with_times(times, DOWNBEATS)
    assert set(grid_of(data).beats) == {*map(at, HALVES), at(7.020)}
    assert notes_of(data) == ["beat_grid.times[7]: 2 of 35 less than 20 ms after another, the first one here; merged"]


def test_of_merged_beats_the_one_on_a_downbeat_is_kept() -> None:
    """I6."""
    times = sorted([*HALVES, 1.985])
    assert at(1.985) not in grid_of(with_times(times, DOWNBEATS)).beats
    assert len(grid_of(with_times(times, DOWNBEATS)).bars) == 8


def test_downbeats_that_appear_twice_make_one_bar() -> None:
    """I6."""
    assert len(grid_of(with_times(HALVES, [0, 2, 2.001, 4])).bars) == 3


def test_beats_before_the_track_are_dropped_with_a_note() -> None:
    """I7."""
    data = with_times([-1.0, -0.5, *HALVES], [-1.0, *DOWNBEATS])
    assert grid_of(data) == grid_of(document())
    assert notes_of(data) == [
        "beat_grid.downbeats[0]: 1 before the track's start, the first one here; dropped",
        "beat_grid.times[0]: 2 before the track's start, the first one here; dropped",
    ]


@pytest.mark.parametrize("beat_grid", [None, ..., [], {}, {"times": [], "downbeats": []}, {"times": None}])
def test_a_track_without_beats_has_no_grid_and_says_so(beat_grid: object) -> None:
    """I8."""
    assert parsed(document(beat_grid=beat_grid)).track.grid is None
    assert notes_of(document(beat_grid=beat_grid)) == ["beat_grid: no beat grid: only sections can drive cues"]


def test_one_beat_makes_no_grid() -> None:
    """I8."""
    assert parsed(with_times([1.0], [1.0])).track.grid is None
    assert notes_of(with_times([1.0])) == ["beat_grid: one beat makes no grid: only sections can drive cues"]
    assert notes_of(with_times([1.0, 1.001]))[-1] == "beat_grid: one beat makes no grid: only sections can drive cues"


def test_a_track_without_a_grid_counts_no_bars() -> None:
    """I8."""
    track = parsed(document(beat_grid=None)).track
    assert {(section.bar, section.bars) for section in (*track.sections, *track.phrases)} == {(None, None)}


def test_beats_without_downbeats_have_no_bars() -> None:
    grid = grid_of(with_times(HALVES))
    assert (grid.bars, grid.count_of(3)) == ((), (0, 0))
    assert grid.bpm_at_beat(31) == pytest.approx(120)
    assert notes_of(with_times(HALVES, [])) == ["beat_grid.downbeats: no downbeats: beats can drive cues, bars cannot"]


def test_a_downbeat_lies_on_its_beat_rounding_apart() -> None:
    grid = grid_of(with_times(HALVES, [time + 0.005 for time in DOWNBEATS]))
    assert grid.bar_starts == tuple(map(at, DOWNBEATS))


def test_a_downbeat_without_a_beat_is_ignored_with_a_note() -> None:
    data = with_times(HALVES, sorted([*DOWNBEATS, 5.006]))
    assert grid_of(data).bar_starts == tuple(map(at, DOWNBEATS))
    assert notes_of(data) == ["beat_grid.downbeats[3]: no beat within 5 ms of 5.006 s; ignored"]


def test_downbeats_that_lie_beside_their_beats_are_refused() -> None:
    data = with_times(HALVES, [time + 0.1 for time in DOWNBEATS])
    assert refusal(data) == (
        "x.json: beat_grid.downbeats[0]: 8 of 8 have no beat within 5 ms, the first at 0.100 s; "
        "expected a subset of beat_grid.times"
    )


def test_beats_per_bar_follow_from_the_downbeats_bar_by_bar() -> None:
    bars = grid_of(with_times(HALVES, [1.0, 3.0, 4.5])).bars
    assert [(bar.number, bar.beats, bar.first_count) for bar in bars] == [(0, 2, 3), (1, 4, 1), (2, 3, 1), (3, 23, 1)]


def test_beats_after_the_end_are_dropped_and_those_a_little_after_kept_each_with_a_note() -> None:
    data = document(duration=12.0, sections=[{"start": 0, "end": 12}], phrases=[])
    assert grid_of(data).beats[-1] == at(14.0)
    assert notes_of(data) == [
        "beat_grid.times[29]: 3 after the track's end (0:12.000), the first one here; dropped",
        "beat_grid.times[25]: 4 shortly after the track's end (0:12.000), the first one here; kept",
    ]


@pytest.mark.parametrize(("interval", "tempo"), [(60.0, "1.0"), (0.03, "2000.0")])
def test_an_absurd_tempo_is_noted(interval: float, tempo: str) -> None:
    """I14."""
    times = [round(interval * beat, 3) for beat in range(20)]
    notes = notes_of(with_times(times, times[::4], duration=2000, bpm=None))
    assert notes == [f"beat_grid.times: an odd tempo: {tempo} bpm; expected 20 to 400"]


def test_ten_thousand_beats_a_minute_are_thinned_and_noted() -> None:
    """I14, I6: 6 ms apart."""
    notes = notes_of(with_times([0.006 * beat for beat in range(400)], bpm=10_000))
    assert any("merged" in note for note in notes)
    assert any("an odd tempo" in note for note in notes)
    assert any(note.startswith("bpm: expected more than 0 and at most 3000") for note in notes)


@pytest.mark.parametrize(
    ("stated", "relation"),
    [(130, ""), (60, " (half time)"), (241.5, " (double time)")],
)
def test_a_tempo_stated_against_the_beats_is_noted(stated: float, relation: str) -> None:
    """I14."""
    message = f"bpm: {stated:.1f} is stated but the beats run at 120.0{relation}; the beats are followed"
    assert notes_of(document(bpm=stated)) == [message]
    assert notes_of(document(bpm=123)) == []


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"times": [0, "12.5"]}, 'beat_grid.times[1]: expected a number of seconds, got text "12.5"'),
        ({"times": [0, True]}, "beat_grid.times[1]: expected a number of seconds, got true"),
        ({"times": [0, None]}, "beat_grid.times[1]: expected a number of seconds, got null"),
        ({"times": [0, [1]]}, "beat_grid.times[1]: expected a number of seconds, got a list of 1"),
        ({"times": [{"time": 0}]}, "beat_grid.times[0]: expected a number of seconds, got an object"),
        ({"times": {"0": 1}}, "beat_grid.times: expected a list, got an object"),
        ({"times": "0 1 2"}, 'beat_grid.times: expected a list, got text "0 1 2"'),
        ({"times": [], "downbeats": 4}, "beat_grid.downbeats: expected a list, got 4"),
        ([1, 2], "beat_grid: expected an object, got a list of 2"),
        ({"times": [0, 90_000]}, "beat_grid.times[1]: expected at most 86400 seconds (24 hours), got 90000; "),
    ],
)
def test_wrong_types_in_a_grid_are_refused_by_their_path(fields: object, message: str) -> None:
    """I10, I3."""
    assert refusal(document(beat_grid=fields)).startswith(f"x.json: {message}")


def without_grid(bpm: float | None, duration: float = 60.0) -> Track:
    return parsed(document(beat_grid=None, bpm=bpm, duration=duration)).track


def test_a_steady_grid_counts_from_its_first_downbeat_with_what_is_before_as_pick_up() -> None:
    track = with_grid_from_bpm(without_grid(120), first_downbeat=at(1.25), beats_per_bar=3)
    assert track.grid is not None
    assert track.grid.beats[:4] == (at(0.25), at(0.75), at(1.25), at(1.75))
    assert [(bar.number, bar.beats, bar.first_count) for bar in track.grid.bars[:2]] == [(0, 2, 2), (1, 3, 1)]
    assert track.grid.beats[-1] == at(59.75)


def test_a_steady_grid_gives_the_sections_their_bars() -> None:
    track = with_grid_from_bpm(without_grid(120), first_downbeat=at(0))
    assert [(section.bar, section.bars) for section in track.sections] == [(1, 2.0), (3, 2.0), (5, 2.0), (7, 2.0)]
    assert track.phrases[1].bar == 5


def test_a_first_downbeat_before_the_track_names_a_bar_that_began_earlier() -> None:
    grid = with_grid_from_bpm(without_grid(120), first_downbeat=at(-0.75)).grid
    assert grid is not None
    assert (grid.beats[0], grid.bars[1].start) == (at(0.25), at(1.25))


@settings(deadline=None)
@given(st.floats(21, 399), st.integers(0, 5_000_000_000))
def test_a_steady_grid_does_not_drift(bpm: float, first: int) -> None:
    grid = with_grid_from_bpm(without_grid(bpm, duration=3600), first_downbeat=TrackNs(first)).grid
    assert grid is not None
    counted = len(grid.beats) - 1
    assert abs((grid.beats[-1] - grid.beats[0]) * bpm / 60e9 - counted) < 1e-6
    lengths = {following - beat for beat, following in pairwise(grid.beats)}
    assert max(lengths) - min(lengths) <= 1
    assert first in grid.bar_starts


@pytest.mark.parametrize(
    ("bpm", "first", "message"),
    [
        (None, 0.0, "track 1843209165: bpm: none stated, so no grid can be made from it; give the track a beat grid"),
        (0.5, 0.0, "track 1843209165: bpm: 0.5 makes a grid of 1; expected 2 to 200,000 beats"),
        (120, 61.0, "track 1843209165: first downbeat: 1:01.000 lies after the track's end"),
    ],
)
def test_no_steady_grid_is_made_without_a_usable_tempo(bpm: float | None, first: float, message: str) -> None:
    with pytest.raises(TrackError) as caught:
        with_grid_from_bpm(without_grid(bpm), first_downbeat=at(first))
    assert str(caught.value) == message


def test_a_steady_grid_of_too_many_beats_is_refused() -> None:
    """I11."""
    with pytest.raises(TrackError, match="expected 2 to 200,000"):
        with_grid_from_bpm(without_grid(3000, duration=86_400), first_downbeat=at(0))
