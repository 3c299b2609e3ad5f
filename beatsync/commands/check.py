"""`beatsync check`: every problem of configurations, without playing, sending or asking the network."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, assert_never

import click
import trio

from beatsync.clock import SystemClock
from beatsync.config.configuration import Configuration, FromAudioScape, FromBundle, FromFile, Origin
from beatsync.config.read import read_config_file
from beatsync.core.notes import Note
from beatsync.errors import BeatsyncError, ConfigError, ConfigProblem, SourceError
from beatsync.outputs.address import Way, way_to
from beatsync.show import prepare_show
from beatsync.sources.assets import source_name
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
    try:
        return Checked(path, (), _compiled(configuration), targets)
    except ConfigError as error:
        return Checked(path, error.problems, targets=targets)
    except BeatsyncError as error:
        problem = configuration.placed(ConfigProblem(path="track", message=str(error)))
        return Checked(path, (problem,), targets=targets)


def _compiled(configuration: Configuration) -> tuple[ConfigProblem, ...]:
    """The notes of compiling for the track; an asset that is not in the cache is a note too, the network may have it.

    Raises BeatsyncError where `run` would refuse the show.
    """
    origin = configuration.track.origin
    notes = configuration.notes
    if origin == FromFile(STANDARD_INPUT):
        told = Note("track", "comes on standard input: its cues are not checked")
        return tuple(_placed(note, configuration) for note in (*notes, told))
    prepare = partial(
        prepare_show,
        configuration,
        environment=os.environ,
        clock=SystemClock(),
        stdin=None,
        network=False,
    )
    try:
        notes = trio.run(prepare).notes
    except SourceError as error:
        if not isinstance(origin, FromAudioScape):
            raise
        notes = (*notes, Note("track", f"{error}; its cues are not checked"))
    return tuple(_placed(note, configuration) for note in notes)


def _placed(note: Note, configuration: Configuration) -> ConfigProblem:
    """A note with its place in the file; one on the track document names that instead, which has no lines."""
    placed = configuration.placed(ConfigProblem(path=note.place, message=note.message))
    if placed.line is not None or not note.place or note.place.startswith("default"):
        return placed
    return replace(placed, file=_document_name(configuration.track.origin))


def _document_name(origin: Origin) -> str:
    match origin:
        case FromFile(path):
            return str(path)
        case FromAudioScape(asset_id):
            return source_name(asset_id)
        case FromBundle():
            return "the demo track"
        case _:
            assert_never(origin)


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
