"""The ruler along one line of the drawing: bars with their numbers, beats, and what is odd about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from statistics import median
from typing import Final

from beatsync.core.track import Bar, Grid
from beatsync.plan.facts import counted
from beatsync.plan.svg_axis import CLOSEST, Window, closest_for, runs
from beatsync.plan.svg_colours import FAINT, INK, ODD, PICK_UP, SOFT
from beatsync.plan.svg_shapes import empty_stave, path, rect, text, ticks
from beatsync.plan.svg_text import whole

RULER_HEIGHT: Final = 28.0

_BAR_LABEL: Final = 36.0
_STRIDES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16384, 65536, 262144)
_CLOSEST_BEATS: Final = 3.0
_BEATS_BESIDE: Final = 32.0
"""What a bar's number needs beside the count of its beats."""


def ruler(grid: Grid | None, window: Window, top: float) -> Iterator[str]:
    """Beats as fine strokes, bars as longer ones with numbers, bars of odd length and the pick-up marked."""
    if grid is None:
        yield empty_stave("this track has no beat grid", window.left, top, window.width, RULER_HEIGHT)
        return
    yield from _odd_bars(grid, window, top)
    yield from _beats(grid, window, top)
    if grid.bars:
        yield from _bars(grid, window, top)


def _beats(grid: Grid, window: Window, top: float) -> Iterator[str]:
    shown = window.part(grid.beats)
    xs = [window.x(grid.beats[index]) for index in shown]
    if len(xs) < 2:
        yield path(ticks(xs, top + 18, top + RULER_HEIGHT), stroke=FAINT, stroke_width=1)
    elif (xs[-1] - xs[0]) / (len(xs) - 1) >= _CLOSEST_BEATS:
        yield path(ticks(xs, top + 20, top + RULER_HEIGHT), stroke=FAINT, stroke_width=1)
    else:
        title = f"{counted(len(xs), 'beat')}, too close to be drawn apart"
        yield rect(xs[0], top + 22, xs[-1] - xs[0], RULER_HEIGHT - 22, fill=FAINT, fill_opacity=0.6, title=title)


def _bars(grid: Grid, window: Window, top: float) -> Iterator[str]:
    bars = [grid.bars[index] for index in window.part(grid.bar_starts)]
    if not bars:
        return
    pixels = median(bar.end - bar.start for bar in bars) / window.ns_per_pixel
    stride = next((stride for stride in _STRIDES if stride * pixels >= _BAR_LABEL), _STRIDES[-1])
    if pixels >= CLOSEST * 1.5:
        yield path(
            ticks((window.x(bar.start) for bar in bars), top + 14, top + RULER_HEIGHT), stroke=SOFT, stroke_width=1
        )
    numbered = [bar for bar in bars if bar.number > 0 and (bar.number - 1) % stride == 0]
    yield path(
        ticks((window.x(bar.start) for bar in numbered), top + 4, top + RULER_HEIGHT), stroke=INK, stroke_width=1
    )
    for bar in numbered:
        x = window.x(bar.start)
        if x < window.right - 24:
            yield text(x + 3, top + 12, str(bar.number), font_size=10, fill=INK)


def _odd_bars(grid: Grid, window: Window, top: float) -> Iterator[str]:
    usual = _usual_beats(grid)
    bars = [bar for bar in grid.bars if bar.number == 0 or _is_odd(bar, usual)]
    starts = [bar.start for bar in bars]
    closest = closest_for([starts], ns_per_pixel=window.ns_per_pixel, budget=200)
    for run in runs(starts, closest, [bar.end for bar in bars if bar.number == 0]):
        clip = window.clip(bars[run.first].start, bars[run.last].end)
        if clip is None:
            continue
        pick_up = bars[run.first].number == 0
        title = _odd_title(bars[run.first], usual) if run.count == 1 else counted(run.count, "bar") + " of odd length"
        colour = PICK_UP if pick_up else ODD
        yield rect(
            clip[0], top, max(clip[1] - clip[0], 2.0), RULER_HEIGHT, fill=colour, fill_opacity=0.28, stroke=colour,
            stroke_opacity=0.7, title=title,
        )  # fmt: skip
        beats = whole(counted(bars[run.first].beats, "beat"), clip[1] - clip[0] - _BEATS_BESIDE, 9)
        if run.count == 1:
            yield text(clip[1] - 4, top + 12, beats, font_size=9, fill=SOFT, text_anchor="end")


def _odd_title(bar: Bar, usual: int | None) -> str:
    beats = counted(bar.beats, "beat")
    if bar.number == 0:
        return f"pick-up: {beats} before bar 1"
    return f"bar {bar.number}: {beats}; most bars have {usual}"


def _is_odd(bar: Bar, usual: int | None) -> bool:
    """Whether a bar is of another length than most; a pick-up is not odd but a pick-up."""
    return bar.number > 0 and usual is not None and bar.beats != usual


def _usual_beats(grid: Grid) -> int | None:
    """How many beats most bars have."""
    lengths = Counter(bar.beats for bar in grid.bars if bar.number > 0)
    return lengths.most_common(1)[0][0] if lengths else None


def odd_features(grid: Grid) -> Iterator[str]:
    """Which of its marks a grid calls for, for the legend."""
    if grid.bars and grid.bars[0].number == 0:
        yield "pick-up"
    usual = _usual_beats(grid)
    if any(_is_odd(bar, usual) for bar in grid.bars):
        yield "odd bar"
