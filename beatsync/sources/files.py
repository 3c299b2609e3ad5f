"""Track documents from files and from standard input. Never writes, and never waits for a FIFO or a device."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

import trio

from beatsync.core.document import ParsedTrack, parse_track
from beatsync.core.limits import MAX_DOCUMENT_BYTES
from beatsync.errors import SourceRefused, TrackError
from beatsync.regular_files import Contents, Hindrance, Unread, read_regular_file, reason_of

STANDARD_INPUT: Final = Path("-")

_CHUNK_BYTES: Final = 64 * 1024


async def load_file(path: Path, *, stdin: BinaryIO | None) -> ParsedTrack:
    """The track in the file, or on `stdin` where `path` is `-`, read and parsed in a thread.

    Raises SourceRefused where it cannot be read, TrackError where its content cannot be used.
    """
    load = partial(load_file_blocking, path, stdin=stdin)
    # Standard input may never end: a cancelled load leaves its thread to wait alone.
    return await trio.to_thread.run_sync(load, abandon_on_cancel=path == STANDARD_INPUT)


def load_file_blocking(path: Path, *, stdin: BinaryIO | None) -> ParsedTrack:
    """The same, for callers without an event loop. `stdin`: None where there is none."""
    if path == STANDARD_INPUT:
        return parse_track(_read_stream(stdin), source="standard input")
    return parse_track(_read_file(path), source=str(path))


def _read_file(path: Path) -> bytes:
    match read_regular_file(path, limit=MAX_DOCUMENT_BYTES):
        case Contents(data=data):
            return data
        case Unread(hindrance=Hindrance.TOO_LARGE, reason=reason):
            raise TrackError(f"{path}: {reason}; an hour of music takes some 300,000: is it a track document?")
        case Unread(hindrance=Hindrance.MISSING):
            raise SourceRefused(f"{path}: no such file; expected a track document, check the path")
        case Unread(reason=reason):
            raise SourceRefused(f"{str(path)!r}: cannot be read: {reason}")


def _read_stream(stream: BinaryIO | None) -> bytes:
    """Everything on the stream, bounded."""
    data = bytearray()
    try:
        while chunk := _chunk(stream):
            data += chunk
            if len(data) > MAX_DOCUMENT_BYTES:
                raise TrackError(f"standard input: larger than {MAX_DOCUMENT_BYTES:,} bytes: is it a track document?")
    except OSError as error:
        raise SourceRefused(f"standard input: cannot be read: {reason_of(error)}") from None
    return bytes(data)


def _chunk(stream: BinaryIO | None) -> bytes:
    if stream is None or stream.closed:
        raise SourceRefused("standard input: closed; pipe a track document in, or name a file")
    return stream.read(_CHUNK_BYTES)
