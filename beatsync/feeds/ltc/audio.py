"""Sound as it comes, with the instants at which it was captured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from beatsync.core.units import HostNs


@dataclass(frozen=True, slots=True)
class Block:
    """Samples of one channel, 8 bits each, unsigned: what libltc looks at.

    `end`: when the last of them was captured; `gap`: some were lost before the first.
    """

    samples: bytes
    end: HostNs
    gap: bool = False


class Audio(Protocol):
    """An input, made from the configuration."""

    @property
    def name(self) -> str:
        """What people call it; all of it once `begin` is done."""
        ...

    async def begin(self) -> int:
        """Open it; returns how many samples a second has. Raises FeedTrouble where it is not there."""
        ...

    async def block(self) -> Block:
        """The next samples; waits until there are some. Raises FeedTrouble where there will be no more."""
        ...

    async def close(self) -> None:
        """Hear nothing more; also where `begin` failed."""
        ...
