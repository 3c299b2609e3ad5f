"""What a conductor has been told and what of that still holds: enough to tell it all to one that knows nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias, assert_never

from beatsync.conductor.actions import (
    Action,
    Adjust,
    Chase,
    Fire,
    Load,
    Rejoin,
    Release,
    Remove,
    Retarget,
    Seek,
    SetLead,
    SetTrackLead,
    Silence,
    Stop,
)
from beatsync.core.leads import NO_LEAD, Lead
from beatsync.core.schedule import Schedule
from beatsync.core.targets import Target
from beatsync.core.transport import Transport

_Scope: TypeAlias = tuple[str, str | None, str | None]
"""A reason for silence with the deck and the target that it is about."""


@dataclass(slots=True)
class _DeckStanding:
    schedule: Schedule | None = None
    track: str = ""
    transport: Transport | None = None
    lead: Lead = NO_LEAD


@dataclass(slots=True)
class Standing:
    """The sum of all actions. `targets` have their present leads."""

    targets: tuple[Target, ...]
    decks: dict[str, _DeckStanding] = field(default_factory=dict)
    silences: dict[_Scope, None] = field(default_factory=dict)

    def note(self, actions: Iterable[Action]) -> None:
        """These have been told."""
        for action in actions:
            self._note(action)

    def _note(self, action: Action) -> None:
        match action:
            case Load() | Seek() | Rejoin() | Adjust() | Stop() | SetTrackLead():
                self._note_of_deck(self._deck(action.deck), action)
            case Remove(deck):
                self.decks.pop(deck, None)
            case SetLead(name, lead):
                self.targets = tuple(
                    replace(target, lead=lead) if target.name == name else target for target in self.targets
                )
            case Retarget(targets):
                self.targets = targets
            case Silence():
                self.silences |= dict.fromkeys(_scopes(action))
            case Release():
                gone = _scopes(action)
                self.silences = {one: None for one in self.silences if not any(_is_within(one, its) for its in gone)}
            case Chase() | Fire():
                pass  # over at once: not to be told again
            case _:
                assert_never(action)

    def _note_of_deck(self, deck: _DeckStanding, action: Load | Seek | Rejoin | Adjust | Stop | SetTrackLead) -> None:
        match action:
            case Load(_, schedule, track):
                if deck.schedule is not None and deck.track != track:
                    deck.transport = None
                deck.schedule, deck.track = schedule, track
            case Seek(_, transport) | Rejoin(_, transport):
                deck.transport = transport
            case Adjust(_, transport):
                if deck.transport is not None:
                    deck.transport = transport
            case Stop():
                deck.transport = None
            case SetTrackLead(_, lead):
                deck.lead = lead
            case _:
                assert_never(action)

    def _deck(self, name: str) -> _DeckStanding:
        return self.decks.setdefault(name, _DeckStanding())

    def take_over(self, deck: str, transport: Transport) -> None:
        """A deck was found that follows this line."""
        self._deck(deck).transport = transport

    def transport(self, deck: str) -> Transport | None:
        """The line that a deck follows."""
        standing = self.decks.get(deck)
        return standing.transport if standing else None

    def again(self) -> Iterator[Action]:
        """All that holds, but the targets, for a conductor that has just begun to play for them."""
        for reason, deck_name, target in self.silences:
            yield Silence(reason, _only(deck_name), _only(target))
        for name, deck in self.decks.items():
            if deck.lead != NO_LEAD:
                yield SetTrackLead(name, deck.lead)
            if deck.schedule is not None:
                yield Load(name, deck.schedule, deck.track)
            if deck.transport is not None:
                yield Seek(name, deck.transport)


def _scopes(action: Silence | Release) -> set[_Scope]:
    """Each deck with each target that it is about; None is all of them."""
    return {
        (action.reason, deck, target)
        for deck in (action.decks if action.decks is not None else (None,))
        for target in (action.targets if action.targets is not None else (None,))
    }


def _only(name: str | None) -> tuple[str, ...] | None:
    return None if name is None else (name,)


def _is_within(one: _Scope, whole: _Scope) -> bool:
    return one[0] == whole[0] and whole[1] in {None, one[1]} and whole[2] in {None, one[2]}
