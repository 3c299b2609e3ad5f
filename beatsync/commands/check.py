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
from beatsync.config.configuration import Configuration, FromFile
from beatsync.config.read import read_config_file
from beatsync.errors import BeatsyncError, ConfigError
from beatsync.outputs.address import source_address
from beatsync.show import prepare_show
from beatsync.sources.files import STANDARD_INPUT


@dataclass(frozen=True, slots=True)
class Checked:
    """One file: its problems (none where it is good), its notes, and the ways to its targets."""

    path: Path
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    targets: tuple[tuple[str, str, str | None], ...] = ()

    @property
    def record(self) -> Mapping[str, Any]:
        """As a JSON object."""
        targets = [{"name": name, "url": url, "source": source} for name, url, source in self.targets]
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
    targets = tuple((target.name, target.url, source_address(target)) for target in configuration.targets)
    try:
        notes = _compiled(configuration)
    except ConfigError as error:
        return Checked(path, error.problems, targets=targets)
    return Checked(path, (), notes, targets)


def _compiled(configuration: Configuration) -> tuple[str, ...]:
    """The notes of compiling for the track, where it is here; what keeps it from being here is a note too."""
    if configuration.track.origin == FromFile(STANDARD_INPUT):
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
    except ConfigError:
        raise
    except BeatsyncError as error:
        return (*map(str, configuration.notes), f"the track is not here, its cues are not checked: {error}")


def _print(result: Checked) -> None:
    for problem in result.problems:
        click.echo(problem)
    for note in result.notes:
        click.echo(f"{result.path}: note: {note}")
    for name, url, source in result.targets:
        click.echo(f"{result.path}: target {name}: {url} from {source or 'an address known when it is opened'}")
    if not result.problems:
        click.echo(f"{result.path}: good")
