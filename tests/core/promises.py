"""What every track promises to the rooms that use it, whatever document it came from."""

from __future__ import annotations

from itertools import pairwise

from beatsync.core.track import Grid, Section, Track


def check_track(track: Track) -> None:
    """What every track promises to the rooms that use it."""
    assert track.duration > 0
    check_layer(track.sections, track)
    check_layer(track.phrases, track)
    if track.grid is not None:
        check_grid(track.grid)


def check_grid(grid: Grid) -> None:
    assert len(grid.beats) >= 2
    assert grid.beats[0] >= 0
    assert all(following - beat >= 20_000_000 for beat, following in pairwise((*grid.beats, grid.end)))
    assert sum(bar.beats for bar in grid.bars) in {0, len(grid.beats)}
    assert all(bar.start == grid.beats[bar.first_beat] for bar in grid.bars)
    assert all(bar.end == following.start for bar, following in pairwise(grid.bars))
    assert all(bar.end == grid.end for bar in grid.bars[-1:])


def check_layer(spans: tuple[Section, ...], track: Track) -> None:
    assert all(0 <= section.start < section.end <= track.duration for section in spans)
    assert all(one.end <= following.start for one, following in pairwise(spans))
    assert all(section.label is None or section.label.encode() for section in spans)
