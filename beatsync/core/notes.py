"""A note: something a person should know about an input that was accepted all the same."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """One warning. `place` is a path into the document (`beat_grid.times[17]`), or empty when it is about the whole."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message
