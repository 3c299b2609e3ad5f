"""The texts of the files that are in force, as they were read; never those of an edit that came after."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from beatsync.config.configuration import Configuration, FromFile
from beatsync.core.limits import MAX_DOCUMENT_BYTES
from beatsync.regular_files import Contents, read_regular_file
from beatsync.reloading.files import Signatures, signatures_of
from beatsync.sources.files import STANDARD_INPUT


def texts_in_force(configuration: Configuration, seen: Signatures, *, most: int) -> Mapping[str, bytes] | None:
    """The configuration, its set lists, and its track files in their order as far as `most` bytes allow.

    `seen`: the files as they were before they were read. None where one is another by now, or where the configuration
    and its set lists do not fit. Blocks for as long as the disk takes.
    """
    decks = configuration.decks.values()
    needed = [configuration.path, *(deck.setlist.file for deck in decks if deck.setlist and deck.setlist.file)]
    texts: dict[Path, bytes] = {}
    room = most
    for path in (*needed, *_track_files(configuration)):
        file = path.absolute()
        if file in texts:
            continue
        contents = read_regular_file(file, limit=min(room, MAX_DOCUMENT_BYTES))
        if isinstance(contents, Contents):
            texts[file] = contents.data
            room -= len(contents.data)
        elif path in needed:
            return None
    if signatures_of(texts) != {file: seen.get(file) for file in texts}:
        return None
    return {str(file): text for file, text in texts.items()}


def _track_files(configuration: Configuration) -> list[Path]:
    origins = (track.origin for track in configuration.tracks)
    return [origin.path for origin in origins if isinstance(origin, FromFile) and origin.path != STANDARD_INPUT]
