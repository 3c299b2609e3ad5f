"""Tracks found, read and compiled for a deck. Nothing is opened and nothing plays here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar, assert_never

import trio

from beatsync.clock import Clock
from beatsync.config.configuration import (
    Configuration,
    DeckChoice,
    FromAudioScape,
    FromBundle,
    FromFile,
    Playlist,
    TrackChoice,
)
from beatsync.core.compilation import compile_schedule
from beatsync.core.document import ParsedTrack, check_expected, parse_track, with_grid_from_bpm
from beatsync.core.notes import Note
from beatsync.core.prefixing import with_prefix
from beatsync.core.rules import Rule
from beatsync.core.schedule import Schedule
from beatsync.core.track import Track
from beatsync.decks.material import BUNDLED, Material
from beatsync.demo_track import demo_document
from beatsync.errors import ConfigError, SourceError, TrackError
from beatsync.sources.files import STANDARD_INPUT, load_file

Value = TypeVar("Value")
Aside = Callable[[Callable[[], Value]], Awaitable[Value]]


async def in_a_thread(work: Callable[[], Value]) -> Value:
    """Beside the loop, which goes on meanwhile."""
    return await trio.to_thread.run_sync(work, abandon_on_cancel=True)


async def at_once(work: Callable[[], Value]) -> Value:
    """Here and now: for virtual time, which would run away from a thread."""
    await trio.lowlevel.checkpoint()
    return work()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """How tracks are found and compiled. Without `network` an asset comes from the cache or not at all.

    `stdin`: where a track called `-` is read from. `aside`: how what takes a second of computing is run. `progress`: is
    told, in lines for people, what the network is asked.
    """

    environment: Mapping[str, str]
    clock: Clock
    stdin: BinaryIO | None = None
    network: bool = True
    aside: Aside[Material] = in_a_thread
    progress: Callable[[str], None] = lambda _text: None
    read_once: dict[Path, ParsedTrack] = field(default_factory=dict)
    """What standard input held: it cannot be read again."""
    kept: Mapping[Path, bytes] = field(default_factory=dict)
    """Documents as they were, for files that cannot be used any more; by absolute path."""

    async def material(self, configuration: Configuration, deck: DeckChoice, choice: TrackChoice) -> Material:
        """A track, ready for one of the decks of a configuration.

        Raises TrackError or SourceError where there is no track, ConfigError where a rule cannot be compiled for it.
        """
        parsed = await self._found(choice)
        return await self.aside(partial(material_of, parsed, configuration, deck, choice))

    async def with_playlists(self, configuration: Configuration) -> Configuration:
        """The configuration with the tracks of its playlists in their place. Raises TrackError, SourceError."""
        decks: dict[str, DeckChoice] = {}
        notes: list[Note] = []
        for name, deck in configuration.decks.items():
            decks[name] = deck
            if deck.setlist is not None and isinstance(deck.setlist.tracks, Playlist):
                # As with assets: reading httpx would be half of the time that a start without AudioScape takes.
                from beatsync.decks.assets import playlist  # noqa: PLC0415

                found = await playlist(
                    deck.setlist.tracks.playlist_id,
                    network=self.network,
                    environment=self.environment,
                    clock=self.clock,
                    progress=self.progress,
                )
                tracks = tuple(TrackChoice(origin=FromAudioScape(asset_id)) for asset_id in found.asset_ids)
                decks[name] = replace(deck, setlist=replace(deck.setlist, tracks=tracks))
                notes += found.notes
        return replace(configuration, decks=decks, notes=(*configuration.notes, *notes))

    async def _found(self, choice: TrackChoice) -> ParsedTrack:
        match choice.origin:
            case FromBundle():
                return parse_track(demo_document(), source=BUNDLED)
            case FromFile(path) if path == STANDARD_INPUT:
                if path not in self.read_once:
                    self.read_once[path] = await load_file(path, stdin=self.stdin)
                return self.read_once[path]
            case FromFile(path):
                return await self._loaded(path)
            case FromAudioScape(asset_id, update):
                # Half of what a start without AudioScape would take is reading httpx.
                from beatsync.decks.assets import asset  # noqa: PLC0415

                return await asset(
                    asset_id,
                    update=update,
                    force=choice.force,
                    network=self.network,
                    environment=self.environment,
                    clock=self.clock,
                    progress=self.progress,
                )
            case _:
                assert_never(choice.origin)

    async def _loaded(self, path: Path) -> ParsedTrack:
        try:
            return await load_file(path, stdin=self.stdin)
        except (TrackError, SourceError):
            kept = self._as_it_was(path)
            if kept is None:
                raise
        return kept

    def _as_it_was(self, path: Path) -> ParsedTrack | None:
        kept = self.kept.get(path.absolute())
        return None if kept is None else parse_track(kept, source=f"{path}, as it was")


def material_of(parsed: ParsedTrack, configuration: Configuration, deck: DeckChoice, choice: TrackChoice) -> Material:
    """A document's track as a deck plays it. Raises TrackError, ConfigError."""
    track, doubts = _as_chosen(parsed.track, choice, source=str(configuration.path))
    schedule = _compiled(track, configuration, deck.rules)
    preview = None if deck.prefix is None else with_prefix(deck.rules, deck.prefix)
    return Material(
        choice=choice,
        track=track,
        schedule=schedule,
        preview=None if preview is None else _compiled(track, configuration, preview),
        notes=(*_still_true(parsed.notes, track), *doubts, *schedule.notes),
    )


def _compiled(track: Track, configuration: Configuration, rules: Iterable[Rule]) -> Schedule:
    """The schedule; what a rule has to do with it is said with the rule's place in the file."""
    try:
        return compile_schedule(track, rules, configuration.targets)
    except ConfigError as error:
        raise ConfigError(tuple(map(configuration.placed, error.problems))) from None


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
