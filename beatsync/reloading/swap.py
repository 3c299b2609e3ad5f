"""A revision put into force between two cues: all of it with one word to the conductor.

Nothing is awaited here. What stays as it was is not touched: its sockets, its schedules, its playback.
"""

from __future__ import annotations

from collections.abc import Iterable

from beatsync.conductor.actions import Action, Load, Release, Remove, Retarget, Silence
from beatsync.config.configuration import Configuration, DeckChoice, tracks_of
from beatsync.decks.assembling import Means, clock_maker, deck_of, follow_on_of, supply_of
from beatsync.decks.deck import Deck
from beatsync.decks.desk import Desk
from beatsync.reloading.revision import Part, Revision


def put_into_force(revision: Revision, desk: Desk, means: Means) -> None:
    """Play on with what a revision says. Its new targets have been prepared."""
    ensemble, configuration = desk.ensemble, revision.configuration
    before, targets = dict(ensemble.decks), desk.targets
    ensemble.configuration = configuration
    actions: list[Action] = [Remove(name) for name in before if name not in configuration.decks]
    fresh: list[Deck] = []
    after: dict[str, Deck] = {}
    reled: list[Deck] = []
    for name, choice in configuration.decks.items():
        part, deck = revision.parts[name], before.get(name)
        if deck is None:
            deck = deck_of(choice, configuration, means)
            actions += _begin(deck, part)
            fresh.append(deck)
        else:
            reled += [deck] if deck.choice.clock != choice.clock else []
            actions += _renew(deck, choice, part, configuration, means)
        after[name] = deck
    ensemble.decks.clear()
    ensemble.decks.update(after)
    actions += desk.restore(desk.settings)
    actions += ensemble.on_air.renew(configuration.on_air, desk.targets)
    if desk.targets != targets:
        actions.append(Retarget(desk.targets))
    if desk.settings.panicked:
        known = {target.name for target in targets}
        actions.append(desk.make_safe(target.name for target in desk.targets if target.name not in known))
    means.conductor.do(*in_order(actions))
    ensemble.announce()
    for deck in fresh:
        deck.begin(None)
    for deck in reled:
        deck.listen()
    for deck in after.values():
        deck.identify_again()
        deck.announce()


def _begin(deck: Deck, part: Part) -> list[Action]:
    if part.material is None:
        return []
    deck.adopt(part.material, part.standing.place)
    return deck.everything()


def _renew(deck: Deck, choice: DeckChoice, part: Part, configuration: Configuration, means: Means) -> Iterable[Action]:
    clock_changed = deck.choice.clock != choice.clock
    deck.choice = choice
    deck.repertoire.renew(tracks_of(choice), supply_of(choice, configuration, means), follow_on_of(choice))
    deck.repertoire.gap = part.standing.gap
    if part.material is not None and part.material is deck.material:
        deck.repertoire.put(part.material, part.standing.place)
    elif part.material is not None:
        yield from deck.exchange(part.material, part.standing.place)
    if clock_changed:
        yield from deck.lead_by(clock_maker(choice.clock, means))


def in_order(actions: Iterable[Action]) -> list[Action]:
    """Targets first, then who is silent, so that nobody hears what is not for him; who is heard again comes last.

    Of a deck's schedules only the last counts.
    """
    loads = {action.deck: action for action in actions if isinstance(action, Load)}

    def turn(action: Action) -> int:
        match action:
            case Retarget():
                return 0
            case Silence():
                return 1
            case Remove():
                return 2
            case Release():
                return 4
            case _:
                return 3

    wanted = [action for action in actions if not isinstance(action, Load) or loads[action.deck] is action]
    return sorted(wanted, key=turn)
