"""Where a deck stands in a set list that has been edited: what it has loaded, at which place. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from beatsync.config.configuration import DeckChoice, TrackChoice, tracks_of
from beatsync.decks.material import name_of


@dataclass(frozen=True, slots=True)
class Standing:
    """What is to be loaded (None for nothing), its place among the tracks, and what comes after it if it has none."""

    choice: TrackChoice | None
    place: int | None = None
    gap: int = 0


def first_standing(deck: DeckChoice) -> Standing:
    """Where a deck begins."""
    choices = tracks_of(deck)
    return Standing(choices[0], 0) if choices else Standing(None)


def standing_in(deck: DeckChoice, before: Standing, old: Sequence[TrackChoice], *, playing: bool) -> Standing:
    """Where a deck stands that stood so among the `old` tracks.

    The track is known again by its name, wherever it is now. One that has been taken out is played to its end; where
    nothing plays, the one that has taken its place is loaded. What was loaded by hand stays.
    """
    if before.choice is None:
        return first_standing(deck)
    choices = tracks_of(deck)
    names = [name_of(choice) for choice in choices]
    name = name_of(before.choice)
    at = before.gap if before.place is None else before.place
    moved = _moved(at, [name_of(choice) for choice in old], names)
    same = [place for place, other in enumerate(names) if other == name]
    if same:
        place = min(same, key=lambda place: abs(place - moved))
        return Standing(choices[place], place)
    is_by_hand = before.place is None
    if is_by_hand or not choices or (playing and deck.setlist is not None):
        return Standing(before.choice, None, moved)
    place = min(moved, len(choices) - 1)
    return Standing(choices[place], place)


def _moved(at: int, old: Sequence[str], new: Sequence[str]) -> int:
    """The place that what stood at `at` has now, or what has taken its place, or what comes after it."""
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if old_from <= at < old_to:
            return new_from + (at - old_from) if tag == "equal" else min(new_from + at - old_from, new_to)
    return len(new)
