"""What is pushed: one JSON object with a position, or a list of them, read to values. Pure.

Strict: a misspelt key would be a position that never moves. The complaint goes back to who pushed, and shows what it
sent; nothing of it goes into a log.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from beatsync.core.fields import cut, one_line, shown
from beatsync.core.limits import MAX_TRACK_SECONDS
from beatsync.core.observation import TrackHint
from beatsync.core.sender_clock import SenderNs
from beatsync.core.transport import Rate, rate_of
from beatsync.core.units import DurationNs, TrackNs, ns_from_seconds
from beatsync.feeds.push.refusals import Unpushed
from beatsync.web.refusals import Refusal

MAX_BODY_BYTES: Final = 16 * 1024
MAX_POSITIONS: Final = 64
"""In one request."""

_KEYS: Final = ("pos", "playing", "rate", "sent", "jump", "track", "sender")
_TRACK_KEYS: Final = ("id", "file", "title", "artist", "duration")
_EXAMPLE: Final = '{"pos": 12.3, "playing": true, "rate": 1, "sent": 1700000000.125}'
_FASTEST: Final = 16
# Some 30,000 years either way: whatever a clock counts from, it is within.
_LATEST: Final = 10.0**12
_LONGEST_NAME: Final = 256
_LONGEST_SENDER: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """One position. `sent`: by the sender's own clock; `sender`: which of several on one machine."""

    position: TrackNs | None = None
    playing: bool | None = None
    rate: Rate | None = None
    jump: bool = False
    sent: SenderNs | None = None
    track: TrackHint | None = None
    sender: str = ""


def read_push(body: bytes) -> tuple[Pushed, ...]:
    """The positions in a request's body, in its order. Raises Refusal, and nothing else."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise _malformed(f"the body is not JSON; expected {_EXAMPLE}") from None
    entries = value if isinstance(value, list) else [value]
    if not 1 <= len(entries) <= MAX_POSITIONS:
        raise _malformed(f"a list of {len(entries)} positions; expected 1 to {MAX_POSITIONS}")
    return tuple(_pushed(entry) for entry in entries)


def _malformed(message: str) -> Refusal:
    return Refusal(Unpushed.MALFORMED, 400, message)


def _pushed(entry: object) -> Pushed:
    fields = _object(entry, _KEYS, f"expected {_EXAMPLE}")
    if not fields.keys() & {"pos", "playing", "rate", "track"}:
        raise _malformed(f"nothing that says where playback stands; expected {_EXAMPLE}")
    position = _number(fields, "pos", 0, MAX_TRACK_SECONDS, unit="seconds")
    rate = _number(fields, "rate", -_FASTEST, _FASTEST)
    sent = _number(fields, "sent", -_LATEST, _LATEST, unit="seconds of the sender's own clock")
    return Pushed(
        position=None if position is None else TrackNs(ns_from_seconds(position)),
        playing=_flag(fields, "playing"),
        rate=None if rate is None else rate_of(rate),
        jump=_flag(fields, "jump") or False,
        sent=None if sent is None else SenderNs(ns_from_seconds(sent)),
        track=_track(fields.get("track")),
        sender=(_text(fields, "sender") or "")[:_LONGEST_SENDER],
    )


def _object(value: object, keys: tuple[str, ...], expected: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _malformed(f"{shown(value)}; {expected}")
    for key in value:
        if key not in keys:
            near = get_close_matches(key[:_LONGEST_SENDER], keys, n=1, cutoff=0.5)
            remedy = f"did you mean '{near[0]}'?" if near else f"known keys: {', '.join(keys)}"
            raise _malformed(f"unknown key '{cut(key)}' ({remedy})")
    return value


def _number(fields: Mapping[str, object], key: str, low: float, high: float, *, unit: str = "") -> float | None:
    value = fields.get(key)
    if value is None:
        return None
    wanted = f"a number of {unit}" if unit else "a number"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _malformed(f"{key}: expected {wanted}, got {shown(value)}")
    if not low <= value <= high:  # nor is NaN
        hint = "; are these milliseconds? divide by 1000" if key == "pos" and value > high else ""
        raise _malformed(f"{key}: expected {wanted} from {low:g} to {high:g}, got {shown(value)}{hint}")
    return value


def _flag(fields: Mapping[str, object], key: str) -> bool | None:
    value = fields.get(key)
    if value is None or isinstance(value, bool):
        return value
    raise _malformed(f"{key}: expected true or false, got {shown(value)}")


def _text(fields: Mapping[str, object], key: str) -> str | None:
    value = fields.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _malformed(f"{key}: expected text, got {shown(value)}")
    return one_line(value[:_LONGEST_NAME]).strip() or None


def _track(value: object) -> TrackHint | None:
    """A track by its name, or by what its parts are called."""
    if value is None:
        return None
    if isinstance(value, str):
        return TrackHint(title=_text({"track": value}, "track"))
    fields = _object(value, _TRACK_KEYS, 'track: expected its name, or {"id": ..., "title": ..., "artist": ...}')
    duration = _number(fields, "duration", 0, MAX_TRACK_SECONDS, unit="seconds")
    return TrackHint(
        id=_text(fields, "id"),
        file=_text(fields, "file"),
        title=_text(fields, "title"),
        artist=_text(fields, "artist"),
        duration=None if duration is None else DurationNs(ns_from_seconds(duration)),
    )
