"""`beatsync check`: every problem of configurations, without playing, sending or asking the network."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import trio

from beatsync.clock import SystemClock
from beatsync.config.configuration import Configuration, DeckChoice, FromAudioScape, FromFile, TrackChoice, tracks_of
from beatsync.config.read import read_config_file
from beatsync.decks.material import name_of
from beatsync.decks.preparing import Preparation
from beatsync.errors import BeatsyncError, ConfigError, SourceError
from beatsync.outputs.address import Way, way_to
from beatsync.sources.files import STANDARD_INPUT


@dataclass(frozen=True, slots=True)
class Checked:
    """One file: its problems (none where it is good), its notes, and the ways to its targets, with name and URL."""

    path: Path
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    targets: tuple[tuple[str, str, Way], ...] = ()

    @property
    def record(self) -> Mapping[str, Any]:
        """As a JSON object."""
        targets = [
            {"name": name, "url": url, "source": way.source, "trouble": way.trouble or None}
            for name, url, way in self.targets
        ]
        return {
            "file": str(self.path),
            "ok": not self.problems,
            "problems": list(self.problems),
            "notes": list(self.notes),
            "targets": targets,
        }


def check_files(paths: Sequence[Path], *, as_json: bool) -> int:
    """Print what is wrong, and what is doubtful, with each file; returns the exit code."""
    results = [_checked(path) for path in paths]
    if as_json:
        click.echo(json.dumps([result.record for result in results], indent=2))
    else:
        for result in results:
            _print(result)
    return ConfigError.exit_code if any(result.problems for result in results) else 0


def _checked(path: Path) -> Checked:
    try:
        configuration = read_config_file(path)
    except ConfigError as error:
        return Checked(path, error.problems)
    targets = tuple((target.name, target.url, way_to(target)) for target in configuration.targets)
    problems: list[str] = []
    notes = [str(note) for note in configuration.notes]
    for deck in configuration.decks.values():
        for choice in tracks_of(deck):
            found = trio.run(_tried, configuration, deck, choice)
            problems += [line for line in found.problems if line not in problems]
            several = len(configuration.tracks) > 1
            notes += [f"{name_of(choice)}: {note}" if several else note for note in found.notes]
    return Checked(path, tuple(problems), tuple(notes), targets)


async def _tried(configuration: Configuration, deck: DeckChoice, choice: TrackChoice) -> Checked:
    """What is to be said of one track of a deck; an asset that is not in the cache is a note, the network may have it.

    A problem is what `run` would refuse the show for.
    """
    path = configuration.path
    if choice.origin == FromFile(STANDARD_INPUT):
        return Checked(path, notes=("the track comes on standard input: its cues are not checked",))
    preparation = Preparation(environment=os.environ, clock=SystemClock(), network=False)
    try:
        material = await preparation.material(configuration, deck, choice)
    except ConfigError as error:
        return Checked(path, error.problems)
    except SourceError as error:
        if isinstance(choice.origin, FromAudioScape):
            return Checked(path, notes=(f"{error}; its cues are not checked",))
        return Checked(path, (f"{_place(configuration, deck)}: track: {error}",))
    except BeatsyncError as error:
        return Checked(path, (f"{_place(configuration, deck)}: track: {error}",))
    return Checked(path, notes=tuple(map(str, material.notes)))


def _place(configuration: Configuration, deck: DeckChoice) -> str:
    """Where the deck's track stands in the file."""
    places = configuration.places
    return places.get(f"decks.{deck.name}.track") or places.get("track") or str(configuration.path)


def _print(result: Checked) -> None:
    for problem in result.problems:
        click.echo(problem)
    for note in result.notes:
        click.echo(f"{result.path}: note: {note}")
    for name, url, way in result.targets:
        trouble = f"; from this machine it would fail: {way.trouble}" if way.trouble else ""
        source = "" if way.trouble else f" from {way.source or 'an address known when it is opened'}"
        click.echo(f"{result.path}: target {name}: {url}{source}{trouble}")
    if not result.problems:
        click.echo(f"{result.path}: good")
