"""The journal: a file in memory in which a conductor leaves what its successor needs, should it be killed.

Two slots take turns for the memory after each whole step, so that one of them is always complete; a third place says
how far the step has come that is under way. Writing is a copy of some bytes into a mapped file: no system call, nothing
to wait for. The file belongs on a tmpfs, as runtime directories are; it is not meant to survive a reboot.

Layout, little-endian: 64 bytes of header (magic, format, slot size; which run of the machine it is of, and when its
writer was last alive), the step under way (its number, its instant, the
number of its outcomes, a byte for the fate of each), then the slots (step, length, checksum, MessagePack).
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from beatsync.conductor.memory import Fate, Fates, Unfinished
from beatsync.core.units import HostNs

_MAGIC: Final = b"beatsync"
FORMAT: Final = 3
_HEADER: Final = struct.Struct("<8sIQ")
_ALIVE: Final = struct.Struct("<32sq")
_STEP: Final = struct.Struct("<QqI")
_SLOT: Final = struct.Struct("<QII")
_ALIVE_AT: Final = 24
_STEP_AT: Final = 64
_FATES_AT: Final = 128
MAX_FATES: Final = 65536 - _FATES_AT
"""Of a step with more outcomes than this none counts as known to have left."""

_SLOTS_AT: Final = 65536
SMALLEST_SLOT: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Found:
    """What a predecessor left: the number of its last whole step, what it wrote then, and the step that it died in.

    `alive`: when it was last known to live, in the run of the machine that is called `boot`.
    """

    step: int
    content: bytes
    unfinished: Unfinished | None
    boot: str
    alive: HostNs


class JournalFile:
    """One conductor's journal. Not a record of the past: only of the present."""

    def __init__(self, path: Path) -> None:
        """Open or make the file at `path`. Raises OSError."""
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            size = os.fstat(self._file).st_size
            if size < _SLOTS_AT + 2 * SMALLEST_SLOT:
                os.ftruncate(self._file, _SLOTS_AT + 2 * SMALLEST_SLOT)
            self._map = mmap.mmap(self._file, 0)
        except BaseException:
            os.close(self._file)
            raise
        self._slot_size = SMALLEST_SLOT
        self._step = 0
        self._fates: memoryview | None = None

    @property
    def step(self) -> int:
        """The number of the last whole step."""
        return self._step

    def close(self) -> None:
        """Let go of the file; what is in it stays."""
        self._release_fates()
        self._map.close()
        os.close(self._file)

    def clear(self) -> None:
        """There is nothing to succeed to."""
        self._release_fates()
        self._slot_size = SMALLEST_SLOT
        size = _SLOTS_AT + 2 * self._slot_size
        self._map.resize(size)
        self._map[:size] = bytes(size)
        self._step = 0

    def _release_fates(self) -> None:
        """The file cannot be resized or closed while a view of it is out."""
        if self._fates is not None:
            self._fates.release()
            self._fates = None

    # Writing

    def begin(self, at: HostNs, count: int) -> Fates:
        """The next step is under way with `count` outcomes; returns where their fates go, all open."""
        kept = min(count, MAX_FATES)
        # The number goes last: until it is there, the step has not begun.
        _STEP.pack_into(self._map, _STEP_AT, self._step, at, kept)
        self._map[_FATES_AT : _FATES_AT + kept] = bytes(kept)
        _STEP.pack_into(self._map, _STEP_AT, self._step + 1, at, kept)
        if kept < count:
            return bytearray(count)
        self._fates = memoryview(self._map)[_FATES_AT : _FATES_AT + kept]
        return self._fates

    def end(self, content: bytes) -> None:
        """The step is whole: `content` is what a successor starts from."""
        self._release_fates()
        if _SLOT.size + len(content) > self._slot_size:
            self._grow(len(content))
        self._step += 1
        place = _SLOTS_AT + (self._step % 2) * self._slot_size
        _SLOT.pack_into(self._map, place, 0, 0, 0)
        self._map[place + _SLOT.size : place + _SLOT.size + len(content)] = content
        _SLOT.pack_into(self._map, place, self._step, len(content), zlib.crc32(content))
        if self._step == 1:
            self._write_header()

    def _grow(self, length: int) -> None:
        """Make room. What both slots held is given up but for the newest, which is written again in its new place."""
        latest = self._latest()
        self._slot_size = 2 * (_SLOT.size + length)
        self._map.resize(_SLOTS_AT + 2 * self._slot_size)
        if latest is not None:
            step, content = latest
            place = _SLOTS_AT + (step % 2) * self._slot_size
            other = _SLOTS_AT + ((step + 1) % 2) * self._slot_size
            _SLOT.pack_into(self._map, other, 0, 0, 0)
            self._map[place + _SLOT.size : place + _SLOT.size + len(content)] = content
            _SLOT.pack_into(self._map, place, step, len(content), zlib.crc32(content))
        self._write_header()

    def _write_header(self) -> None:
        _HEADER.pack_into(self._map, 0, _MAGIC, FORMAT, self._slot_size)

    def stamp(self, boot: str, now: HostNs) -> None:
        """The writer is alive, in this run of the machine."""
        _ALIVE.pack_into(self._map, _ALIVE_AT, _packed(boot), now)

    # Reading

    def find(self) -> Found | None:
        """What a predecessor left; None where there is nothing, or nothing of this format. Writing goes on from it."""
        magic, form, slot_size = _HEADER.unpack_from(self._map, 0)
        fits = _SLOTS_AT + 2 * slot_size <= len(self._map)
        if magic != _MAGIC or form != FORMAT or slot_size < SMALLEST_SLOT or not fits:
            return None
        self._slot_size = slot_size
        latest = self._latest()
        if latest is None:
            return None
        self._step, content = latest
        boot, alive = _ALIVE.unpack_from(self._map, _ALIVE_AT)
        return Found(self._step, content, self._unfinished(), _unpacked(boot), HostNs(alive))

    def _latest(self) -> tuple[int, bytes] | None:
        found = []
        for place in (_SLOTS_AT, _SLOTS_AT + self._slot_size):
            step, length, checksum = _SLOT.unpack_from(self._map, place)
            content = self._map[place + _SLOT.size : place + _SLOT.size + length]
            if step and _SLOT.size + length <= self._slot_size and zlib.crc32(content) == checksum:
                found.append((step, content))
        return max(found, default=None)

    def _unfinished(self) -> Unfinished | None:
        step, at, count = _STEP.unpack_from(self._map, _STEP_AT)
        if step != self._step + 1:
            return None
        fates = self._map[_FATES_AT : _FATES_AT + min(count, MAX_FATES)]
        return Unfinished(HostNs(at), tuple(Fate(fate) for fate in fates))


def _packed(boot: str) -> bytes:
    """A boot id without its dashes."""
    return boot.replace("-", "").encode()[:32]


def _unpacked(boot: bytes) -> str:
    return boot.rstrip(b"\0").decode(errors="replace")
