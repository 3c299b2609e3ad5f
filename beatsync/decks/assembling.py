"""The decks of a show made from its configuration, each with the clock that leads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from beatsync.clock import Clock
from beatsync.conductor.actions import Action, SetTrackLead
from beatsync.conductor.conducted import Retargetable
from beatsync.config.configuration import (
    ClockChoice,
    Configuration,
    DeckChoice,
    FeedChoice,
    FollowFeeds,
    FollowOn,
    TrackChoice,
    tracks_of,
)
from beatsync.core.estimator import Estimator
from beatsync.core.failover import Failover
from beatsync.core.position_units import Place
from beatsync.decks.deck import Deck, MakeClock
from beatsync.decks.deck_clock import DeckClock
from beatsync.decks.ensemble import Ensemble
from beatsync.decks.feed_clock import Ears, FeedClock
from beatsync.decks.material import Material
from beatsync.decks.news import Tell
from beatsync.decks.on_air import OnAir
from beatsync.decks.own_clock import OwnClock
from beatsync.decks.record import Record, nobody
from beatsync.decks.repertoire import Repertoire, Supply
from beatsync.decks.show import Show
from beatsync.feeds.feed import Feed
from beatsync.feeds.making import feed_of


class Supplier(Protocol):
    """Where decks get their material from."""

    async def material(self, configuration: Configuration, deck: DeckChoice, choice: TrackChoice) -> Material:
        """As Preparation does it."""
        ...


class MakeFeed(Protocol):
    """Makes the feed that a configuration names, as feed_of does."""

    def __call__(self, choice: FeedChoice, *, clock: Clock, place: Place, environment: Mapping[str, str]) -> Feed:
        """The feed; nothing is opened yet."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What decks are made with. `environment`: where feeds look for passwords; `record`: keeps what happens."""

    preparation: Supplier
    conductor: Retargetable
    clock: Clock
    tell: Tell
    environment: Mapping[str, str] = field(default_factory=dict)
    record: Record = nobody
    make_feed: MakeFeed = feed_of


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
        record=means.record,
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
        repertoire_of(choice, supply_of(choice, configuration, means)),
        conductor=means.conductor,
        clock=means.clock,
        make_clock=clock_maker(choice.clock, means),
        tell=means.tell,
        record=means.record,
    )


def repertoire_of(choice: DeckChoice, supply: Supply) -> Repertoire:
    """What a deck may play, with nothing prepared yet."""
    return Repertoire(tracks_of(choice), supply, follow_on_of(choice))


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


def _clock_of(choice: ClockChoice, means: Means, deck: Deck) -> DeckClock:
    if not isinstance(choice, FollowFeeds):
        return OwnClock(choice, means.clock, deck.take)
    make = partial(means.make_feed, clock=means.clock, place=deck.place, environment=means.environment)
    feeds = [make(feed) for feed in choice.feeds]
    estimators = [Estimator(feed.character, its.following) for feed, its in zip(feeds, choice.feeds, strict=True)]
    ears = Ears(verdict=deck.take, remark=deck.telling.feed, record=means.record)
    failover = Failover(estimators, hand_back=choice.hand_back)
    return FeedClock(deck.name, feeds, failover, clock=means.clock, ears=ears)
