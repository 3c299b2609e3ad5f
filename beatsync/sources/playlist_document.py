"""A playlist's document, read to the assets that it lists, in order. Pure.

Its shape is documented in one sentence only (ordered tracks with position, duration and bpm). Of a track only its asset
is needed: everything else comes with the asset's own structure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from beatsync.core.fields import Flaw, list_of, number_of, object_of, required, shown
from beatsync.core.json_text import parse_json
from beatsync.core.limits import MAX_ASSET_ID_DIGITS, MAX_SETLIST
from beatsync.errors import TrackError

TRACKS: Final = "tracks"


def parse_playlist(document: bytes, *, source: str) -> tuple[str, ...]:
    """The asset ids, by their positions where every track has one, else as they stand. Raises TrackError."""
    try:
        tracks = _tracks(object_of(parse_json(document), ""))
    except Flaw as flaw:
        raise TrackError(f"{source}: {flaw}; expected a playlist of AudioScape") from None
    if not tracks:
        raise TrackError(f"{source}: it has no tracks; put some into it")
    positions = [position for position, _ in tracks if position is not None]
    if len(positions) == len(tracks):
        tracks.sort(key=lambda track: track[0] or 0)
    return tuple(asset_id for _, asset_id in tracks)


def _tracks(fields: Mapping[str, object]) -> list[tuple[float | None, str]]:
    if isinstance(fields.get("error"), str) and TRACKS not in fields:
        raise Flaw("", f"not a playlist but an error message: {shown(fields['error'])}")
    listed = list_of(required(fields, TRACKS, "the playlist"), TRACKS, most=MAX_SETLIST)
    return [_track(one, f"{TRACKS}[{index}]") for index, one in enumerate(listed)]


def _track(value: object, place: str) -> tuple[float | None, str]:
    fields = object_of(value, place)
    return _position(fields, place), _asset_id(required(fields, "asset_id", place), f"{place}.asset_id")


def _position(fields: Mapping[str, object], place: str) -> float | None:
    position = fields.get("position")
    return None if position is None else number_of(position, f"{place}.position")


def _asset_id(value: object, place: str) -> str:
    written = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(written, str) and written.isascii() and written.isdigit() and len(written) <= MAX_ASSET_ID_DIGITS:
        return written
    raise Flaw(place, f"expected text of 1 to {MAX_ASSET_ID_DIGITS} digits, got {shown(value)}")
