"""The files that a show is made of, and how one sees that they are others than before. Reads none of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import trio

from beatsync.config.configuration import Configuration, FromAudioScape, FromFile
from beatsync.folders import cache_folder
from beatsync.sources.cache import Cache
from beatsync.sources.files import STANDARD_INPUT

Signature: TypeAlias = tuple[int, int, int, int] | None
"""What tells one state of a file from another: device, inode, size, and when it was written; None for no file.

A link counts as what it leads to. An edit within a clock tick of the one before, of the same size, is not noticed.
"""

Signatures: TypeAlias = Mapping[Path, Signature]


@dataclass(frozen=True, slots=True)
class Look:
    """The files at one instant. `folders`: where something happens when one of them changes, with their inodes;
    `names`: what it happens to.
    """

    files: Signatures
    folders: Mapping[Path, int] = field(default_factory=dict)
    names: frozenset[str] = frozenset()


async def look_at(configuration: Configuration, environment: Mapping[str, str]) -> Look:
    """The files of a show as they are now; in a thread, since a disk may hang."""
    return await trio.to_thread.run_sync(_look_at, configuration, environment, abandon_on_cancel=True)


def _look_at(configuration: Configuration, environment: Mapping[str, str]) -> Look:
    files = files_of(configuration, environment)
    names = frozenset(one.name for path in files for one in (path, _real(path)))
    return Look(signatures_of(files), _folders_of(files), names)


def files_of(configuration: Configuration, environment: Mapping[str, str]) -> frozenset[Path]:
    """The configuration, set lists that stand in files of their own, tracks, and the cached copies of assets."""
    files = {configuration.path.absolute()}
    files |= {
        deck.setlist.file.absolute() for deck in configuration.decks.values() if deck.setlist and deck.setlist.file
    }
    cache = Cache(cache_folder(environment))
    for track in configuration.tracks:
        if isinstance(track.origin, FromFile) and track.origin.path != STANDARD_INPUT:
            files.add(track.origin.path.absolute())
        elif isinstance(track.origin, FromAudioScape):
            files.add(cache.path_of(track.origin.asset_id))
    return frozenset(files)


def signatures_of(paths: Iterable[Path]) -> Signatures:
    """Of each file. Blocks for as long as the disk takes."""
    return {path: _signature_of(path) for path in paths}


def _signature_of(path: Path) -> Signature:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _folders_of(paths: Iterable[Path]) -> Mapping[Path, int]:
    """The folders in which something happens when one of these files changes, with their inodes.

    Editors, and programs that distribute files, put a new file in place of the old one; so the folder is watched, and
    where a file is a link, that of the file behind it too.
    """
    folders = {folder for path in paths for folder in (path.parent, _real(path).parent)}
    return {folder: signature[1] for folder in folders if (signature := _signature_of(folder)) is not None}


def _real(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # links that lead to each other
        return path
