"""What a player's properties say (MPRIS 2.2, org.mpris.MediaPlayer2.Player), as values of our own. Pure.

Types are those that players send, which are not always those of the specification: lengths come signed, unsigned and
as floats, artists as one text. Everything is bounded, and text is on one line.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote, urlsplit

from beatsync.core.fields import one_line
from beatsync.core.limits import MAX_TRACK_SECONDS
from beatsync.core.observation import TrackHint
from beatsync.core.transport import Rate, rate_of
from beatsync.core.units import DurationNs, TrackNs
from beatsync.feeds.polled_player import LEAST_RATE, MOST_RATE, Snapshot, Status

BAD_STATUS: Final = "a PlaybackStatus that is none of Playing, Paused and Stopped"
BAD_POSITION: Final = "a Position that is no number of microseconds"
BAD_RATE: Final = "a Rate that is no number from 0.01 to 100"
BAD_METADATA: Final = "Metadata that is no mapping"
BAD_LENGTH: Final = "an mpris:length that is no number of microseconds"

NO_TRACK: Final = frozenset({"/org/mpris/MediaPlayer2/TrackList/NoTrack", "/noplaylist"})
"""What stands for no track at all: by the specification, and in mpv-mpris."""

_NS_PER_US: Final = 1_000
_FARTHEST_US: Final = MAX_TRACK_SECONDS * 1_000_000
_LONGEST_TEXT: Final = 256
_LONGEST_PATH: Final = 4_096
_MOST_ARTISTS: Final = 8
_STATUSES: Final = {"Playing": Status.PLAYING, "Paused": Status.PAUSED, "Stopped": Status.STOPPED}


def snapshot_of(properties: object) -> Snapshot:
    """What GetAll, or some of its properties, says: a mapping of names to variants, as pairs of signature and value."""
    if not isinstance(properties, Mapping):
        return Snapshot()
    unread: list[str] = []
    loops = _value(properties, "LoopStatus")
    return Snapshot(
        status=_status(_value(properties, "PlaybackStatus"), unread),
        position=_position(_value(properties, "Position"), unread),
        rate=_rate(_value(properties, "Rate"), unread),
        track=_track(_value(properties, "Metadata"), unread),
        loops=loops == "Track" if isinstance(loops, str) else None,
        unread=tuple(unread),
    )


def plain(variant: object) -> object:
    """What is in a variant; None for what is none."""
    match variant:
        case (str(), value):
            return value
        case _:
            return None


def _value(properties: Mapping[object, object], key: str) -> object:
    return plain(properties.get(key))


def _status(value: object, unread: list[str]) -> Status | None:
    status = _STATUSES.get(value) if isinstance(value, str) else None
    if status is None and value is not None:
        unread.append(BAD_STATUS)
    return status


def _position(value: object, unread: list[str]) -> TrackNs | None:
    microseconds = _number(value)
    if microseconds is None or abs(microseconds) > 2 * _FARTHEST_US:
        if value is not None:
            unread.append(BAD_POSITION)
        return None
    return TrackNs(round(microseconds * _NS_PER_US))


def _rate(value: object, unread: list[str]) -> Rate | None:
    ratio = _number(value)
    rate = rate_of(ratio) if ratio is not None and abs(ratio) <= 1_000 else None
    if rate is not None and LEAST_RATE <= rate <= MOST_RATE:
        return rate
    if value is not None:
        unread.append(BAD_RATE)
    return None


def _track(value: object, unread: list[str]) -> TrackHint | None:
    if not isinstance(value, Mapping):
        if value is not None:
            unread.append(BAD_METADATA)
        return None
    identity = _text(_value(value, "mpris:trackid"), _LONGEST_PATH)
    if identity in NO_TRACK:
        return None
    hint = TrackHint(
        id=identity,
        file=_file(_value(value, "xesam:url")),
        title=_text(_value(value, "xesam:title")),
        artist=_artist(_value(value, "xesam:artist")),
        duration=_duration(_value(value, "mpris:length"), unread),
    )
    return None if hint == TrackHint() else hint


def _duration(value: object, unread: list[str]) -> DurationNs | None:
    microseconds = _number(value)
    if microseconds is None or not 0 <= microseconds <= _FARTHEST_US:
        if value is not None:
            unread.append(BAD_LENGTH)
        return None
    return DurationNs(round(microseconds * _NS_PER_US)) or None  # 0 is how players say that they do not know


def _artist(value: object) -> str | None:
    names = value[:_MOST_ARTISTS] if isinstance(value, list | tuple) else [value]
    return _text(", ".join(name[:_LONGEST_TEXT] for name in names if isinstance(name, str)))


def _file(url: object) -> str | None:
    """The path of a file: URL; other URLs name no file."""
    if not isinstance(url, str) or len(url) > 3 * _LONGEST_PATH:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    path = unquote(parts.path, errors="replace") if parts.scheme == "file" else ""
    return path if path.startswith("/") and "\0" not in path and len(path) <= _LONGEST_PATH else None


def _text(value: object, longest: int = _LONGEST_TEXT) -> str | None:
    if not isinstance(value, str):
        return None
    return one_line(value[:longest]).strip() or None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return None if isinstance(value, float) and not math.isfinite(value) else value
