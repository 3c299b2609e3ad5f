"""A show as its files say it is now: read and compiled aside, for decks that play on meanwhile. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from beatsync.config.configuration import Configuration, DeckChoice, TrackChoice
from beatsync.decks.assembling import Means
from beatsync.decks.deck import Deck
from beatsync.decks.material import Material
from beatsync.decks.placing import Standing, first_standing, standing_in
from beatsync.decks.state import Playback


@dataclass(frozen=True, slots=True)
class Part:
    """One deck's part: where it stands, and what it has loaded then."""

    standing: Standing
    material: Material | None


@dataclass(frozen=True, slots=True)
class Revision:
    """A configuration with a part for each of its decks."""

    configuration: Configuration
    parts: Mapping[str, Part]


async def revise(configuration: Configuration, decks: Mapping[str, Deck], means: Means) -> Revision:
    """Read and compile what the decks of a configuration have loaded, or begin with.

    Done again for decks that have gone on to another track meanwhile. Raises TrackError, SourceError, ConfigError.
    """
    parts: dict[str, Part] = {}
    while stale := [name for name in configuration.decks if not is_fresh(name, parts, configuration, decks)]:
        for name in stale:
            choice = configuration.decks[name]
            standing = _standing(choice, decks.get(name))
            parts[name] = Part(
                standing, await _material(standing.choice, choice, decks.get(name), configuration, means)
            )
    return Revision(configuration, parts)


def is_fresh(name: str, parts: Mapping[str, Part], configuration: Configuration, decks: Mapping[str, Deck]) -> bool:
    """Whether a deck still stands where its part was made for."""
    return name in parts and parts[name].standing == _standing(configuration.decks[name], decks.get(name))


def _standing(choice: DeckChoice, deck: Deck | None) -> Standing:
    if deck is None:
        return first_standing(choice)
    repertoire, material = deck.repertoire, deck.material
    before = Standing(material.choice if material else None, repertoire.place, repertoire.gap)
    playing = deck.state().playback in {Playback.PLAYING, Playback.PAUSED, Playback.COUNTDOWN}
    return standing_in(choice, before, repertoire.choices, playing=playing)


async def _material(
    track: TrackChoice | None, choice: DeckChoice, deck: Deck | None, configuration: Configuration, means: Means
) -> Material | None:
    """The track as it is now; the very material that the deck has, where nothing about it has changed."""
    if track is None:
        return None
    material = await means.preparation.material(configuration, choice, track)
    before = deck.material if deck else None
    if deck is not None and before is not None and _is_the_same(before, material, deck.choice, choice):
        return before
    await means.conductor.pack(material.schedules)
    return material


def _is_the_same(before: Material, after: Material, old: DeckChoice, new: DeckChoice) -> bool:
    """Whether the same cues come of it, for the same reasons."""
    return (before.choice, before.track, old.rules, old.prefix) == (after.choice, after.track, new.rules, new.prefix)
