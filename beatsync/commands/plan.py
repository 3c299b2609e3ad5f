"""`beatsync plan`: every cue of the track, resolved, without sending any."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import click
import trio
from rich.console import Console

from beatsync.clock import SystemClock
from beatsync.config.configuration import Configuration, FromAudioScape, FromBundle, FromFile, TrackChoice
from beatsync.config.read import read_config_file
from beatsync.plan.facts import all_notes
from beatsync.plan.machine import plan_csv, plan_json
from beatsync.plan.svg import plan_svg
from beatsync.plan.table import plan_table
from beatsync.show import Show, prepare_show

PIPE_WIDTH: Final = 400


def print_plan(config: Path, *, track: str | None, form: str) -> None:
    """Print the plan of `config`, for its own track or another, as `table`, `json`, `csv` or `svg`."""
    configuration = _with_track(read_config_file(config), track)
    clock = SystemClock()
    prepare = partial(prepare_show, configuration, environment=os.environ, clock=clock, stdin=sys.stdin.buffer)
    show = trio.run(prepare)
    targets = tuple(replace(target, lead=target.lead + show.lead) for target in show.targets)
    show = replace(show, targets=targets)
    if form == "table":
        # In a pipe each cue is one line: grep finds all of it.
        console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
        console.print(plan_table(show.track, show.schedule, targets=show.targets, notes=show.notes))
    else:
        if form == "csv":  # which has no place for them
            for note in all_notes(show.notes, show.schedule):
                click.echo(f"note: {note}", err=True)
        title = "The demo track" if configuration.track.origin == FromBundle() else None
        sys.stdout.buffer.write(_text(show, form, title=title).encode())
        sys.stdout.buffer.flush()


def _text(show: Show, form: str, *, title: str | None) -> str:
    if form == "csv":
        return plan_csv(show.track, show.schedule, targets=show.targets)
    if form == "json":
        return plan_json(show.track, show.schedule, targets=show.targets, notes=show.notes)
    return plan_svg(show.track, show.schedule, targets=show.targets, notes=show.notes, title=title)


def _with_track(configuration: Configuration, track: str | None) -> Configuration:
    """The configuration with another track: a file, or an asset id; what it expects of its own does not hold then."""
    if track is None:
        return configuration
    origin = FromAudioScape(track) if track.isdigit() else FromFile(Path(track))
    return replace(configuration, track=TrackChoice(origin=origin, grid=configuration.track.grid))
