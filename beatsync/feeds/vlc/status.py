"""What VLC's /requests/status.json says, as values of our own. Pure.

Fields as VLC 3.0 has them (share/lua/intf/modules/httprequests.lua): `state`, `position` (0 to 1), `time` and `length`
(whole seconds, rounded down), `rate`, `repeat`, `currentplid`, `information.category.meta`, `version`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Never

from beatsync.core.fields import one_line
from beatsync.core.limits import MAX_TRACK_SECONDS
from beatsync.core.observation import TrackHint
from beatsync.core.transport import Rate, rate_of
from beatsync.core.units import NS_PER_SECOND, DurationNs
from beatsync.feeds.polled_player import LEAST_RATE, MOST_RATE, Status

NOT_JSON: Final = "an answer that is not JSON"
NOT_A_STATUS: Final = "an answer that is not VLC's status"
BAD_POSITION: Final = "a position, time or length that is no number, or out of range"
BAD_RATE: Final = "a rate that is no number from 0.01 to 100"

_STATES: Final = {"playing": Status.PLAYING, "paused": Status.PAUSED, "stopped": Status.STOPPED}
_LONGEST_TEXT: Final = 256
_LONGEST_NAME: Final = 4_096


class Unreadable(Exception):
    """No status; the text is one of the reasons above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VlcStatus:
    """One answer. `place`: position and time, None where VLC has none; `length`: 0 where it is not known.

    `unread`: what else could not be made sense of, in fixed words.
    """

    status: Status
    place: tuple[float, int] | None
    length: int
    rate: Rate | None
    track: TrackHint | None
    repeats: bool
    version: str
    unread: tuple[str, ...]


def parse_status(body: bytes) -> VlcStatus:
    """What an answer says. Raises Unreadable."""
    try:
        said = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Unreadable(NOT_JSON) from None
    status = _STATES.get(state) if isinstance(said, dict) and isinstance(state := said.get("state"), str) else None
    if status is None:
        raise Unreadable(NOT_A_STATUS)
    unread: list[str] = []
    length = _seconds(said.get("length"))
    return VlcStatus(
        status=status,
        place=_place(said, status, unread),
        length=length or 0,
        rate=_rate(said.get("rate"), unread),
        track=_track(said, length or 0),
        repeats=said.get("repeat") is True,
        version=one_line(str(said.get("version", ""))[:40]),
        unread=tuple(unread),
    )


def _no_number(name: str) -> Never:
    raise ValueError(name)


def _place(said: Mapping[str, object], status: Status, unread: list[str]) -> tuple[float, int] | None:
    if status is Status.STOPPED:
        return None
    fraction, time = _number(said.get("position")), _seconds(said.get("time"))
    if fraction is None or not 0 <= fraction <= 1 or time is None:
        unread.append(BAD_POSITION)
        return None
    return fraction, time


def _seconds(value: object) -> int | None:
    """Whole seconds; -1 is how VLC says that it does not know."""
    seconds = _number(value)
    return int(seconds) if seconds is not None and 0 <= seconds <= MAX_TRACK_SECONDS else None


def _rate(value: object, unread: list[str]) -> Rate | None:
    ratio = _number(value)
    rate = rate_of(ratio) if ratio is not None and abs(ratio) <= 1_000 else None
    if rate is not None and LEAST_RATE <= rate <= MOST_RATE:
        return rate
    if value is not None:
        unread.append(BAD_RATE)
    return None


def _track(said: Mapping[str, object], length: int) -> TrackHint | None:
    meta: object = said
    for key in ("information", "category", "meta"):
        meta = meta.get(key) if isinstance(meta, Mapping) else None
    if not isinstance(meta, Mapping):
        return None
    number = said.get("currentplid")
    return TrackHint(
        id=str(number) if type(number) is int and 0 <= number < 2**31 else None,
        file=_text(meta.get("filename"), _LONGEST_NAME),
        title=_text(meta.get("title")),
        artist=_text(meta.get("artist")),
        duration=DurationNs(length * NS_PER_SECOND) if length else None,
    )


def _text(value: object, longest: int = _LONGEST_TEXT) -> str | None:
    return (one_line(value[:longest]).strip() or None) if isinstance(value, str) else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return None if isinstance(value, float) and not math.isfinite(value) else value
