"""`beatsync fetch`: the cache filled before the doors open."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from functools import partial
from itertools import count
from pathlib import Path

import click
import trio

from beatsync.clock import SystemClock
from beatsync.config.configuration import FromAudioScape, Playlist
from beatsync.config.read import read_config_file
from beatsync.core.units import clock_face
from beatsync.errors import UsageError
from beatsync.plan.facts import counted
from beatsync.sources.library import FetchReport, Outcome, Refresh
from beatsync.sources.opening import open_library


def fetch_tracks(wanted: Sequence[str], *, refresh: Refresh, as_json: bool) -> int:
    """Have every asset of `wanted` in the cache; returns the exit code, 0 if none is missing, else the worst."""
    named = [one for word in wanted for one in _named(word)]
    reports = trio.run(partial(_fetched, named, refresh, told=not as_json))
    if as_json:
        click.echo(json.dumps([_record(report) for report in reports], indent=2))
    else:
        counts = (f"{sum(report.outcome is outcome for report in reports)} {outcome}" for outcome in Outcome)
        click.echo(f"{counted(len(reports), 'track')}: {', '.join(counts)}")
    return max((report.exit_code for report in reports), default=0)


def _named(word: str) -> Sequence[str | Playlist]:
    """The assets and playlists that a word of the command line names: itself, or those of a configuration."""
    if word.isdigit():
        return (word,)
    configuration = read_config_file(Path(word))
    origins = (track.origin for track in configuration.tracks)
    named: list[str | Playlist] = [origin.asset_id for origin in origins if isinstance(origin, FromAudioScape)]
    setlists = (deck.setlist for deck in configuration.decks.values() if deck.setlist is not None)
    named += [setlist.tracks for setlist in setlists if isinstance(setlist.tracks, Playlist)]
    if not named:
        raise UsageError(f"{word}: no track of it is from AudioScape, there is nothing to fetch")
    return named


async def _fetched(named: Sequence[str | Playlist], refresh: Refresh, *, told: bool) -> tuple[FetchReport, ...]:
    say = partial(click.echo, err=True)
    async with open_library(os.environ, clock=SystemClock(), progress=say) as opened:
        for note in opened.notes:
            say(f"note: {note}")
        asset_ids: list[str] = []
        for one in named:
            if isinstance(one, str):
                asset_ids.append(one)
                continue
            found = await opened.playlists.get(one.playlist_id, anew=refresh is Refresh.REPLACE)
            for note in found.notes:
                say(f"note: {note}")
            asset_ids += found.asset_ids
        done, total = count(1), len(set(asset_ids))

        def progress(report: FetchReport) -> None:
            if told:
                _tell(report, next(done), total)

        return await opened.library.fetch_all(asset_ids, refresh=refresh, progress=progress)


def _tell(report: FetchReport, done: int, total: int) -> None:
    found = report.found
    what = report.message
    if found and not what:
        track = found.parsed.track
        what = f"{clock_face(track.duration)}, {len(track.sections)} sections"
    click.echo(f"[{done}/{total}] {report.asset_id}  {report.outcome:<7}  {what}")
    for note in (*(() if report.message else found.notes), *found.parsed.notes) if found else ():
        click.echo(f"        note: {note}")


def _record(report: FetchReport) -> dict[str, object]:
    found = report.found
    notes = [str(note) for note in (*found.notes, *found.parsed.notes)] if found else []
    return {
        "asset_id": report.asset_id,
        "outcome": report.outcome,
        "message": report.message or None,
        "notes": notes,
    }
