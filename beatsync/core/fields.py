"""Reading the fields of a parsed document: typed, with the path of the field in every complaint.

It knows values and paths, never what a field means.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from typing import Final

from beatsync.core.limits import MAX_TRACK_SECONDS
from beatsync.core.notes import Note
from beatsync.core.units import ns_from_seconds

SHOWN_CHARACTERS: Final = 40
NOTES_OF_A_KIND: Final = 8
"""Beyond these the rest of a kind are counted: ten thousand damaged sections are one fact."""


class Flaw(Exception):
    """What is wrong with a document, and where; `core.document`, which knows the source, makes it a TrackError."""

    def __init__(self, place: str, message: str) -> None:
        """`place`: a path such as `sections[3].start`, or empty when it is about the whole."""
        super().__init__(f"{place}: {message}" if place else message)


class WrittenNumber(float):
    """A number that no float can hold, with the text that stands in the document for it."""

    def __init__(self, text: str) -> None:
        """`text`: as in the document: `NaN`, `1e999`."""
        self.text: Final = text


class Remarks:
    """Collects notes on a document; of one kind the first few are kept and the rest counted."""

    def __init__(self) -> None:
        self._notes: list[Note] = []
        self._seen: Counter[tuple[str, str]] = Counter()

    def add(self, place: str, message: str, *, kind: str = "") -> None:
        """`kind`: what is amiss with an element, for what many elements of a list may have: `an overlap`."""
        if kind:
            part = place.partition("[")[0]
            self._seen[part, kind] += 1
            if self._seen[part, kind] > NOTES_OF_A_KIND:
                return
        self._notes.append(Note(place, message))

    def notes(self) -> tuple[Note, ...]:
        """All that was kept, in the order of discovery, then what was only counted."""
        rest = (
            Note(part, f"{count - NOTES_OF_A_KIND} more with {kind}")
            for (part, kind), count in self._seen.items()
            if count > NOTES_OF_A_KIND
        )
        return (*self._notes, *rest)


def one_line(text: str) -> str:
    """The text with everything that could move a terminal's cursor or break a log's line replaced."""
    return text if text.isprintable() else "".join(char if char.isprintable() else "\ufffd" for char in text)


def cut(text: str) -> str:
    """The text on one line, shortened for a message."""
    return one_line(text[:SHOWN_CHARACTERS]) + ("…" if len(text) > SHOWN_CHARACTERS else "")


def shown(value: object) -> str:
    """A value of a document as a message shows it: short, on one line, and named by its JSON type where that helps."""
    match value:
        case str():
            return f'text "{cut(value)}"'
        case list():
            return f"a list of {len(value)}"
        case WrittenNumber():
            return cut(value.text)
        case None | bool() | int() | float():
            return cut(json.dumps(value))
        case _:
            return "an object"


def number_of(value: object, place: str, *, expected: str = "a number") -> float:
    """`value` if it is a number (true and "3" are none); raises Flaw."""
    if type(value) is float or type(value) is int:
        return value
    raise Flaw(place, f"expected {expected}, got {shown(value)}")


def nanoseconds_of(value: object, place: str) -> int:
    """A number of seconds as nanoseconds, of either sign; raises Flaw beyond a day, where seconds are not meant."""
    seconds = number_of(value, place, expected="a number of seconds")
    if not -MAX_TRACK_SECONDS <= seconds <= MAX_TRACK_SECONDS:
        hint = "; are these milliseconds?" if math.isfinite(seconds) and seconds > 0 else ""
        raise Flaw(place, f"expected at most {MAX_TRACK_SECONDS} seconds (24 hours), got {shown(value)}{hint}")
    return ns_from_seconds(seconds)


def text_of(value: object, place: str) -> str | None:
    """`value` if it is text, None for null; raises Flaw."""
    if value is None or isinstance(value, str):
        return value
    raise Flaw(place, f"expected text or null, got {shown(value)}")


def list_of(value: object, place: str, *, most: int) -> list[object]:
    """`value` if it is a list of at most `most`, an empty list for null; raises Flaw."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Flaw(place, f"expected a list, got {shown(value)}")
    if len(value) > most:
        raise Flaw(place, f"{len(value):,} elements; at most {most:,} are accepted")
    return value


def object_of(value: object, place: str) -> Mapping[str, object]:
    """`value` if it is an object; raises Flaw."""
    if not isinstance(value, dict):
        raise Flaw(place, f"expected an object, got {shown(value)}")
    return value


def required(fields: Mapping[str, object], key: str, place: str) -> object:
    """The value of a key that must be there; raises Flaw where it is not."""
    if key not in fields:
        raise Flaw(f"{place}.{key}", "missing")
    return fields[key]
