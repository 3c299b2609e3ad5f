"""The schedules of a conductor as files beside its journal, named by what is in them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from beatsync.conductor.wire.tables import NOTHING_LOADED, Loaded, as_file, loaded_of, parts_in

SCHEDULE: Final = "conductor.schedule"


class Schedules:
    """The files in one directory.

    Where there is no room for one the show goes on; a successor will have to be told everything anew.
    """

    def __init__(self, directory: Path) -> None:
        """`directory`: one conductor's own."""
        self._directory = directory
        self._coming = Path()
        self._file: BinaryIO | None = None

    def _path(self, digest: str) -> Path:
        return self._directory / f"{SCHEDULE}.{digest}"

    def begin(self, digest: str) -> None:
        """A schedule comes, part by part."""
        self._give_up()
        self._coming = self._path(digest)
        with suppress(OSError):
            self._file = self._coming.with_suffix(".part").open("wb", buffering=0)

    def add(self, part: bytes) -> None:
        """Its next part."""
        if self._file is not None:
            try:
                for piece in as_file([part]):
                    self._file.write(piece)
            except OSError:
                self._give_up()

    def finish(self) -> None:
        """That was all of it."""
        if self._file is not None:
            with suppress(OSError):
                self._coming.with_suffix(".part").replace(self._coming)
            self._give_up()

    def _give_up(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def read(self, digest: str) -> Loaded:
        """The schedule of that digest. Raises OSError where it is not there, others where it is damaged."""
        return loaded_of(digest, parts_in(self._path(digest).read_bytes())) if digest else NOTHING_LOADED

    def keep_only(self, digests: Iterable[str]) -> None:
        """Remove all others."""
        wanted = {self._path(digest) for digest in digests}
        for path in self._directory.glob(f"{SCHEDULE}.*"):
            if path not in wanted:
                path.unlink(missing_ok=True)
