"""The schedules of a conductor as files beside its journal, named by what is in them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from beatsync.conductor.wire.tables import NOTHING_LOADED, Loaded, loaded_of

SCHEDULE: Final = "conductor.schedule"


class Schedules:
    """The files in one directory."""

    def __init__(self, directory: Path) -> None:
        """`directory`: one conductor's own."""
        self._directory = directory

    def _path(self, digest: str) -> Path:
        return self._directory / f"{SCHEDULE}.{digest}"

    def write(self, loaded: Loaded) -> None:
        """Keep a schedule, unless it is there already.

        Where there is no room for it the show goes on; a successor will have to be told everything anew.
        """
        path = self._path(loaded.digest)
        with suppress(OSError):
            if loaded.digest and not path.exists():
                part = path.with_suffix(".part")
                part.write_bytes(loaded.table)
                part.replace(path)

    def read(self, digest: str) -> Loaded:
        """The schedule of that digest. Raises OSError where it is not there, others where it is damaged."""
        return loaded_of(digest, self._path(digest).read_bytes()) if digest else NOTHING_LOADED

    def keep_only(self, digests: Iterable[str]) -> None:
        """Remove all others."""
        wanted = {self._path(digest) for digest in digests}
        for path in self._directory.glob(f"{SCHEDULE}.*"):
            if path not in wanted:
                path.unlink(missing_ok=True)
