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
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Final

from beatsync.core.limits import MAX_ASSET_ID_DIGITS, MAX_DOCUMENT_BYTES
from beatsync.core.notes import Note
from beatsync.core.units import WallNs
from beatsync.regular_files import Contents, Hindrance, Unread, read_regular_file, reason_of
from beatsync.sources.assets import checked_asset_id, playlist_name, source_name

_VERSION: Final = 1
_MAX_HEADER_BYTES: Final = 256


class Kind(StrEnum):
    """What a cache holds. Its word stands in the first line of each file, and at the end of its name."""

    TRACK = "track"
    PLAYLIST = "playlist"

    @property
    def header(self) -> re.Pattern[bytes]:
        """How a file of this kind begins."""
        return _HEADERS[self]

    def named(self, asset_id: str) -> str:
        """What messages call one."""
        return source_name(asset_id) if self is Kind.TRACK else playlist_name(asset_id)


def _header(kind: Kind) -> re.Pattern[bytes]:
    return re.compile(
        rb"(?P<signed>beatsync %b document (?P<version>[0-9]{1,9})\n"
        rb"asset (?P<asset>[0-9]{1,%d})\n"
        rb"fetched (?P<fetched>-?[0-9]{1,20})\n)"
        rb"sha256 (?P<digest>[0-9a-f]{64})\n\n" % (kind.encode(), MAX_ASSET_ID_DIGITS),
    )


_HEADERS: Final = {kind: _header(kind) for kind in Kind}


@dataclass(frozen=True, slots=True)
class Cached:
    """A document as it was fetched, and when."""

    document: bytes
    fetched_at: WallNs


@dataclass(frozen=True, slots=True)
class Absent:
    """No usable copy. `notes` say why, unless there simply is none."""

    notes: tuple[Note, ...] = ()


class Cache:
    """The files in one folder, which is made when something is first stored. All methods block on the disk."""

    def __init__(self, folder: Path, kind: Kind = Kind.TRACK) -> None:
        """`folder`: need not exist; several kinds may share it."""
        self._folder = folder
        self._kind = kind

    def path_of(self, asset_id: str) -> Path:
        """Where the asset's document is kept. Raises UsageError for what is no asset id."""
        return self._folder / f"{sha256(checked_asset_id(asset_id).encode()).hexdigest()}.{self._kind}"

    def read(self, asset_id: str) -> Cached | Absent:
        """The stored copy. One that is damaged, of another version or of another asset is set aside."""
        match read_regular_file(self.path_of(asset_id), limit=_MAX_HEADER_BYTES + MAX_DOCUMENT_BYTES):
            case Contents(data=data):
                found = _unpacked(data, asset_id, self._kind)
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
            _write_whole(path, _packed(asset_id, document, fetched_at, self._kind))
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
        return Note("", f"{self._kind.named(asset_id)}: the cached copy {problem}")


def _packed(asset_id: str, document: bytes, fetched_at: WallNs, kind: Kind = Kind.TRACK) -> bytes:
    signed = f"beatsync {kind} document {_VERSION}\nasset {asset_id}\nfetched {fetched_at}\n".encode()
    return signed + f"sha256 {sha256(signed + document).hexdigest()}\n\n".encode() + document


def _unpacked(data: bytes, asset_id: str, kind: Kind = Kind.TRACK) -> Cached | str:
    """The copy, or what is wrong with it. Its asset is looked at last: a damaged file knows nothing."""
    header = kind.header.match(data)
    if header is None:
        is_ours = data.startswith(b"beatsync %b document " % kind.encode())
        return "is of an unknown version" if is_ours else f"is no {kind} document of beatsync"
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
