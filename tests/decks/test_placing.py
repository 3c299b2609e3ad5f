"""Where a deck stands in a set list that has been edited under it."""

from __future__ import annotations

from pathlib import Path

import pytest

from beatsync.config.configuration import DeckChoice, FollowOn, FromFile, SetListChoice, TrackChoice
from beatsync.config.starts import StartArmed
from beatsync.decks.placing import Standing, standing_in


def track(name: str) -> TrackChoice:
    return TrackChoice(origin=FromFile(Path(name)))


def deck(names: str) -> DeckChoice:
    """A deck with a set list, a letter for each track."""
    tracks = tuple(track(name) for name in names)
    setlist = SetListChoice(tracks, FollowOn.MANUAL)
    return DeckChoice(name="a", track=None, clock=StartArmed(), rules=(), setlist=setlist)


def stands(old: str, place: int | None, new: str, *, by_hand: str = "", gap: int = 0, playing: bool = True) -> str:
    """What is loaded then, its place, and what comes next: `B1 C`."""
    tracks = tuple(track(name) for name in old)
    choice = track(by_hand) if place is None else tracks[place]
    standing = standing_in(deck(new), Standing(choice, place, gap), tracks, playing=playing)
    after = standing.gap if standing.place is None else standing.place + 1
    assert standing.choice is not None
    assert isinstance(standing.choice.origin, FromFile)
    shown = "-" if standing.place is None else standing.place
    return f"{standing.choice.origin.path}{shown} {new[after : after + 1] or '.'}"


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ("ABC", "B1 C"),
        ("XABC", "B2 C"),
        ("BC", "B0 C"),
        ("AB", "B1 ."),
        ("ABXC", "B1 X"),
        ("CBA", "B1 A"),
        ("BAC", "B0 A"),
        ("B", "B0 ."),
    ],
)
def test_the_track_that_plays_is_found_again_wherever_it_is_now(new: str, expected: str) -> None:
    assert stands("ABC", 1, new) == expected


@pytest.mark.parametrize(("new", "expected"), [("AC", "B- C"), ("AXC", "B- X"), ("A", "B- ."), ("XYZ", "B- Y")])
def test_a_track_that_plays_and_is_taken_out_is_played_to_its_end_and_the_list_goes_on(new: str, expected: str) -> None:
    assert stands("ABC", 1, new) == expected


@pytest.mark.parametrize(("new", "expected"), [("AC", "C1 ."), ("AXC", "X1 C"), ("A", "A0 .")])
def test_where_nothing_plays_what_has_taken_its_place_is_loaded(new: str, expected: str) -> None:
    assert stands("ABC", 1, new, playing=False) == expected


def test_of_a_track_that_is_there_twice_the_nearer_one_is_meant() -> None:
    assert stands("ABAC", 2, "XABAC") == "A3 C"
    assert stands("ABAC", 0, "ABAC") == "A0 B"


def test_what_was_loaded_by_hand_stays_and_the_list_goes_on_where_it_would_have() -> None:
    assert stands("ABC", None, "ABXC", by_hand="Q", gap=2) == "Q- C"
    assert stands("ABC", None, "AQBC", by_hand="Q", gap=2) == "Q1 B"


def test_a_track_that_is_taken_out_and_put_back_while_it_plays_is_at_its_place_again() -> None:
    assert stands("AC", None, "ABC", by_hand="B", gap=1) == "B1 C"


def test_a_deck_with_nothing_loaded_begins_with_the_first() -> None:
    assert standing_in(deck("AB"), Standing(None), (), playing=False) == Standing(track("A"), 0)
    assert standing_in(deck(""), Standing(None), (), playing=False) == Standing(None)
