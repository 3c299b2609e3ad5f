"""`beatsync check`: every problem of configurations, without playing, sending or asking the network."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import trio

from beatsync.clock import SystemClock
from beatsync.config.configuration import Configuration, DeckChoice, FromAudioScape, FromFile, TrackChoice, tracks_of
from beatsync.config.read import read_config_file
from beatsync.core.notes import Note
from beatsync.decks.material import name_of
from beatsync.decks.preparing import Preparation
from beatsync.errors import BeatsyncError, ConfigError, ConfigProblem, SourceError
from beatsync.outputs.address import Way, way_to
from beatsync.sources.files import STANDARD_INPUT


@dataclass(frozen=True, slots=True)
class Checked:
    """One file: its problems (none where it is good), its notes, and the ways to its targets, with name and URL."""

    path: Path
    problems: tuple[ConfigProblem, ...] = ()
    notes: tuple[ConfigProblem, ...] = ()
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
            "problems": [_record(problem) for problem in self.problems],
            "notes": [_record(note) for note in self.notes],
            "targets": targets,
        }


def _record(problem: ConfigProblem) -> Mapping[str, Any]:
    """A problem or a note; its path without the name that stands behind it for people."""
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "path": problem.path.partition(" ")[0] or None,
        "message": problem.message,
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
    problems: list[ConfigProblem] = []
    notes = [_placed(note, configuration) for note in configuration.notes]
    for trial in _trials(configuration):
        found = trio.run(trial.outcome)
        problems += [problem for problem in found.problems if problem not in problems]
        notes += [note for note in found.notes if note not in notes]
    return Checked(path, tuple(problems), tuple(notes), targets)


def _trials(configuration: Configuration) -> Iterator[Trial]:
    for deck in configuration.decks.values():
        for index, choice in enumerate(tracks_of(deck)):
            yield Trial(configuration, deck, choice, _place(configuration, deck, index))


def _place(configuration: Configuration, deck: DeckChoice, index: int) -> str:
    """Where one of a deck's tracks stands in the configuration; where its set list does, if that is in another file."""
    owner = f"decks.{deck.name}." if f"decks.{deck.name}" in configuration.places else ""
    if deck.setlist is None:
        return f"{owner}track"
    listed = "setlist.tracks" if f"{owner}setlist.tracks" in configuration.places else "setlist"
    return f"{owner}{listed}[{index}]" if deck.setlist.file is None else f"{owner}setlist"


@dataclass(frozen=True, slots=True)
class Trial:
    """One track of a deck, compiled as `run` would. `place`: where it stands in the file."""

    configuration: Configuration
    deck: DeckChoice
    choice: TrackChoice
    place: str

    async def outcome(self) -> Checked:
        """What is to be said; an asset that is not in the cache is a note, the network may have it.

        A problem is what `run` would refuse the show for.
        """
        path = self.configuration.path
        if self.choice.origin == FromFile(STANDARD_INPUT):
            return Checked(path, notes=(self._own("comes on standard input: its cues are not checked"),))
        preparation = Preparation(environment=os.environ, clock=SystemClock(), network=False)
        try:
            material = await preparation.material(self.configuration, self.deck, self.choice)
        except ConfigError as error:
            return Checked(path, error.problems)
        except SourceError as error:
            if isinstance(self.choice.origin, FromAudioScape):
                return Checked(path, notes=(self._own(f"{error}; its cues are not checked"),))
            return Checked(path, (self._own(str(error)),))
        except BeatsyncError as error:
            return Checked(path, (self._own(str(error)),))
        return Checked(path, notes=tuple(map(self._noted, material.notes)))

    def _own(self, message: str) -> ConfigProblem:
        """Something about the track as a whole."""
        return self.configuration.placed(ConfigProblem(path=self.place, message=message))

    def _noted(self, note: Note) -> ConfigProblem:
        """A note with its place in the file; one on the track document names that instead, which has no lines."""
        name = name_of(self.choice)
        if note.place.startswith("track."):
            return _placed(replace(note, place=self.place + note.place.removeprefix("track")), self.configuration)
        placed = _placed(note, self.configuration)
        if placed.line is None and note.place and not note.place.startswith("default"):
            return replace(placed, file=name)
        several = len(self.configuration.tracks) > 1
        return replace(placed, message=f"{name}: {placed.message}") if several else placed


def _placed(note: Note, configuration: Configuration) -> ConfigProblem:
    return configuration.placed(ConfigProblem(path=note.place, message=note.message))


def _print(result: Checked) -> None:
    for problem in result.problems:
        click.echo(problem)
    for note in result.notes:
        click.echo(f"{note.where}: note: {replace(note, file='', line=None, column=None)}")
    for name, url, way in result.targets:
        trouble = f"; from this machine it would fail: {way.trouble}" if way.trouble else ""
        source = "" if way.trouble else f" from {way.source or 'an address known when it is opened'}"
        click.echo(f"{result.path}: target {name}: {url}{source}{trouble}")
    if not result.problems:
        click.echo(f"{result.path}: good")
