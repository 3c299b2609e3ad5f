"""What a feed's pure part makes of what came: a reading, or something that is none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from beatsync.core.observation import Observation
from beatsync.feeds.feed import Listener


@dataclass(frozen=True, slots=True)
class Ignored:
    """Something that came and is no reading. `reason` is one of a few fixed texts: nothing from outside is in it."""

    reason: str


Reading: TypeAlias = Observation | Ignored


def tell(listener: Listener, readings: Iterable[Reading]) -> None:
    """Pass on what was read, in order."""
    for reading in readings:
        if isinstance(reading, Observation):
            listener.observe(reading)
        else:
            listener.ignore(reading.reason)
