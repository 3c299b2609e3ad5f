"""Tracks and set lists: from the file's shape to values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from beatsync.config.configuration import (
    FollowOn,
    FromAudioScape,
    FromBundle,
    FromFile,
    GridFromBpm,
    Origin,
    Playlist,
    SetListChoice,
    TrackChoice,
)
from beatsync.config.track_models import SetListModel, TrackModel
from beatsync.core.leads import Lead
from beatsync.core.track_names import PlayedAs
from beatsync.core.units import DurationNs, TrackNs

_STANDARD_INPUT: Final = "-"


def track_of(model: TrackModel, folder: Path) -> TrackChoice:
    """A track; `folder`: where relative paths start."""
    origin: Origin = FromBundle()
    if model.audioscape is not None:
        origin = FromAudioScape(model.audioscape, model.update)
    elif model.file is not None:
        origin = FromFile(Path(model.file) if model.file == _STANDARD_INPUT else folder / model.file)
    first, expect, named = model.first_downbeat, model.expect, model.played_as
    return TrackChoice(
        origin=origin,
        grid=None if first is None else GridFromBpm(TrackNs(first), model.beats_per_bar),
        expected_asset_id=expect.asset_id if expect else None,
        expected_duration=DurationNs(expect.duration) if expect and expect.duration is not None else None,
        force=model.force,
        lead=Lead(DurationNs(model.lead or 0), DurationNs(model.track_lead or 0)),
        played_as=PlayedAs(file=named.file, title=named.title, id=named.id) if named else None,
        timecode=model.timecode,
    )


def setlist_of(
    model: SetListModel,
    folder: Path,
    tracks_of_file: Callable[[Path], tuple[TrackChoice, ...]],
    *,
    follows_player: bool,
) -> SetListChoice:
    """A set list. `follows_player`: a feed leads playback, and its player says which track it plays."""
    usual = FollowOn.PLAYER if follows_player else FollowOn.AUTOMATIC
    follow_on = usual if model.follow_on is None else FollowOn(model.follow_on)
    if model.playlist is not None:
        return SetListChoice(Playlist(model.playlist), follow_on)
    if model.file is not None:
        file = folder / model.file
        return SetListChoice(tracks_of_file(file), follow_on, file)
    return SetListChoice(tuple(track_of(track, folder) for track in model.tracks or ()), follow_on)
