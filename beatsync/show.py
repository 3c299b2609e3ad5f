"""A show, prepared: the configuration's track found, read and compiled. Nothing is opened and nothing plays yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO, assert_never

from beatsync.clock import Clock
from beatsync.config.configuration import Configuration, FromAudioScape, FromBundle, FromFile, Start, TrackChoice
from beatsync.core.compilation import compile_schedule
from beatsync.core.document import ParsedTrack, check_expected, parse_track, with_grid_from_bpm
from beatsync.core.leads import NO_LEAD, Lead
from beatsync.core.notes import Note
from beatsync.core.schedule import Schedule
from beatsync.core.targets import Target
from beatsync.core.track import Track
from beatsync.demo_track import demo_document
from beatsync.errors import ConfigError, TrackError
from beatsync.sources.files import load_file
from beatsync.sources.library import Refresh
from beatsync.sources.opening import open_library


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """Everything that is played: a track, its cues, where they go, when it starts.

    `name` tells the show from others; `lead` is the track's, for all targets; `notes`: what people should know.
    """

    name: str
    track: Track
    schedule: Schedule
    targets: tuple[Target, ...]
    start: Start
    notes: tuple[Note, ...]
    lead: Lead = NO_LEAD


async def prepare_show(
    configuration: Configuration,
    *,
    environment: Mapping[str, str],
    clock: Clock,
    stdin: BinaryIO | None,
    network: bool = True,
) -> Show:
    """The show that a configuration describes. Without `network` an asset comes from the cache or not at all.

    Raises TrackError or SourceError where there is no track, ConfigError where a rule cannot be compiled for it.
    """
    choice = configuration.track
    parsed = await _found(choice, environment=environment, clock=clock, stdin=stdin, network=network)
    track, doubts = _as_chosen(parsed.track, choice, source=str(configuration.path))
    schedule = _compiled(track, configuration)
    return Show(
        name=f"{configuration.path.absolute()} {track.asset_id}",
        track=track,
        schedule=schedule,
        targets=configuration.targets,
        start=configuration.start,
        lead=choice.lead,
        notes=(*configuration.notes, *_still_true(parsed.notes, track), *doubts, *schedule.notes),
    )


def _compiled(track: Track, configuration: Configuration) -> Schedule:
    """The schedule; what a rule has to do with it is said with the rule's place in the file."""
    try:
        return compile_schedule(track, configuration.rules, configuration.targets)
    except ConfigError as error:
        raise ConfigError(tuple(map(configuration.placed, error.problems))) from None


async def _found(
    choice: TrackChoice,
    *,
    environment: Mapping[str, str],
    clock: Clock,
    stdin: BinaryIO | None,
    network: bool,
) -> ParsedTrack:
    match choice.origin:
        case FromBundle():
            return parse_track(demo_document(), source="the demo track")
        case FromFile(path):
            return await load_file(path, stdin=stdin)
        case FromAudioScape(asset_id, update):
            refresh = Refresh.REPLACE if update else Refresh.IF_MISSING
            async with open_library(environment, clock=clock, network=network) as opened:
                found = await opened.library.get(asset_id, refresh=refresh, force=choice.force)
            return replace(found.parsed, notes=(*opened.notes, *found.notes, *found.parsed.notes))
        case _:
            assert_never(choice.origin)


def _still_true(notes: tuple[Note, ...], track: Track) -> Iterator[Note]:
    """The document's notes; that it has no grid is not said where one has been made up."""
    return (note for note in notes if note.place != "beat_grid" or track.grid is None)


def _as_chosen(track: Track, choice: TrackChoice, *, source: str) -> tuple[Track, tuple[Note, ...]]:
    """The track with the grid that the configuration asks for, if it is the track that it expects (I15)."""
    expected = choice.expected_asset_id, choice.expected_duration
    complaint = check_expected(track, source=source, asset_id=expected[0], duration=expected[1])
    if complaint and not choice.force:
        raise TrackError(f"{complaint}; correct track.expect, or set track.force: true to play it all the same")
    doubts = (Note("track.expect", f"{complaint}; played all the same, since track.force is set"),) if complaint else ()
    if choice.grid is None:
        return track, doubts
    if track.grid is not None:
        return track, (*doubts, Note("track.grid", "not needed: this track has a beat grid of its own, which is used"))
    grid = choice.grid
    gridded = with_grid_from_bpm(track, first_downbeat=grid.first_downbeat, beats_per_bar=grid.beats_per_bar)
    doubt = Note("track.grid", f"a grid made up from {track.bpm:g} bpm: beats drift where the tempo does")
    return gridded, (*doubts, doubt)
