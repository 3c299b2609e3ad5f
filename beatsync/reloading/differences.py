"""What is different between two configurations, in words: a line for each thing. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from itertools import chain
from types import MappingProxyType
from typing import Final

from beatsync.config.configuration import (
    ClockChoice,
    Configuration,
    DeckChoice,
    FollowFeeds,
    TrackChoice,
    tracks_of,
)
from beatsync.config.feeds.artnet import FollowArtnet
from beatsync.config.feeds.ltc import FollowLtc
from beatsync.config.feeds.midi_clock import FollowMidiClock
from beatsync.config.feeds.mpd import MpdServer
from beatsync.config.feeds.mpris import MprisPlayer
from beatsync.config.feeds.mpv import MpvPlayer
from beatsync.config.feeds.mtc import FollowMtc
from beatsync.config.feeds.osc_dialect import OscSettings
from beatsync.config.feeds.prodj import FollowProDjLink
from beatsync.config.feeds.push import PushSettings
from beatsync.config.feeds.vlc import VlcPlayer
from beatsync.config.starts import StartArmed, StartAt, StartNow
from beatsync.core.engine import MAIN_DECK
from beatsync.core.leads import Lead
from beatsync.core.targets import Target
from beatsync.core.units import NS_PER_MS
from beatsync.decks.commands import Reloaded
from beatsync.decks.material import Material, name_of
from beatsync.reloading.rule_changes import rule_changes
from beatsync.reloading.structures import structure_changes

FEED_KEYS: Final[Mapping[type, str]] = MappingProxyType(
    {
        MpvPlayer: "mpv",
        MpdServer: "mpd",
        MprisPlayer: "mpris",
        VlcPlayer: "vlc",
        OscSettings: "osc",
        PushSettings: "push",
        FollowArtnet: "artnet",
        FollowMtc: "mtc",
        FollowMidiClock: "midi_clock",
        FollowLtc: "ltc",
        FollowProDjLink: "prodj",
    }
)
"""What the configuration calls each kind of feed."""


def differences(
    before: Configuration, after: Configuration, pairs: Mapping[str, tuple[Material, Material]]
) -> Reloaded:
    """Everything. `pairs`: what each deck has loaded, before and after."""
    lines = chain(
        _deck_changes(before, after),
        _target_changes(before, after),
        _all_rule_changes(before, after),
        _track_changes(pairs),
        _on_air_changes(before, after),
    )
    return Reloaded(tuple(lines), tuple(_later(before, after)))


def _deck_changes(before: Configuration, after: Configuration) -> Iterator[str]:
    for name in after.decks.keys() - before.decks.keys():
        yield f"deck {name} added"
    for name in before.decks.keys() - after.decks.keys():
        yield f"deck {name} removed"
    for name, deck in after.decks.items():
        if name in before.decks:
            yield from (f"{_prefix(name)}{line}" for line in _changes_of_deck(before.decks[name], deck))


def _changes_of_deck(before: DeckChoice, after: DeckChoice) -> Iterator[str]:
    if before.clock != after.clock:
        old, new = _clock(before.clock), _clock(after.clock)
        yield f"clock {old} → {new}" if old != new else f"clock {new}: other settings"
    if before.prefix != after.prefix:
        yield f"off air: {before.prefix or 'silent'} → {after.prefix or 'silent'}"
    if before.setlist is None and after.setlist is None:
        if before.track != after.track:
            yield from _track_change(before.track, after.track)
        return
    if before.setlist is None or after.setlist is None:
        yield "set list instead of one track" if after.setlist else "one track instead of a set list"
    elif before.setlist.follow_on is not after.setlist.follow_on:
        yield f"set list: follow_on {before.setlist.follow_on} → {after.setlist.follow_on}"
    yield from _set_list_changes(tracks_of(before), tracks_of(after))


def _track_change(before: TrackChoice | None, after: TrackChoice | None) -> Iterator[str]:
    old, new = (choice and name_of(choice) for choice in (before, after))
    if old != new:
        yield f"track {old or 'none'} → {new or 'none'}"
    elif before and after and before.lead != after.lead:
        yield f"track {new}: lead {_lead(before.lead)} → {_lead(after.lead)}"
    else:
        yield f"track {new}: other settings"


def _set_list_changes(before: tuple[TrackChoice, ...], after: tuple[TrackChoice, ...]) -> Iterator[str]:
    old, new = [name_of(choice) for choice in before], [name_of(choice) for choice in after]
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            for place in range(old_to - old_from):
                one, other = before[old_from + place], after[new_from + place]
                if one != other:
                    yield from (f"set list: {line}" for line in _track_change(one, other))
        yield from (f"set list: {name} removed" for name in old[old_from:old_to] if tag in {"delete", "replace"})
        for place in range(new_from, new_to):
            if tag in {"insert", "replace"}:
                yield f"set list: {new[place]} added as number {place + 1}"


def _target_changes(before: Configuration, after: Configuration) -> Iterator[str]:
    old, new = ({target.name: target for target in side.targets} for side in (before, after))
    yield from (f"target {name} added: {target.url}" for name, target in new.items() if name not in old)
    yield from (f"target {name} removed" for name in old if name not in new)
    for name, target in new.items():
        if name in old and old[name] != target:
            yield f"target {name}: {', '.join(_changes_of_target(old[name], target))}"
        if name in old and before.safe.get(name) != after.safe.get(name):
            yield f"target {name}: another safe state"


def _changes_of_target(before: Target, after: Target) -> Iterator[str]:
    changes = []
    if before.url != after.url:
        changes.append(f"{before.url} → {after.url}")
    if before.lead != after.lead:
        changes.append(f"lead {_lead(before.lead)} → {_lead(after.lead)}")
    yield from changes or ["other settings"]


def _all_rule_changes(before: Configuration, after: Configuration) -> Iterator[str]:
    """Those that several decks share are told once."""
    told: dict[tuple[str, ...], list[str]] = {}
    for name, deck in after.decks.items():
        if name in before.decks and before.decks[name].rules != deck.rules:
            told.setdefault(tuple(rule_changes(before.decks[name].rules, deck.rules)), []).append(name)
    for lines, decks in told.items():
        if lines:
            whose = "" if len(decks) == len(after.decks) else f"deck {', '.join(decks)}: "
            yield f"{whose}rules: {', '.join(lines)}"


def _track_changes(pairs: Mapping[str, tuple[Material, Material]]) -> Iterator[str]:
    told: set[str] = set()
    for before, after in pairs.values():
        if before.name == after.name and before.track != after.track and after.name not in told:
            told.add(after.name)
            yield f"{after.name}: {', '.join(structure_changes(before.track, after.track)) or 'other details'}"
    for name, (before, after) in pairs.items():
        if len(before.schedule) != len(after.schedule) and before.name == after.name:
            yield f"{_prefix(name)}{len(before.schedule)} cues → {len(after.schedule)}"


def _on_air_changes(before: Configuration, after: Configuration) -> Iterator[str]:
    for what, old, new in (
        ("on air by", before.on_air.by, after.on_air.by),
        ("hand-over", before.on_air.hand_over, after.on_air.hand_over),
    ):
        if old is not new:
            yield f"{what} {old} → {new}"
    if before.reload != after.reload:
        yield "reload: how files are watched"
    if before.resume_within != after.resume_within:
        yield "resume: how long beatsync may have been away"


def _later(before: Configuration, after: Configuration) -> Iterator[str]:
    if before.control != after.control:
        yield "control: the ports that commands come in by"
    if before.on_air.deck != after.on_air.deck and after.on_air.deck in before.decks:
        yield f"on_air: deck {after.on_air.deck} first"


def _prefix(deck: str) -> str:
    return "" if deck == MAIN_DECK else f"deck {deck}: "


def _clock(choice: ClockChoice) -> str:
    match choice:
        case StartNow():
            return "start now"
        case StartArmed():
            return "start armed"
        case StartAt():
            return "start at an instant"
        case FollowFeeds(feeds):
            return " or ".join(FEED_KEYS[type(feed)] for feed in feeds)


def _lead(lead: Lead) -> str:
    track = f" and {lead.track / NS_PER_MS:g} ms of the track" if lead.track else ""
    return f"{lead.real / NS_PER_MS:g} ms{track}"
