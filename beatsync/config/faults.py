"""What is wrong with a file's text itself, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in the text; lines and columns count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong with the text itself. `place`: None where it is about the whole."""

    place: Place | None
    message: str
