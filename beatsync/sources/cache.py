"""Track documents on disk, one file per asset, so that a show starts and goes on without a network.

A file is written whole or not at all, and says of itself whether it is whole. Nothing that the disk does is fatal:
what could not be stored or read comes back as a note. Never holds the key, and never parses a document.

    beatsync track document 1      magic and version of this form
    asset 1843209165
    fetched 1700000000000000000    civil time, nanoseconds since 1970
    sha256 <64 hex digits>         of all lines above this one, and of the document
                                   an empty line
    {"asset_id": …                 the document, byte for byte as it came
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import platformdirs

from beatsync.core.limits import MAX_ASSET_ID_DIGITS, MAX_DOCUMENT_BYTES
from beatsync.core.notes import Note
from beatsync.core.units import WallNs
from beatsync.regular_files import Contents, Hindrance, Unread, read_regular_file, reason_of
from beatsync.sources.assets import checked_asset_id, source_name

CACHE_VARIABLE: Final = "BEATSYNC_CACHE"
SYSTEMD_VARIABLE: Final = "CACHE_DIRECTORY"

_VERSION: Final = 1
_MAX_HEADER_BYTES: Final = 256
_HEADER: Final = re.compile(
    rb"(?P<signed>beatsync track document (?P<version>[0-9]{1,9})\n"
    rb"asset (?P<asset>[0-9]{1,%d})\n"
    rb"fetched (?P<fetched>-?[0-9]{1,20})\n)"
    rb"sha256 (?P<digest>[0-9a-f]{64})\n\n" % MAX_ASSET_ID_DIGITS,
)
_OTHER_VERSION: Final = re.compile(rb"beatsync track document [0-9]{1,9}\n")


@dataclass(frozen=True, slots=True)
class Cached:
    """A document as it was fetched, and when."""

    document: bytes
    fetched_at: WallNs


@dataclass(frozen=True, slots=True)
class Absent:
    """No usable copy. `notes` say why, unless there simply is none."""

    notes: tuple[Note, ...] = ()


def cache_folder(env: Mapping[str, str]) -> Path:
    """BEATSYNC_CACHE, else the first of systemd's CACHE_DIRECTORY, else the user's own cache."""
    if chosen := env.get(CACHE_VARIABLE):
        return Path(chosen)
    if given := env.get(SYSTEMD_VARIABLE):
        return Path(given.split(":", maxsplit=1)[0])
    return platformdirs.user_cache_path("beatsync")


class Cache:
    """The files in one folder, which is made when something is first stored. All methods block on the disk."""

    def __init__(self, folder: Path) -> None:
        """`folder`: need not exist."""
        self._folder = folder

    def path_of(self, asset_id: str) -> Path:
        """Where the asset's document is kept. Raises UsageError for what is no asset id."""
        return self._folder / f"{sha256(checked_asset_id(asset_id).encode()).hexdigest()}.track"

    def read(self, asset_id: str) -> Cached | Absent:
        """The stored copy. One that is damaged, of another version or of another asset is set aside."""
        match read_regular_file(self.path_of(asset_id), limit=_MAX_HEADER_BYTES + MAX_DOCUMENT_BYTES):
            case Contents(data=data):
                found = _unpacked(data, asset_id)
                return found if isinstance(found, Cached) else Absent((self.set_aside(asset_id, found),))
            case Unread(hindrance=Hindrance.MISSING):
                return Absent()
            case Unread(hindrance=Hindrance.TOO_LARGE):
                return Absent((self.set_aside(asset_id, "is larger than any document"),))
            case Unread(reason=reason):
                return Absent((self._note(asset_id, f"cannot be read ({reason}); going on without it"),))

    def store(self, asset_id: str, document: bytes, fetched_at: WallNs) -> tuple[Note, ...]:
        """Keep the document in place of any earlier one; a note where that failed, the earlier one being untouched."""
        path = self.path_of(asset_id)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_whole(path, _packed(asset_id, document, fetched_at))
        except OSError as error:
            problem = f"could not be stored in {self._folder} ({reason_of(error)})"
            return (self._note(asset_id, f"{problem}; it is used, but will not be there without a network"),)
        return ()

    def set_aside(self, asset_id: str, problem: str) -> Note:
        """Take a copy that cannot be used out of the way, for people to look at; `problem`: `is damaged`."""
        path = self.path_of(asset_id)
        aside = path.with_suffix(".bad")
        try:
            path.replace(aside)
        except OSError as error:
            return self._note(asset_id, f"{problem}; ignored, and could not be moved away ({reason_of(error)})")
        return self._note(asset_id, f"{problem}; ignored, and moved to {aside}")

    def _note(self, asset_id: str, problem: str) -> Note:
        return Note("", f"{source_name(asset_id)}: the cached copy {problem}")


def _packed(asset_id: str, document: bytes, fetched_at: WallNs) -> bytes:
    signed = f"beatsync track document {_VERSION}\nasset {asset_id}\nfetched {fetched_at}\n".encode()
    return signed + f"sha256 {sha256(signed + document).hexdigest()}\n\n".encode() + document


def _unpacked(data: bytes, asset_id: str) -> Cached | str:
    """The copy, or what is wrong with it. Its asset is looked at last: a damaged file knows nothing."""
    header = _HEADER.match(data)
    if header is None:
        return "is of an unknown version" if _OTHER_VERSION.match(data) else "is no track document of beatsync"
    if int(header["version"]) != _VERSION:
        return f"is of version {int(header['version'])}, expected {_VERSION}"
    document = data[header.end() :]
    if sha256(header["signed"] + document).hexdigest().encode() != header["digest"]:
        return "is damaged"
    if header["asset"].decode() != asset_id:
        return f"is of asset {header['asset'].decode()}"
    return Cached(document, WallNs(int(header["fetched"])))


def _write_whole(path: Path, data: bytes) -> None:
    """The whole of `data` under the name, or the name as it was. Raises OSError."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    with suppress(OSError):  # some filesystems cannot; then a power cut may bring the earlier copy back, whole
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
