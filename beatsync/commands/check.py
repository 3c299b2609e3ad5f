"""`beatsync check`: every problem of configurations, without playing, sending or asking the network."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
import trio

from beatsync.clock import SystemClock
from beatsync.config.configuration import Configuration, FromAudioScape, FromFile
from beatsync.config.read import read_config_file
from beatsync.errors import BeatsyncError, ConfigError, SourceError
from beatsync.outputs.address import Way, way_to
from beatsync.show import prepare_show
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
    try:
        return Checked(path, (), _compiled(configuration), targets)
    except ConfigError as error:
        return Checked(path, error.problems, targets=targets)
    except BeatsyncError as error:
        return Checked(path, (f"{configuration.places.get('track', path)}: track: {error}",), targets=targets)


def _compiled(configuration: Configuration) -> tuple[str, ...]:
    """The notes of compiling for the track; an asset that is not in the cache is a note too, the network may have it.

    Raises BeatsyncError where `run` would refuse the show.
    """
    origin = configuration.track.origin
    if origin == FromFile(STANDARD_INPUT):
        return (*map(str, configuration.notes), "the track comes on standard input: its cues are not checked")
    prepare = partial(
        prepare_show,
        configuration,
        environment=os.environ,
        clock=SystemClock(),
        stdin=None,
        network=False,
    )
    try:
        return tuple(str(note) for note in trio.run(prepare).notes)
    except SourceError as error:
        if not isinstance(origin, FromAudioScape):
            raise
        return (*map(str, configuration.notes), f"{error}; its cues are not checked")


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
