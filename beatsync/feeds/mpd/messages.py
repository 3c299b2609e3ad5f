"""MPD's protocol: lines to values. Whatever a line holds, the worst that it can be is ignored.

Source: MPD's manual, "Protocol"; what its values look like was seen with MPD 0.23.12.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from beatsync.core.fields import one_line
from beatsync.core.limits import MAX_TRACK_SECONDS
from beatsync.core.observation import TrackHint
from beatsync.core.units import NS_PER_SECOND, DurationNs, TrackNs, ns_from_seconds

MAX_LINE_BYTES: Final = 16 * 1024
MAX_PAIRS: Final = 500
"""So much of an answer is kept; what is asked for here has some twenty."""
MAX_TEXT_CHARACTERS: Final = 1024

NO_STATUS: Final = "a status without a state that MPD has"
NO_POSITION: Final = "a position that is not a number, or lies outside any track"
TOO_LONG: Final = "a line that is too long"
TOO_SLOW: Final = "a position that came too slowly to be dated"

WRONG_PASSWORD: Final = 3
NO_PERMISSION: Final = 4
"""Codes of refusals (src/protocol/Ack.hxx)."""

IDLE: Final = b"idle player options\n"
STATUS: Final = b"status\n"
CURRENT_SONG: Final = b"currentsong\n"
OUTPUTS: Final = b"outputs\n"

_GREETING: Final = re.compile(rb"OK MPD ([0-9]{1,4}(?:\.[0-9]{1,4}){1,3})\b")
_REFUSAL: Final = re.compile(rb"ACK \[([0-9]{1,6})@")
_SECONDS: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?\Z")
_FORMAT: Final = re.compile(r"([1-9][0-9]{0,6}):(8|16|24|32|f):([1-9][0-9]?)\Z")
_BYTES_OF: Final = {"8": 1, "16": 2, "24": 4, "32": 4, "f": 4}
_CHUNK_BYTES: Final = 4096
"""What MPD hands to its output at a time (src/MusicChunk.hxx); its position moves by so much."""


class Unreadable(ValueError):
    """A value that makes no sense. The text is one of a few reasons, and holds nothing of the value."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """MPD does not do what it was asked; of its words only the code is kept."""

    code: int


Pairs: TypeAlias = tuple[tuple[str, str], ...]
Reply: TypeAlias = Pairs | Refusal


class State(StrEnum):
    """What MPD is doing."""

    PLAY = "play"
    PAUSE = "pause"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Status:
    """An answer to `status`. `length`: of the song; `quantum`: the steps in which `elapsed` moves; where known."""

    state: State
    song: str | None = None
    elapsed: TrackNs | None = None
    length: DurationNs | None = None
    quantum: DurationNs | None = None


class Replies:
    """Lines of one connection to replies."""

    def __init__(self) -> None:
        self._pairs: list[tuple[str, str]] = []

    def take(self, line: bytes) -> Reply | None:
        """The reply that `line` completes. What is neither a pair nor an end is passed over."""
        if line == b"OK":
            pairs, self._pairs = tuple(self._pairs), []
            return pairs
        if refusal := _REFUSAL.match(line):
            self._pairs = []
            return Refusal(int(refusal[1]))
        key, colon, value = line.decode(errors="replace").partition(": ")
        if colon and len(self._pairs) < MAX_PAIRS:
            self._pairs.append((key, value))
        return None


def version_in(line: bytes) -> str | None:
    """The version in MPD's greeting; None if it is none."""
    greeting = _GREETING.match(line)
    return greeting[1].decode() if greeting else None


def password_command(password: str) -> bytes:
    """The command that gives a password, which holds no line break."""
    quoted = password.replace("\\", "\\\\").replace('"', '\\"')
    return f'password "{quoted}"\n'.encode()


def status_in(pairs: Pairs) -> Status:
    """A status. Raises Unreadable."""
    fields = dict(pairs)
    state = fields.get("state", "")
    if state not in set(State):
        raise Unreadable(NO_STATUS)
    elapsed = _seconds(fields.get("elapsed"))
    return Status(
        State(state),
        _text(fields.get("songid")),
        None if elapsed is None else TrackNs(elapsed),
        _length(fields),
        quantum_of(fields.get("audio", "")),
    )


def song_in(pairs: Pairs) -> TrackHint | None:
    """The current song; None where there is none. Of a tag with many values the first is taken."""
    fields = dict(reversed(pairs))
    file = _text(fields.get("file"))
    if file is None:
        return None
    return TrackHint(
        id=_text(fields.get("Id")),
        file=file,
        title=_text(fields.get("Title")) or _text(fields.get("Name")),
        artist=_text(fields.get("Artist")),
        duration=_length(fields),
    )


def outputs_in(pairs: Pairs) -> tuple[str, ...]:
    """The plugins of the outputs that are enabled: `alsa`."""
    found: list[str] = []
    plugin = ""
    for key, value in pairs:
        if key == "plugin":
            plugin = one_line(value[:20])
        elif key == "outputenabled" and value == "1" and plugin:
            found.append(plugin)
    return tuple(found)


def quantum_of(audio: str) -> DurationNs | None:
    """The steps in which the position moves, for a format (`44100:16:2`: 23.2 ms); None for one of another kind."""
    found = _FORMAT.match(audio)
    if found is None:
        return None
    rate, bits, channels = found.groups()
    return DurationNs(_CHUNK_BYTES * NS_PER_SECOND // (_BYTES_OF[bits] * int(channels) * int(rate)))


def _seconds(text: str | None) -> int | None:
    """Nanoseconds. Raises Unreadable."""
    if text is None:
        return None
    if not _SECONDS.match(text) or float(text) > MAX_TRACK_SECONDS:
        raise Unreadable(NO_POSITION)
    return ns_from_seconds(float(text))


def _length(fields: dict[str, str]) -> DurationNs | None:
    """What is no length is not known: nothing depends on it."""
    text = fields.get("duration", "")
    return DurationNs(ns_from_seconds(float(text))) if _SECONDS.match(text) and float(text) else None


def _text(text: str | None) -> str | None:
    """A text for people, on one line and of bounded length; None where there is none."""
    return None if not text else one_line(text[:MAX_TEXT_CHARACTERS])
