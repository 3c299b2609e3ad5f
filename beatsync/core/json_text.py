"""Bytes to the values of a JSON document, stricter than the JSON module: hostile and mistaken files are named as such.

It bounds size, nesting and the number of values before anything is parsed, and knows nothing of tracks.
"""

from __future__ import annotations

import json
import math
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from beatsync.core.fields import Flaw, WrittenNumber, cut, shown
from beatsync.core.limits import MAX_BEATS, MAX_DOCUMENT_BYTES, MAX_DOCUMENT_DEPTH, MAX_SECTIONS

MAX_VALUES: Final = 2 * MAX_BEATS + 2 * 12 * MAX_SECTIONS
"""Beats and downbeats, and two layers of spans with twelve keys each. 8 MB of `[],` would take 800 MB when parsed."""

_BOM: Final = b"\xef\xbb\xbf"
_MEGABYTE: Final = 1024 * 1024
_INTEGER_DIGITS: Final = 20

_OTHER_FORMATS: Final = (
    (b"\x1f\x8b", "a gzip file; unpack it first"),
    (b"PK\x03\x04", "a zip archive; unpack it first"),
    (b"BZh", "a bzip2 file; unpack it first"),
    (b"\xfd7zXZ\x00", "an xz file; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd file; unpack it first"),
    (b"ID3", "an mp3 file; its structure is a JSON document of its own"),
    (b"RIFF", "a wav file; its structure is a JSON document of its own"),
    (b"fLaC", "a flac file; its structure is a JSON document of its own"),
    (b"OggS", "an ogg file; its structure is a JSON document of its own"),
    (b"%PDF", "a PDF file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xfe\x00\x00", "UTF-32 text; save it as UTF-8"),
    (b"\x00\x00\xfe\xff", "UTF-32 text; save it as UTF-8"),
    (b"\xff\xfe", "UTF-16 text; save it as UTF-8"),
    (b"\xfe\xff", "UTF-16 text; save it as UTF-8"),
)

_DELIMITERS: Final = frozenset(b"[]{}")
_NOT_DELIMITERS: Final = bytes(byte for byte in range(256) if byte not in _DELIMITERS)
_STEPS: Final = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
"""Opening goes one down, closing (255, as a signed byte) one up."""


@dataclass(frozen=True, slots=True)
class _Doubled:
    """Stands for an object in which a key appears twice."""

    key: str


def parse_json(data: bytes) -> object:
    """The document's value: dicts, lists, strings, bools, None, ints, finite floats. Raises Flaw, and nothing else."""
    _check_size(data)
    _check_format(data)
    _check_nesting(data)
    return _parsed(data)


def _check_size(data: bytes) -> None:
    if len(data) > MAX_DOCUMENT_BYTES:
        size, most = len(data) / _MEGABYTE, MAX_DOCUMENT_BYTES // _MEGABYTE
        raise Flaw("", f"{size:.1f} MB; at most {most} MB are accepted")
    if data.count(b",") > MAX_VALUES:
        raise Flaw("", f"some {data.count(b','):,} values; at most {MAX_VALUES:,} ({MAX_BEATS:,} beats) are accepted")


def _check_format(data: bytes) -> None:
    for magic, name in _OTHER_FORMATS:
        if data.startswith(magic):
            raise Flaw("", f"not a track document but {name}")
    start = data[:256].removeprefix(_BOM).lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        raise Flaw("", "not JSON but a web page; is a captive portal asking for a login?")
    if start.startswith(b"<"):
        raise Flaw("", "not JSON but markup (XML or HTML)")
    if b"\0" in data[:4]:
        width = "UTF-32" if data[:4].count(0) == 3 else "UTF-16" if data[:4].count(0) == 2 else ""
        raise Flaw("", f"not UTF-8 but {width}; save it as UTF-8" if width else "not JSON but binary data")
    if not data.removeprefix(_BOM).strip():
        raise Flaw("", "empty; expected a JSON document")


def _check_nesting(data: bytes) -> None:
    """Refuse deep nesting by counting brackets outside strings, before the parser descends into them."""
    unescaped = data.replace(rb"\\", b"").replace(rb"\"", b"")
    outside_strings = b"".join(unescaped.split(b'"')[::2])
    steps = array("b", outside_strings.translate(_STEPS, _NOT_DELIMITERS))
    depth = max(accumulate(steps), default=0)
    if depth > MAX_DOCUMENT_DEPTH:
        raise Flaw("", f"nested {depth:,} deep; at most {MAX_DOCUMENT_DEPTH} levels are accepted")


def _decoded(data: bytes) -> str:
    try:
        return data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        offset = error.start + (len(_BOM) if data.startswith(_BOM) else 0)
        raise Flaw("", f"not UTF-8 text at {_position(data, offset)}; save it as UTF-8") from error


def _position(data: bytes, offset: int) -> str:
    line_start = data.rfind(b"\n", 0, offset) + 1
    column = len(data[line_start:offset].removeprefix(_BOM).decode("utf-8", "replace")) + 1
    line = data.count(b"\n", 0, offset) + 1
    return f"line {line}, column {column} (byte {offset})"


class _Values:
    """What the JSON module calls for each number and object; `flawed` once one of them cannot be kept."""

    def __init__(self) -> None:
        self.flawed = False

    def number(self, text: str) -> float:
        """Any number but a short integer; NaN and the infinities too, which the JSON module lets pass."""
        value = float(text)
        if math.isfinite(value):
            return value
        self.flawed = True
        return WrittenNumber(text)

    def integer(self, text: str) -> float:
        """Integers of thousands of digits overflow or take quadratic time; a float holds what matters of them."""
        return int(text) if len(text) <= _INTEGER_DIGITS else self.number(text)

    def object(self, pairs: list[tuple[str, object]]) -> dict[str, object] | _Doubled:
        """An object, unless one of its keys appears twice: then nobody can say which value is meant."""
        values = dict(pairs)
        if len(values) == len(pairs):
            return values
        self.flawed = True
        [(key, _)] = Counter(key for key, _ in pairs).most_common(1)
        return _Doubled(key)


def _parsed(data: bytes) -> object:
    values = _Values()
    text = _decoded(data)
    try:
        document: object = json.loads(
            text,
            parse_float=values.number,
            parse_int=values.integer,
            parse_constant=values.number,
            object_pairs_hook=values.object,
        )
    except json.JSONDecodeError as error:
        raise _not_json(data, text, error) from error
    except RecursionError as error:
        raise Flaw("", "nested too deep") from error
    if values.flawed:
        raise next(_flaws(document, ""))
    return document


def _not_json(data: bytes, text: str, error: json.JSONDecodeError) -> Flaw:
    before = text[: error.pos].encode()
    offset = len(before) + (len(_BOM) if data.startswith(_BOM) else 0)
    truncated = not text[error.pos :].strip() or error.msg.startswith("Unterminated string")
    what = "ends too early, perhaps truncated" if truncated else "not JSON"
    detail = error.msg.removesuffix(" at")
    return Flaw("", f"{what}: {detail[:1].lower()}{detail[1:]} at {_position(data, offset)}")


def _flaws(value: object, place: str) -> Iterator[Flaw]:
    """What cannot be kept of a document, in its order, with the path of each."""
    match value:
        case _Doubled():
            yield Flaw(place, f'key "{cut(value.key)}" appears twice; expected once')
        case WrittenNumber():
            yield Flaw(place, f"expected a finite number, got {shown(value)}")
        case list():
            for index, element in enumerate(value):
                yield from _flaws(element, f"{place}[{index}]")
        case dict():
            for key, element in value.items():
                yield from _flaws(element, _below(place, key))


def _below(place: str, key: str) -> str:
    if key.isidentifier() and key.isprintable() and len(key) <= 40:
        return f"{place}.{key}" if place else key
    return f'{place}["{cut(key)}"]'
