"""Reading a file that has to be a regular one: looked at first, opened without waiting, bounded.

Never opens a device or waits for the far end of a FIFO. Says what hindered it as a value: what that means is
the caller's affair.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

_CHUNK_BYTES: Final = 1024 * 1024

_KINDS: Final = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class Hindrance(StrEnum):
    """Why a file was not read."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too large"


@dataclass(frozen=True, slots=True)
class Unread:
    """No contents. `reason` is for people: `no such file`."""

    hindrance: Hindrance
    reason: str


@dataclass(frozen=True, slots=True)
class Contents:
    """A whole file. `permissions`: its mode bits, without those for its kind."""

    data: bytes
    permissions: int


def read_regular_file(path: Path, *, limit: int) -> Contents | Unread:
    """The file's contents, of at most `limit` bytes. Blocks for as long as the disk takes; raises nothing."""
    try:
        unfit = _unfit(path.stat(), limit)
        return unfit or _read(path, limit)
    except FileNotFoundError:
        return Unread(Hindrance.MISSING, "no such file")
    except OSError as error:
        return Unread(Hindrance.UNREADABLE, reason_of(error))
    except ValueError:  # pathlib's word for a NUL in a path
        return Unread(Hindrance.UNREADABLE, "not a path: it contains a NUL")


def reason_of(error: OSError) -> str:
    """The operating system's own words, without number or path: `permission denied`."""
    return (error.strerror or type(error).__name__).lower()


def _unfit(status: os.stat_result, limit: int) -> Unread | None:
    if not stat.S_ISREG(status.st_mode):
        kind = next((name for is_kind, name in _KINDS if is_kind(status.st_mode)), "not a file")
        return Unread(Hindrance.UNREADABLE, f"is {kind}, expected a regular file")
    return _too_large(limit) if status.st_size > limit else None


def _too_large(limit: int) -> Unread:
    return Unread(Hindrance.TOO_LARGE, f"larger than {limit:,} bytes")


def _read(path: Path, limit: int) -> Contents | Unread:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        status = os.fstat(descriptor)
        unfit = _unfit(status, limit)  # again: another file may have taken the name since
        if unfit:
            return unfit
        data = bytearray()
        while chunk := file.read(_CHUNK_BYTES):
            data += chunk
            if len(data) > limit:
                return _too_large(limit)
    return Contents(bytes(data), stat.S_IMODE(status.st_mode))
