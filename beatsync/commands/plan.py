"""`beatsync plan`: every cue of the track, resolved, without sending any."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import click
import trio
from rich.console import Console

from beatsync.clock import SystemClock
from beatsync.config.configuration import (
    Configuration,
    DeckChoice,
    FromAudioScape,
    FromBundle,
    FromFile,
    TrackChoice,
    tracks_of,
)
from beatsync.config.read import read_config_file
from beatsync.core.notes import Note
from beatsync.core.schedule import Schedule
from beatsync.core.targets import Target
from beatsync.core.track import Track
from beatsync.decks.preparing import Preparation
from beatsync.errors import UsageError
from beatsync.plan.facts import all_notes
from beatsync.plan.machine import plan_csv, plan_json
from beatsync.plan.svg import plan_svg
from beatsync.plan.table import plan_table

PIPE_WIDTH: Final = 400


def print_plan(config: Path, *, deck: str | None, track: str | None, form: str) -> None:
    """Print the plan of a deck of `config`, the first where none is named, as `table`, `json`, `csv` or `svg`.

    `track`: another one than the deck's first: a file, an asset id, or `#2` of its set list.
    """
    preparation = Preparation(
        environment=os.environ,
        clock=SystemClock(),
        stdin=sys.stdin.buffer,
        progress=partial(click.echo, err=True),
    )
    configuration = trio.run(preparation.with_playlists, read_config_file(config))
    choice = _deck(configuration, deck)
    material = trio.run(preparation.material, configuration, choice, _track(choice, track))
    targets = tuple(replace(target, lead=target.lead + material.lead) for target in configuration.targets)
    plan = Plan(material.track, material.schedule, targets, (*configuration.notes, *material.notes))
    title = "The demo track" if material.choice.origin == FromBundle() else None
    if form == "table":
        # In a pipe each cue is one line: grep finds all of it.
        console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
        console.print(plan_table(plan.track, plan.schedule, targets=plan.targets, notes=plan.notes, title=title))
    else:
        if form == "csv":  # which has no place for them
            for note in all_notes(plan.notes, plan.schedule):
                click.echo(f"note: {note}", err=True)
        sys.stdout.buffer.write(_text(plan, form, title=title).encode())
        sys.stdout.buffer.flush()


@dataclass(frozen=True, slots=True)
class Plan:
    """What is printed."""

    track: Track
    schedule: Schedule
    targets: tuple[Target, ...]
    notes: tuple[Note, ...]


def _text(plan: Plan, form: str, *, title: str | None) -> str:
    if form == "csv":
        return plan_csv(plan.track, plan.schedule, targets=plan.targets)
    if form == "json":
        return plan_json(plan.track, plan.schedule, targets=plan.targets, notes=plan.notes)
    return plan_svg(plan.track, plan.schedule, targets=plan.targets, notes=plan.notes, title=title)


def _deck(configuration: Configuration, name: str | None) -> DeckChoice:
    decks = configuration.decks
    if name is None:
        return next(iter(decks.values()))
    if name not in decks:
        raise UsageError(f"--deck {name}: there is no such deck; decks: {', '.join(decks)}")
    return decks[name]


def _track(deck: DeckChoice, wanted: str | None) -> TrackChoice:
    """The track that is asked for; what the configuration expects of its own does not hold for another one."""
    own = tracks_of(deck)
    if wanted is None:
        if not own:
            raise UsageError("no track is named in the configuration; name one with --track")
        return own[0]
    if wanted.startswith("#"):
        number = int(wanted[1:]) if wanted[1:].isdecimal() else 0
        if not 1 <= number <= len(own):
            raise UsageError(f"--track {wanted}: expected #1 to #{len(own)} of the set list")
        return own[number - 1]
    origin = FromAudioScape(wanted) if wanted.isdigit() else FromFile(Path(wanted))
    return TrackChoice(origin=origin, grid=own[0].grid if own else None)
