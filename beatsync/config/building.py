"""The file's shape to the values that the program uses, with the checks that need more than one key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from beatsync.config.clock_building import clock_notes, clock_of
from beatsync.config.configuration import (
    Configuration,
    ControlChoice,
    DeckChoice,
    HandOver,
    HttpChoice,
    OnAirChoice,
    OscControlChoice,
    PutOnAirBy,
    ReloadChoice,
    TrackChoice,
)
from beatsync.config.control_models import ControlModel
from beatsync.config.deck_models import DeckModel
from beatsync.config.faults import Place
from beatsync.config.models import ConfigurationModel
from beatsync.config.networks import THIS_MACHINE
from beatsync.config.problems import Problem
from beatsync.config.rule_building import rule_notes, rules_of
from beatsync.config.rule_models import RuleModel
from beatsync.config.target_building import safe_messages, target_notes, target_of
from beatsync.config.target_models import TargetModel
from beatsync.config.target_problems import target_problems
from beatsync.config.track_building import setlist_of, track_of
from beatsync.config.yaml_text import Path as KeyPath
from beatsync.core.default_rules import default_rules
from beatsync.core.engine import MAIN_DECK
from beatsync.core.rules import Edge, Rule, TrackEdge
from beatsync.core.units import DurationNs

TracksOfFile = Callable[[Path], tuple[TrackChoice, ...]]
"""Reads the tracks of a set list that stands in a file of its own. Raises ConfigError."""


@dataclass(frozen=True, slots=True)
class _Builder:
    """What every part of a configuration is built with."""

    folder: Path
    targets: tuple[str, ...]
    shared_rules: tuple[Rule, ...]
    tracks_of_file: TracksOfFile

    def deck(self, name: str, place: str, model: DeckModel) -> DeckChoice:
        setlist = None
        if model.setlist is not None:
            follows_player = model.clock.feed is not None
            setlist = setlist_of(model.setlist, self.folder, self.tracks_of_file, follows_player=follows_player)
        return DeckChoice(
            name=name,
            track=None if model.track is None else track_of(model.track, self.folder),
            clock=clock_of(model.clock, self.folder, setlist),
            rules=self.shared_rules if model.rules is None else rules_of(model.rules, f"{place}rules", self.targets),
            setlist=setlist,
            prefix=None if model.off_air is None else model.off_air.prefix,
        )


def build(
    model: ConfigurationModel, *, path: Path, places: Mapping[str, Place], tracks_of_file: TracksOfFile
) -> Configuration:
    """The configuration that a file of good shape describes. Check `shape_problems` first. Raises ConfigError."""
    names = tuple(model.targets)
    rules = default_rules(names) if model.rules is None else rules_of(model.rules, "rules", names)
    builder = _Builder(path.parent, names, rules, tracks_of_file)
    decks = {name: builder.deck(name, place, deck) for name, place, deck in _decks(model)}
    targets = tuple(target_of(name, target) for name, target in model.targets.items())
    own_rules = [rule for deck in decks.values() if deck.rules is not rules for rule in deck.rules]
    return Configuration(
        path=path,
        decks=decks,
        on_air=OnAirChoice(
            deck=model.on_air.deck or next(iter(decks)),
            by=PutOnAirBy(model.on_air.by),
            hand_over=HandOver(model.on_air.hand_over),
        ),
        targets=targets,
        safe={name: safe_messages(name, target) for name, target in model.targets.items() if target.safe},
        control=_control(model.control, path.parent),
        reload=ReloadChoice(model.reload.watch, DurationNs(model.reload.poll)),
        resume_within=DurationNs(model.resume.within),
        notes=(
            *target_notes(targets),
            *(note for _, place, deck in _decks(model) for note in clock_notes(deck.clock, place)),
            *rule_notes([*([] if model.rules is None else rules), *own_rules]),
        ),
        places=places,
    )


def _decks(model: ConfigurationModel) -> Iterator[tuple[str, str, DeckModel]]:
    """Each deck's name, what stands before its keys in the file, and its shape."""
    if model.decks is not None:
        for name, deck in model.decks.items():
            yield name, f"decks.{name}.", deck
    else:
        yield MAIN_DECK, "", DeckModel(track=model.track, setlist=model.setlist, clock=model.clock)


def _control(model: ControlModel, folder: Path) -> ControlChoice:
    http: HttpChoice | None = None
    osc: OscControlChoice | None = None
    if model.http is not None:
        token = model.http.token_file
        http = HttpChoice(
            host=model.http.host,
            port=model.http.port,
            token_file=None if token is None else folder / token,
            origins=tuple(model.http.origins),
            hosts=tuple(model.http.hosts),
        )
    if model.osc is not None:
        osc = OscControlChoice(model.osc.host, model.osc.port, model.osc.senders or THIS_MACHINE)
    return ControlChoice(http, osc)


def shape_problems(targets: Mapping[str, TargetModel], rules: Mapping[KeyPath, RuleModel]) -> Iterator[Problem]:
    """What no single key can tell. `rules` by their places; only what is good in itself."""
    yield from target_problems(targets)
    for place, rule in rules.items():
        endless = any(send.end and send.end.after is None for send in rule.send)
        if endless and rule.on == TrackEdge(Edge.END):
            yield Problem((*place, "send"), "the track's end has no end of its own; give 'end' an 'after'")
