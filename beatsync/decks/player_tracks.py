"""Which track a player plays, by what it says: the one that is loaded, another one that can be had, or neither."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from beatsync.config.configuration import FromAudioScape, TrackChoice
from beatsync.core.observation import TrackHint
from beatsync.core.track_names import asset_id_in, meant_by
from beatsync.core.units import TrackNs, clock_face
from beatsync.decks.material import Material, known_track
from beatsync.decks.repertoire import Repertoire

NOTHING_SAID: Final = TrackHint()


@dataclass(frozen=True, slots=True)
class TheSame:
    """What is loaded, as far as can be told."""


@dataclass(frozen=True, slots=True)
class Another:
    """Another one. `place`: in the set list, where it is of it."""

    choice: TrackChoice
    place: int | None = None


@dataclass(frozen=True, slots=True)
class NotKnown:
    """Nothing that can be had; `reason`: why, with the remedy."""

    reason: str


Finding: TypeAlias = TheSame | Another | NotKnown


def find(hint: TrackHint, repertoire: Repertoire, material: Material | None) -> Finding:
    """What the player plays. Where there is no set list, what says nothing to the contrary is what is loaded."""
    if hint == NOTHING_SAID:
        return TheSame()
    place = repertoire.meant_by(hint)
    if place is not None:
        is_loaded = material is not None and place == repertoire.place
        return TheSame() if is_loaded else Another(repertoire.choices[place], place)
    if material is not None and meant_by(hint, [known_track(material.choice, material.track)]) is not None:
        return TheSame()
    asset_id = asset_id_in(hint)
    if asset_id is not None:
        return Another(TrackChoice(origin=FromAudioScape(asset_id)))
    return _guess(hint, repertoire, material)


def _guess(hint: TrackHint, repertoire: Repertoire, material: Material | None) -> Finding:
    """Nothing names it: with one track alone it is that one, unless something speaks against it (faults.md, I15)."""
    if material is None:
        return NotKnown(
            "nothing is loaded for it; load a track, or name the file after its asset: song [1843209165].ogg"
        )
    if repertoire.follow_on is not None:
        return NotKnown("no track of the set list is known by that; say what the player calls it: played_as")
    if material.choice.played_as is not None:
        return NotKnown(f"{material.name} is played as something else")
    length = material.track.duration
    if known_track(material.choice, material.track).is_as_long_as(hint) or material.choice.force:
        return TheSame()
    theirs = clock_face(TrackNs(hint.duration or 0))
    return NotKnown(
        f"it is {theirs} long, and {material.name} {clock_face(length)}; load the right one, or say force: true"
    )


def described(hint: TrackHint) -> str:
    """What a player says of a track, as people name it."""
    name = hint.title or hint.file or hint.id or "a track without a name"
    return f"{hint.artist} - {name}" if hint.artist and hint.title else name
