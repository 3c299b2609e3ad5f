"""What a deck plays: a track with its cues, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, assert_never

from beatsync.config.configuration import FromAudioScape, FromBundle, FromFile, TrackChoice
from beatsync.core.leads import Lead
from beatsync.core.notes import Note
from beatsync.core.schedule import Schedule
from beatsync.core.track import Track
from beatsync.core.track_names import KnownTrack
from beatsync.core.units import DurationNs

BUNDLED: Final = "the demo track"


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A track, ready to be played.

    `preview`: its cues with the deck's prefix before their addresses, for while another deck is on air; None where the
    deck is silent then. `notes`: what people should know.
    """

    choice: TrackChoice
    track: Track
    schedule: Schedule
    preview: Schedule | None
    notes: tuple[Note, ...]

    @property
    def name(self) -> str:
        """What people call the track."""
        return name_of(self.choice)

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """Its cues, on air and off air."""
        return (self.schedule,) if self.preview is None else (self.schedule, self.preview)

    @property
    def lead(self) -> Lead:
        """How much earlier all its cues are sent."""
        return self.choice.lead


def name_of(choice: TrackChoice) -> str:
    """What people call a track; it also tells it from others."""
    match choice.origin:
        case FromFile(path):
            return str(path)
        case FromAudioScape(asset_id):
            return f"asset {asset_id}"
        case FromBundle():
            return BUNDLED
        case _:
            assert_never(choice.origin)


def known_track(choice: TrackChoice, track: Track | None) -> KnownTrack:
    """By what a player's word for the track is recognised; `track`: the track itself, where it has been read."""
    asset_id = choice.origin.asset_id if isinstance(choice.origin, FromAudioScape) else None
    return KnownTrack(
        asset_id=asset_id or (track.asset_id if track else None) or choice.expected_asset_id,
        file=str(choice.origin.path) if isinstance(choice.origin, FromFile) else None,
        played_as=choice.played_as,
        duration=choice.expected_duration if track is None else DurationNs(track.duration),
    )
