"""The texts of the files that are in force, to be kept: what a show goes on from whose files are broken by its restart.

Nothing secret is in them: keys, passwords and tokens have files or variables of their own, which are read anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from beatsync.core.units import WallNs

MOST_BYTES: Final = 1024 * 1024
"""Of one show. A configuration has at most a quarter of that; the document of the demo, 95 s, has 6,380 bytes."""

Texts: TypeAlias = Mapping[str, bytes]
"""By the files' absolute paths."""


@dataclass(frozen=True, slots=True)
class KeptTexts:
    """Texts as they were put into force at the instant `since`."""

    since: WallNs
    texts: Texts

    def of(self, path: Path) -> bytes | None:
        """The text of a file; None where it is not kept."""
        return self.texts.get(str(path.absolute()))


def written(texts: Texts) -> bytes:
    """Texts as one, for the database."""
    return msgspec.msgpack.encode(texts)


def read(blob: object) -> Texts | None:
    """The texts again; None for what is none."""
    try:
        return msgspec.msgpack.decode(blob, type=dict[str, bytes]) if isinstance(blob, bytes) else None
    except (msgspec.MsgspecError, RecursionError):
        return None
