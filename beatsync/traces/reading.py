"""Reading a trace: bytes to values, with the line's number in every complaint."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from beatsync.core.units import HostNs
from beatsync.decks.record import Entry
from beatsync.errors import TraceError
from beatsync.regular_files import Contents, Unread, read_regular_file
from beatsync.traces.lines import VERSION, CueLine, EndLine, Line, LostLine, TraceLine, entry_of

MAX_TRACE_BYTES: Final = 512 * 1024**2
"""A day of one deck that is told its position thirty times a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One session. `end`: when it was over, or the last thing in it; `lost`: so many lines are missing.

    `cut_off`: its last line was not whole, as after a crash.
    """

    start: TraceLine
    entries: tuple[Entry, ...]
    cues: tuple[CueLine, ...]
    end: HostNs
    lost: int = 0
    cut_off: bool = False


def read_trace(path: Path, *, session: int = -1) -> Trace:
    """A session of a trace file: the last one, or by its number from 1. Raises TraceError."""
    match read_regular_file(path, limit=MAX_TRACE_BYTES):
        case Contents(data=data):
            return parse_trace(data, source=str(path), session=session)
        case Unread(reason=reason):
            raise TraceError(f"{path}: {reason}; expected a trace that beatsync run --record has written")


def parse_trace(data: bytes, *, source: str, session: int = -1) -> Trace:
    """The same of bytes. `source`: what people call them."""
    *whole, rest = data.split(b"\n")
    starts = [number for number, line in enumerate(whole) if line.startswith(_START)]
    if not starts or starts[0] != 0:
        raise TraceError(f"{source}: this is no trace of beatsync; write one with beatsync run CONFIG --record FILE")
    number = len(starts) if session == -1 else session
    if not 1 <= number <= len(starts):
        raise TraceError(f"{source}: session {session}: there are {len(starts)}; the last one is taken by itself")
    first = starts[number - 1]
    last = starts[number] if number < len(starts) else len(whole)
    lines = _decoded(whole[first:last], source=source, offset=first)
    return _session(lines, source=source, first=first, cut_off=bool(rest) and last == len(whole))


_START: Final = b'{"type":"trace"'


def _decoded(lines: Iterable[bytes], *, source: str, offset: int) -> list[Line]:
    decoder = msgspec.json.Decoder(Line)
    decoded: list[Line] = []
    for number, line in enumerate(lines, offset + 1):
        try:
            decoded.append(decoder.decode(line))
        except msgspec.MsgspecError as error:
            raise TraceError(f"{source}:{number}: {_lower(str(error))}; the trace is damaged") from error
    return decoded


def _session(lines: list[Line], *, source: str, first: int, cut_off: bool) -> Trace:
    start = lines[0]
    assert isinstance(start, TraceLine)
    if start.version != VERSION:
        raise TraceError(f"{source}: a trace of version {start.version}; this beatsync reads version {VERSION}")
    entries: list[Entry] = []
    cues: list[CueLine] = []
    lost, end = 0, start.at
    for number, line in enumerate(lines[1:], first + 2):
        match line:
            case CueLine():
                cues.append(line)
            case LostLine():
                lost += line.lines
            case EndLine():
                end = max(end, line.at)
            case TraceLine():
                raise AssertionError
            case _:
                entries.append(_entry(line, f"{source}:{number}"))
                end = max(end, line.at)
    return Trace(start=start, entries=tuple(entries), cues=tuple(cues), end=end, lost=lost, cut_off=cut_off)


def _entry(line: Any, place: str) -> Entry:
    try:
        return entry_of(line)
    except (ValueError, msgspec.MsgspecError) as error:
        raise TraceError(f"{place}: {_lower(str(error))}; the trace is damaged") from error


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
