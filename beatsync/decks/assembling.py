"""The decks of a show made from its configuration, each with the clock that leads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from beatsync.clock import Clock
from beatsync.conductor.actions import Action, SetTrackLead
from beatsync.conductor.conducted import Retargetable
from beatsync.config.configuration import (
    ClockChoice,
    Configuration,
    DeckChoice,
    FollowFeeds,
    FollowOn,
    TrackChoice,
    tracks_of,
)
from beatsync.core.playback import Verdict
from beatsync.decks.deck import Deck, MakeClock
from beatsync.decks.deck_clock import DeckClock
from beatsync.decks.ensemble import Ensemble
from beatsync.decks.material import Material
from beatsync.decks.news import Tell
from beatsync.decks.on_air import OnAir
from beatsync.decks.own_clock import OwnClock
from beatsync.decks.repertoire import Repertoire, Supply
from beatsync.decks.show import Show


class Supplier(Protocol):
    """Where decks get their material from."""

    async def material(self, configuration: Configuration, deck: DeckChoice, choice: TrackChoice) -> Material:
        """As Preparation does it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What decks are made with."""

    preparation: Supplier
    conductor: Retargetable
    clock: Clock
    tell: Tell


def assemble(show: Show, means: Means, *, on_air: str | None = None) -> Ensemble:
    """The decks of a show, with what the conductor has loaded for them. `on_air`: who was, where that is known."""
    configuration = show.configuration
    decks = {name: deck_of(choice, configuration, means) for name, choice in configuration.decks.items()}
    for name, (material, place) in show.loaded.items():
        decks[name].adopt(material, place)
    master = configuration.on_air.deck if on_air is None else on_air
    air = OnAir(
        configuration.on_air,
        decks,
        targets=configuration.targets,
        conductor=means.conductor,
        clock=means.clock,
        tell=means.tell,
    )
    actions: list[Action] = [SetTrackLead(name, material.lead) for name, (material, _) in show.loaded.items()]
    if len(decks) > 1:
        actions += air.start(master)
    means.conductor.do(*actions)
    return Ensemble(configuration, decks, air, means.conductor, means.clock)


def deck_of(choice: DeckChoice, configuration: Configuration, means: Means) -> Deck:
    """One deck, with nothing loaded."""
    return Deck(
        choice,
        Repertoire(tracks_of(choice), supply_of(choice, configuration, means), follow_on_of(choice)),
        conductor=means.conductor,
        clock=means.clock,
        make_clock=clock_maker(choice.clock, means),
        tell=means.tell,
    )


def follow_on_of(choice: DeckChoice) -> FollowOn | None:
    """What starts the next track; None where there is no set list."""
    return None if choice.setlist is None else choice.setlist.follow_on


def supply_of(choice: DeckChoice, configuration: Configuration, means: Means) -> Supply:
    """Where a deck gets its tracks from, ready to be loaded."""

    async def supply(track: TrackChoice) -> Material:
        material = await means.preparation.material(configuration, choice, track)
        await means.conductor.pack(material.schedules)
        return material

    return supply


def clock_maker(choice: ClockChoice, means: Means) -> MakeClock:
    """Makes what leads a deck."""
    return partial(_clock_of, choice, means)


def _clock_of(choice: ClockChoice, means: Means, take: Callable[[Verdict], None]) -> DeckClock:
    if isinstance(choice, FollowFeeds):
        raise NotImplementedError
    return OwnClock(choice, means.clock, take)
