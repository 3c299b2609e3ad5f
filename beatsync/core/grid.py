"""Grids: the one of a document read and put right, and steady ones made from a tempo.

What can be put right without guessing is, with a note; a grid that is damaged beyond that is refused. A grid is
built in one place, `build_grid`, whatever its beats came from.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from beatsync.core.fields import Flaw, Remarks, list_of, nanoseconds_of, object_of
from beatsync.core.limits import (
    DURATION_DISAGREEMENT_SECONDS,
    MAX_BEATS,
    MAX_DISORDERLY_SHARE,
    NEAR_DUPLICATE_SECONDS,
    ODD_TEMPO_BPM,
    TEMPO_DISAGREEMENT,
)
from beatsync.core.track import GRID_TOLERANCE, Bar, Grid
from beatsync.core.units import NS_PER_SECOND, TrackNs, clock_face, ns_from_seconds, seconds_from_ns

CLOSEST_BEATS: Final = ns_from_seconds(NEAR_DUPLICATE_SECONDS)
FASTEST_BPM: Final = 60 * NS_PER_SECOND // CLOSEST_BEATS
"""At a higher tempo the beats of a steady grid would be duplicates of each other."""

_PAST_END: Final = ns_from_seconds(DURATION_DISAGREEMENT_SECONDS)
_ONLY_SECTIONS: Final = "only sections can drive cues"
_LAST_INTERVALS: Final = 8
_BEATS: Final = "beat_grid.times"
_DOWNBEATS: Final = "beat_grid.downbeats"


@dataclass(frozen=True, slots=True)
class Times:
    """Instants in nanoseconds, in order and at least 20 ms apart, and where each stands in the document's list."""

    instants: Sequence[int] = ()
    places: Sequence[int] = ()


NO_TIMES: Final = Times()


@dataclass(frozen=True, slots=True)
class BeatTimes:
    """The beats and downbeats of a document."""

    beats: Times
    downbeats: Times


def read_beat_times(value: object, remarks: Remarks) -> BeatTimes:
    """The document's `beat_grid`; without any beats where it is null, missing or empty. Raises Flaw."""
    if value is None or value == []:
        return BeatTimes(NO_TIMES, NO_TIMES)
    fields = object_of(value, "beat_grid")
    downbeats = _merged(_in_order(fields.get("downbeats"), _DOWNBEATS, remarks), (), _DOWNBEATS, remarks)
    beats = _merged(_in_order(fields.get("times"), _BEATS, remarks), downbeats.instants, _BEATS, remarks)
    return BeatTimes(beats, downbeats)


def _in_order(value: object, place: str, remarks: Remarks) -> Times:
    elements = list_of(value, place, most=MAX_BEATS)
    stated = [nanoseconds_of(element, f"{place}[{index}]") for index, element in enumerate(elements)]
    places = [index for index, time in enumerate(stated) if time >= 0]
    times = [stated[index] for index in places]
    if len(times) < len(stated):
        first = next(index for index, time in enumerate(stated) if time < 0)
        remarks.add(
            f"{place}[{first}]", f"{len(stated) - len(times)} before the track's start, the first one here; dropped"
        )
    if disorderly := _out_of_order(times):
        pairs = zip(places[1:], pairwise(times), strict=False)
        first = next(index for index, (one, following) in pairs if following < one)
        found = f"{disorderly} of {len(times)} times are out of order"
        if disorderly > _tolerable(len(times)):
            raise Flaw(f"{place}[{first}]", f"{found}; expected rising times")
        remarks.add(f"{place}[{first}]", f"{found}; sorted")
        places.sort(key=lambda index: stated[index])
        times.sort()
    return Times(times, places)


def _out_of_order(times: Sequence[int]) -> int:
    """How many would have to be taken out for the rest to rise: all but the longest rising run."""
    ends: list[int] = []  # the lowest time on which a run of each length ends
    for time in times:
        if not ends or time >= ends[-1]:
            ends.append(time)
        else:
            ends[bisect_right(ends, time)] = time
    return len(times) - len(ends)


def _tolerable(count: int) -> float:
    """How many of so many elements may be wrong before the whole is."""
    return max(1, count * MAX_DISORDERLY_SHARE)


def _merged(times: Times, downbeats: Sequence[int], place: str, remarks: Remarks) -> Times:
    """Of times less than 20 ms apart the one on a downbeat, else the first."""
    kept: list[tuple[int, int]] = []
    merged: list[int] = []
    for time, index in zip(times.instants, times.places, strict=True):
        if not kept or time - kept[-1][0] >= CLOSEST_BEATS:
            kept.append((time, index))
            continue
        merged.append(index)
        if _nearest(downbeats, time) is not None and _nearest(downbeats, kept[-1][0]) is None:
            kept[-1] = (time, index)
    if not merged:
        return times
    apart = f"{NEAR_DUPLICATE_SECONDS * 1000:.0f} ms"
    found = f"{len(merged)} of {len(times.instants)} less than {apart} after another, the first one here; merged"
    remarks.add(f"{place}[{merged[0]}]", found)
    return Times([time for time, _ in kept], [index for _, index in kept])


def _nearest(times: Sequence[int], time: int) -> int | None:
    """Index of the one of `times` (at least 20 ms apart) that `time` lies on, rounding apart."""
    index = bisect_left(times, time - GRID_TOLERANCE)
    return index if index < len(times) and times[index] <= time + GRID_TOLERANCE else None


def grid_from(times: BeatTimes, *, duration: TrackNs, stated_bpm: float | None, remarks: Remarks) -> Grid | None:
    """The grid of a track that ends at `duration`; None, with a note, where there are fewer than two beats."""
    beats = _within(times.beats, duration, remarks)
    if len(beats) < 2:
        what = "one beat makes no grid" if beats else "no beat grid"
        remarks.add("beat_grid", f"{what}: {_ONLY_SECTIONS}")
        return None
    grid = build_grid(beats, _matched(times.downbeats, duration + _PAST_END, beats, remarks))
    _remark_on_tempo(grid, stated_bpm, remarks)
    return grid


def _within(times: Times, duration: int, remarks: Remarks) -> Sequence[int]:
    beats, end = times.instants, f"the track's end ({clock_face(duration)})"
    count = bisect_left(beats, duration + _PAST_END + 1)
    if count < len(beats):
        remarks.add(
            f"{_BEATS}[{times.places[count]}]", f"{len(beats) - count} after {end}, the first one here; dropped"
        )
    first_past = bisect_left(beats, duration + GRID_TOLERANCE + 1)
    if first_past < count:
        place = f"{_BEATS}[{times.places[first_past]}]"
        remarks.add(place, f"{count - first_past} shortly after {end}, the first one here; kept")
    return beats[:count]


def _matched(downbeats: Times, end: int, beats: Sequence[int], remarks: Remarks) -> list[int]:
    """Indices of the beats on which the downbeats up to `end` lie; one on no beat is ignored if rare, else refused."""
    found = [
        (time, place, _nearest(beats, time))
        for time, place in zip(downbeats.instants, downbeats.places, strict=True)
        if time <= end
    ]
    firsts = [index for _, _, index in found if index is not None]
    lost = [(time, place) for time, place, index in found if index is None]
    tolerance = f"{seconds_from_ns(GRID_TOLERANCE) * 1000:.0f} ms"
    if len(lost) > _tolerable(len(found)):
        time, place = lost[0]
        raise Flaw(
            f"{_DOWNBEATS}[{place}]",
            f"{len(lost)} of {len(found)} have no beat within {tolerance}, the first at "
            f"{seconds_from_ns(time):.3f} s; expected a subset of {_BEATS}",
        )
    for time, place in lost:
        message = f"no beat within {tolerance} of {seconds_from_ns(time):.3f} s; ignored"
        remarks.add(f"{_DOWNBEATS}[{place}]", message, kind="no beat near")
    if not firsts:
        remarks.add(_DOWNBEATS, "no downbeats: beats can drive cues, bars cannot")
    return firsts


def _remark_on_tempo(grid: Grid, stated: float | None, remarks: Remarks) -> None:
    bpm = 60 * NS_PER_SECOND / median(following - beat for beat, following in pairwise(grid.beats))
    slowest, fastest = ODD_TEMPO_BPM
    if not slowest <= bpm <= fastest:
        remarks.add(_BEATS, f"an odd tempo: {bpm:.1f} bpm; expected {slowest:.0f} to {fastest:.0f}")
    if stated is None or abs(stated / bpm - 1) <= TEMPO_DISAGREEMENT:
        return
    ratios = {" (double time)": 2.0, " (half time)": 0.5}
    relation = next((name for name, ratio in ratios.items() if abs(stated / bpm / ratio - 1) <= TEMPO_DISAGREEMENT), "")
    remarks.add("bpm", f"{stated:.1f} is stated but the beats run at {bpm:.1f}{relation}; the beats are followed")


def build_grid(beats: Sequence[int], downbeats: Sequence[int]) -> Grid:
    """The grid of at least two beats (ns, rising); `downbeats`: indices of those that start a bar, rising.

    A bar lasts until the next downbeat, the last one as long as there are beats.
    """
    intervals = [following - beat for beat, following in pairwise(beats[-_LAST_INTERVALS - 1 :])]
    end = beats[-1] + round(median(intervals))
    pick_up = bool(downbeats) and downbeats[0] > 0
    firsts = [0, *downbeats] if pick_up else list(downbeats)
    marks = [*(beats[first] for first in firsts), end]
    counts = [following - first for first, following in pairwise([*firsts, len(beats)])]
    bars = tuple(
        Bar(
            number=index + (0 if pick_up else 1),
            start=TrackNs(marks[index]),
            end=TrackNs(marks[index + 1]),
            first_beat=first,
            beats=counts[index],
            first_count=max(counts[1] - counts[0], 0) + 1 if pick_up and index == 0 else 1,
        )
        for index, first in enumerate(firsts)
    )
    return Grid(tuple(map(TrackNs, beats)), bars, TrackNs(end))


def steady_grid(bpm: float, *, first_downbeat: TrackNs, beats_per_bar: int, duration: TrackNs) -> Grid:
    """A grid without drift over [0, `duration`); what comes before the first downbeat is the pick-up. Raises Flaw.

    Every beat is computed from the first downbeat in whole nanoseconds: rounding never adds up.
    """
    if not 0 < bpm <= FASTEST_BPM:
        raise Flaw("bpm", f"expected more than 0 and at most {FASTEST_BPM}, got {bpm:g}")
    if beats_per_bar < 1:
        raise Flaw("beats per bar", f"expected at least 1, got {beats_per_bar}")
    beats_in, minutes = bpm.as_integer_ratio()
    ns_in = 60 * NS_PER_SECOND * minutes
    # Beat n lies at first_downbeat + n * ns_in / beats_in.
    lowest = _ceiling(-first_downbeat * beats_in, ns_in)
    highest = _ceiling((duration - first_downbeat) * beats_in, ns_in)
    if not 2 <= highest - lowest <= MAX_BEATS:
        raise Flaw("bpm", f"{bpm:g} makes a grid of {highest - lowest:,}; expected 2 to {MAX_BEATS:,} beats")
    numbers = range(lowest, highest)
    downbeats = [index for index, number in enumerate(numbers) if number >= 0 and number % beats_per_bar == 0]
    if not downbeats:
        raise Flaw("first downbeat", f"{clock_face(first_downbeat)} lies after the track's end")
    return build_grid(
        [first_downbeat + (2 * number * ns_in + beats_in) // (2 * beats_in) for number in numbers], downbeats
    )


def _ceiling(dividend: int, divisor: int) -> int:
    return -(-dividend // divisor)
