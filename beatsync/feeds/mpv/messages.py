"""mpv's JSON protocol: lines to values and commands to lines. Whatever a line holds, at worst it is nothing.

Source: mpv's manual, "JSON IPC"; what its values look like was seen with mpv 0.35.1.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeGuard

from beatsync.core.fields import Flaw, one_line
from beatsync.core.json_text import parse_json
from beatsync.core.limits import MAX_TRACK_SECONDS
from beatsync.core.transport import Rate, rate_of
from beatsync.core.units import DurationNs, TrackNs, ns_from_seconds

MAX_LINE_BYTES: Final = 64 * 1024
MAX_TEXT_CHARACTERS: Final = 1024

NO_MESSAGE: Final = "a line that is no message of mpv's"
TOO_LONG: Final = "a line that is too long"
TOO_SLOW: Final = "a position that came too slowly to be dated"
NO_POSITION: Final = "a position that is not a number, or lies outside any track"
NO_VALUE: Final = "a property with a value that makes no sense"

_LONGEST_LEAD_IN: Final = 10
"""Seconds below zero. A file's position starts there while the end of the last one is still in the sound card."""
_REQUEST: Final = re.compile(rb'"request_id":([0-9]{1,18})\b')
_HUGE: Final = 1e15
_RATES: Final = (0.01, 100)
_FRAME_RATES: Final = (1, 1000)


class Unreadable(ValueError):
    """A value that makes no sense. The text is one of a few reasons, and holds nothing of the value."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened. `entry`: of the playlist, at the start of a file; `reason`: why a file ended."""

    name: str
    entry: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Property:
    """A property has this value now; None where it has none."""

    name: str
    value: object


@dataclass(frozen=True, slots=True)
class Answer:
    """To the command with this number; `value` is None where it failed or there is none."""

    request: int
    value: object


Message: TypeAlias = Event | Property | Answer


def parse_message(line: bytes) -> Message | None:
    """The message in a line, or None where there is none that mpv would send. Names of files need not be UTF-8.

    An answer of which only the number can be read is one with a value that makes no sense: nobody has to wait for it.
    """
    try:
        fields = parse_json(line.decode(errors="replace").encode())
    except Flaw:
        found = _REQUEST.search(line)
        return Answer(int(found[1]), math.nan) if found else None
    if not isinstance(fields, dict):
        return None
    event, name, request = fields.get("event"), fields.get("name"), fields.get("request_id")
    if event == "property-change":
        return Property(name, fields.get("data")) if isinstance(name, str) else None
    if isinstance(event, str):
        entry, reason = fields.get("playlist_entry_id"), fields.get("reason")
        return Event(event, entry if _is_integer(entry) else None, reason if isinstance(reason, str) else None)
    if _is_integer(request):
        return Answer(request, fields.get("data") if fields.get("error") == "success" else None)
    return None


def command(request: int, *words: str | int) -> bytes:
    """A command as a line; `request` comes back in the answer."""
    return json.dumps({"command": words, "request_id": request}).encode() + b"\n"


def position_of(value: object) -> TrackNs | None:
    """A position in seconds; None where there is none. Raises Unreadable."""
    if value is None:
        return None
    seconds = _number(value, NO_POSITION)
    if not -_LONGEST_LEAD_IN <= seconds <= MAX_TRACK_SECONDS:
        raise Unreadable(NO_POSITION)
    return TrackNs(ns_from_seconds(seconds))


def rate_in(value: object) -> Rate:
    """A speed. Raises Unreadable."""
    speed = _number(value, NO_VALUE)
    if not _RATES[0] <= speed <= _RATES[1]:
        raise Unreadable(NO_VALUE)
    return rate_of(speed)


def duration_of(value: object) -> DurationNs | None:
    """A length in seconds; None where none is known, as of a stream. Raises Unreadable."""
    position = position_of(value)
    return DurationNs(position) if position is not None and position > 0 else None


def frame_of(value: object) -> DurationNs | None:
    """How long a frame lasts, from so many of them a second; None where that is not known. Raises Unreadable."""
    if value is None:
        return None
    frames = _number(value, NO_VALUE)
    if not _FRAME_RATES[0] <= frames <= _FRAME_RATES[1]:
        return None
    return DurationNs(ns_from_seconds(1 / frames))


def flag_of(value: object) -> bool:
    """A yes or a no; no where there is none. Raises Unreadable."""
    if value is None:
        return False
    if not isinstance(value, bool):
        raise Unreadable(NO_VALUE)
    return value


def text_of(value: object) -> str | None:
    """A text for people, on one line and of bounded length; None where there is none. Raises Unreadable."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise Unreadable(NO_VALUE)
    return one_line(value[:MAX_TEXT_CHARACTERS]) or None


def _number(value: object, reason: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _HUGE:
        raise Unreadable(reason)
    return value


def _is_integer(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
