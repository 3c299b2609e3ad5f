"""Which track a player means: what it says of the one that it plays, held against the tracks that are known."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from beatsync.core.limits import DURATION_DISAGREEMENT_SECONDS
from beatsync.core.observation import TrackHint
from beatsync.core.units import NS_PER_SECOND, DurationNs

_ASSET_ID: Final = re.compile(r"(?<![0-9])([0-9]{6,20})(?![0-9])")
"""Shorter numbers in names of files are those of tracks on a record."""

_SAME_LENGTH: Final = DURATION_DISAGREEMENT_SECONDS * NS_PER_SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedAs:
    """What a player calls a track; `*` stands for anything, letters are compared without case."""

    file: str | None = None
    title: str | None = None
    id: str | None = None

    def fits(self, hint: TrackHint) -> bool:
        """Whether all that is said here is so."""
        said = (
            (self.file, None if hint.file is None else _name_of(hint.file)),
            (self.title, hint.title),
            (self.id, hint.id),
        )
        return all(pattern is None or (name is not None and _alike(name, pattern)) for pattern, name in said)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTrack:
    """By what a track is known. `file`: of its document; `duration` is None until the document has been read."""

    asset_id: str | None = None
    file: str | None = None
    played_as: PlayedAs | None = None
    duration: DurationNs | None = None

    def is_as_long_as(self, hint: TrackHint) -> bool:
        """Whether both are of one length, or it is not known that they are not."""
        if hint.duration is None or self.duration is None:
            return True
        return abs(hint.duration - self.duration) <= _SAME_LENGTH


def entry_hint_id(place: int) -> str:
    """What a timecode's table calls the track at `place` of a set list."""
    return f"setlist:{place}"


def meant_by(hint: TrackHint, tracks: Sequence[KnownTrack]) -> int | None:
    """The track that a player means; None for none of these. What the configuration says counts first."""
    for place, _ in enumerate(tracks):
        if hint.id == entry_hint_id(place):
            return place
    ways = (_is_played_as, _has_asset_id, _has_file_name)
    found = (place for way in ways for place, track in enumerate(tracks) if way(hint, track))
    return next((place for place in found if tracks[place].is_as_long_as(hint)), None)


def asset_id_in(hint: TrackHint) -> str | None:
    """The asset of AudioScape that a player plays, by its id or the name of the file: `song [1843209165].ogg`."""
    for name in (hint.id, None if hint.file is None else _stem_of(hint.file)):
        found = _ASSET_ID.findall(name or "")
        if len(found) == 1 and (name == found[0] or f"[{found[0]}]" in (name or "")):
            return str(found[0])
    return None


def _is_played_as(hint: TrackHint, track: KnownTrack) -> bool:
    return track.played_as is not None and track.played_as.fits(hint)


def _has_asset_id(hint: TrackHint, track: KnownTrack) -> bool:
    return track.asset_id is not None and track.asset_id == asset_id_in(hint)


def _has_file_name(hint: TrackHint, track: KnownTrack) -> bool:
    """Whether the document lies beside the sound, or might: `drop.json` for `drop.flac`."""
    if hint.file is None or track.file is None:
        return False
    return _stem_of(hint.file).casefold() == _stem_of(track.file).casefold()


def _alike(name: str, pattern: str) -> bool:
    return fnmatchcase(name.casefold(), pattern.casefold().replace("[", "[[]"))


def _name_of(file: str) -> str:
    """The last part of a path or an address, whatever system wrote it."""
    return file.replace("\\", "/").rpartition("/")[2]


def _stem_of(file: str) -> str:
    name = _name_of(file)
    stem, dot, _ = name.rpartition(".")
    return stem if dot and stem else name
