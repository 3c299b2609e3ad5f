"""What is said of a whole track and its plan, in the same words in every format."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from beatsync.core.fields import one_line
from beatsync.core.notes import Note
from beatsync.core.schedule import Schedule
from beatsync.core.track import Section, Track
from beatsync.core.units import NS_PER_SECOND, clock_face, seconds_from_ns

_STEADY = 0.01
"""Bars whose tempo differs by less than this share are one tempo: sources round beats to milliseconds."""


def track_name(track: Track) -> str:
    """What the track is called: its id is all that is known."""
    return f"track {one_line(track.asset_id)}" if track.asset_id else "track without an id"


def track_facts(track: Track) -> tuple[str, ...]:
    """Duration, tempo, counts: `4:12.345`, `128 bpm`, `512 beats in 128 bars`, `12 sections`, `34 phrases`."""
    return (
        clock_face(track.duration),
        tempo(track),
        _beats(track),
        counted(len(track.sections), "section"),
        counted(len(track.phrases), "phrase"),
    )


def cue_facts(schedule: Schedule) -> str:
    """`1,204 cues to 2 targets`."""
    if not len(schedule):
        return "no cues"
    return f"{counted(len(schedule), 'cue')} to {counted(len(schedule.targets), 'target')}"


def tempo(track: Track) -> str:
    """`128 bpm`, `118 to 131 bpm`; as stated where there is no grid."""
    grid = track.grid
    if grid is None:
        return f"{track.bpm:.4g} bpm as stated" if track.bpm is not None else "tempo unknown"
    if not grid.bars:
        return f"{60 * NS_PER_SECOND * len(grid.beats) / (grid.end - grid.beats[0]):.4g} bpm"
    tempos = [bar.bpm for bar in grid.bars]
    slowest, fastest = min(tempos), max(tempos)
    if fastest - slowest <= _STEADY * slowest:
        return f"{median(tempos):.4g} bpm"
    return f"{slowest:.4g} to {fastest:.4g} bpm"


def _beats(track: Track) -> str:
    grid = track.grid
    if grid is None:
        return "no beat grid"
    beats = counted(len(grid.beats), "beat")
    if not grid.bars:
        return f"{beats}, no downbeats"
    pick_up = grid.bars[0].number == 0
    return f"{beats} in {counted(len(grid.bars) - pick_up, 'bar')}{' and a pick-up' if pick_up else ''}"


def counted(number: int, noun: str) -> str:
    """`1 beat`, `8,000 beats`, `no beats`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s" if number else f"no {noun}s"


def length_in_bars(section: Section) -> str:
    """`16 bars`, `0.5 bars`; in seconds without bars."""
    if section.bars is None:
        return f"{seconds_from_ns(section.end - section.start):.1f} s"
    return f"{section.bars:g} bar" + ("" if section.bars == 1 else "s")


def all_notes(notes: Sequence[Note], schedule: Schedule) -> tuple[Note, ...]:
    """`notes`, and those of the schedule that are not among them, each once."""
    return tuple(dict.fromkeys([*notes, *schedule.notes]))
