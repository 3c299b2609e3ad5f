"""A show, prepared: its configuration, and what each deck has loaded at the start. Nothing is opened, nothing plays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from beatsync.conductor.actions import Load
from beatsync.config.configuration import Configuration, DeckChoice, TrackChoice
from beatsync.core.notes import Note
from beatsync.decks.material import Material
from beatsync.decks.placing import Standing, first_standing
from beatsync.decks.preparing import Preparation
from beatsync.errors import SourceError, TrackError


@dataclass(frozen=True, slots=True)
class Show:
    """`loaded`: by deck, with the place in its set list; a deck that begins with nothing is not in it."""

    configuration: Configuration
    loaded: Mapping[str, tuple[Material, int | None]]

    @property
    def name(self) -> str:
        """What tells this show from others, from one start of the daemon to the next."""
        return str(self.configuration.path.absolute())

    @property
    def loads(self) -> tuple[Load, ...]:
        """What the conductor's decks begin with."""
        return tuple(Load(deck, its.schedule, its.name) for deck, (its, _) in self.loaded.items())

    @property
    def notes(self) -> tuple[Note, ...]:
        """What people should know."""
        return (*self.configuration.notes, *(note for its, _ in self.loaded.values() for note in its.notes))


async def prepare_show(
    configuration: Configuration, preparation: Preparation, standings: Mapping[str, Standing] = MappingProxyType({})
) -> Show:
    """The show that a configuration describes, playlists fetched, with what each deck begins with: where it stands, or
    its first track.

    A track that was played before and cannot be had any more gives way to the first. Raises TrackError or SourceError
    where there is no track, ConfigError where a rule cannot be compiled for it.
    """
    configuration = await preparation.with_playlists(configuration)
    loaded: dict[str, tuple[Material, int | None]] = {}
    for name, deck in configuration.decks.items():
        first = first_standing(deck)
        for standing in (standings.get(name, first), first):
            if standing.choice is None:
                break
            try:
                loaded[name] = await preparation.material(configuration, deck, standing.choice), standing.place
                break
            except (TrackError, SourceError):
                if standing == first:
                    raise
    return Show(configuration, loaded)


def first_of(deck: DeckChoice) -> TrackChoice | None:
    """What a deck begins with; None where nothing is said."""
    return first_standing(deck).choice
