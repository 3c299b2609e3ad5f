"""Track documents: the bytes of AudioScape's answer, or of a file of the same shape, to a `Track`.

A document is read whole or refused with one line; what could be put right comes back as notes. Nothing here knows
where the bytes came from: `source` is what messages call it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from beatsync.core.fields import Flaw, Remarks, cut, nanoseconds_of, number_of, object_of, one_line, shown
from beatsync.core.grid import FASTEST_BPM, BeatTimes, grid_from, read_beat_times, steady_grid
from beatsync.core.json_text import parse_json
from beatsync.core.layers import Span, build_layer, counted_in_bars, read_spans
from beatsync.core.limits import DURATION_DISAGREEMENT_SECONDS, MAX_ASSET_ID_DIGITS
from beatsync.core.notes import Note
from beatsync.core.track import Layer, Track
from beatsync.core.units import DurationNs, TrackNs, clock_face, ns_from_seconds
from beatsync.errors import TrackError

MAX_ENERGY: Final = 4
_MAX_ID_CHARACTERS: Final = 64


@dataclass(frozen=True, slots=True)
class ParsedTrack:
    """A track, and what a person should know about the document that it came from."""

    track: Track
    notes: tuple[Note, ...]


def parse_track(data: bytes, *, source: str) -> ParsedTrack:
    """Read one document. Raises TrackError with one line that starts with `source` (a file name, a URL)."""
    remarks = Remarks()
    try:
        track = _track(object_of(parse_json(data), ""), remarks)
    except Flaw as flaw:
        raise TrackError(f"{one_line(source)}: {flaw}") from flaw
    return ParsedTrack(track, remarks.notes())


def _track(fields: Mapping[str, object], remarks: Remarks) -> Track:
    _refuse_error_message(fields)
    asset_id = _asset_id(fields.get("asset_id"), remarks)
    bpm = _bpm(fields.get("bpm"), remarks)
    energy = _energy(fields.get("track_energy"), remarks)
    times = read_beat_times(fields.get("beat_grid"), remarks)
    sections = read_spans(fields.get("sections"), Layer.SECTION, remarks)
    phrases = read_spans(fields.get("phrases"), Layer.PHRASE, remarks)
    duration = _duration(fields.get("duration"), times, [*sections, *phrases], remarks)
    grid = grid_from(times, duration=duration, stated_bpm=bpm, remarks=remarks)
    track = Track(
        asset_id=asset_id,
        duration=duration,
        bpm=bpm,
        energy=energy,
        grid=grid,
        sections=build_layer(sections, Layer.SECTION, duration=duration, grid=grid, remarks=remarks),
        phrases=build_layer(phrases, Layer.PHRASE, duration=duration, grid=grid, remarks=remarks),
    )
    if not track.sections:
        remarks.add("sections", "no sections: only the beat grid can drive cues" if grid else "no sections either")
    return track


def _refuse_error_message(fields: Mapping[str, object]) -> None:
    """AudioScape's errors are documents too; a proxy may have made a 200 of one, or a user have saved it."""
    error = fields.get("error")
    if isinstance(error, str) and "beat_grid" not in fields and "sections" not in fields:
        raise Flaw("", f'not a track but an error message: "{cut(error)}"')


def _asset_id(value: object, remarks: Remarks) -> str:
    if value is not None and not isinstance(value, str):
        raise Flaw("asset_id", f'expected text of digits such as "1843209165", got {shown(value)}')
    asset_id = (value or "").strip()
    if not asset_id:
        remarks.add("asset_id", "none stated: whether this is the right track cannot be checked")
    elif not (asset_id.isascii() and asset_id.isdigit() and len(asset_id) <= MAX_ASSET_ID_DIGITS):
        remarks.add("asset_id", f"expected 1 to {MAX_ASSET_ID_DIGITS} digits, got {shown(asset_id)}")
    return one_line(asset_id[:_MAX_ID_CHARACTERS])


def _bpm(value: object, remarks: Remarks) -> float | None:
    if value is None:
        return None
    bpm = number_of(value, "bpm", expected="a number or null")
    if 0 < bpm <= FASTEST_BPM:
        return float(bpm)
    remarks.add("bpm", f"expected more than 0 and at most {FASTEST_BPM}, got {shown(value)}; taken as not known")
    return None


def _energy(value: object, remarks: Remarks) -> float | None:
    if value is None:
        return None
    energy = number_of(value, "track_energy", expected="a number from 0 to 4 or null")
    if 0 <= energy <= MAX_ENERGY:
        return float(energy)
    remarks.add("track_energy", f"expected 0 to {MAX_ENERGY}, got {shown(value)}; taken as not known")
    return None


def _duration(value: object, times: BeatTimes, spans: list[Span], remarks: Remarks) -> TrackNs:
    if value is not None:
        duration = nanoseconds_of(value, "duration")
        if duration <= 0:
            raise Flaw("duration", f"expected a number of seconds above 0, got {shown(value)}")
        return TrackNs(duration)
    ends = {
        "beat": times.beats.instants[-1] if times.beats.instants else 0,
        "section": max((span.end for span in spans), default=0),
    }
    what = max(ends, key=lambda name: ends[name])
    if ends[what] <= 0:
        raise Flaw("", "nothing in it: no duration, no beats, no sections; expected AudioScape's track structure")
    remarks.add("duration", f"none stated; taken from the last {what} ({clock_face(ends[what])})")
    return TrackNs(ends[what])


def with_grid_from_bpm(track: Track, *, first_downbeat: TrackNs, beats_per_bar: int = 4) -> Track:
    """The track with a steady grid made from its stated tempo alone, for those who know where its first downbeat is.

    Beats before `first_downbeat` are the pick-up; a negative one names a bar that starts before the track. Raises
    TrackError where no tempo is stated or the tempo makes no grid.
    """
    name = f"track {track.asset_id}" if track.asset_id else "track"
    if track.bpm is None:
        raise TrackError(f"{name}: bpm: none stated, so no grid can be made from it; give the track a beat grid")
    try:
        grid = steady_grid(
            track.bpm,
            first_downbeat=first_downbeat,
            beats_per_bar=beats_per_bar,
            duration=track.duration,
        )
    except Flaw as flaw:
        raise TrackError(f"{name}: {flaw}") from flaw
    return replace(
        track,
        grid=grid,
        sections=counted_in_bars(track.sections, grid),
        phrases=counted_in_bars(track.phrases, grid),
    )


def check_expected(
    track: Track,
    *,
    source: str,
    asset_id: str | None,
    duration: DurationNs | None,
) -> str | None:
    """Why this is not the track that was asked for or is playing; None if it may be. What is None is not compared.

    A document that states no id matches every id: its note says so. Durations match within two seconds, since
    players and encoders count the silence at the ends differently.
    """
    if asset_id is not None and track.asset_id and track.asset_id != asset_id:
        return f'{source}: asset_id: expected "{cut(asset_id)}", got "{cut(track.asset_id)}"; is this another track?'
    tolerance = ns_from_seconds(DURATION_DISAGREEMENT_SECONDS)
    if duration is not None and abs(track.duration - duration) > tolerance:
        found, expected = clock_face(track.duration), clock_face(duration)
        return f"{source}: duration: expected {expected}, got {found}; is this another track?"
    return None
