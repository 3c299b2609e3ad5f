"""What happens to decks, for people and for other programs: a log writes it, the API streams it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from beatsync.core.units import HostNs


@dataclass(frozen=True, slots=True)
class News:
    """One thing that happened. `event` is its kind, `text` for people, `fields` for programs; JSON-safe values."""

    at: HostNs
    event: str
    text: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    grave: bool = False


Tell: TypeAlias = Callable[[News], None]
