"""The body of an HTTP answer, decompressed within a bound on what comes out, however little went in.

httpx's own decoders are not used: one compressed chunk of 64 kB can come out as 64 MB before anybody may count.
Never asks what the body means.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable
from dataclasses import dataclass
from typing import Final, TypeAlias

import trio

ACCEPTED_ENCODINGS: Final = "gzip"
"""The Accept-Encoding header to send: what `read_body` can undo, beyond none at all."""

_GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class TooLarge:
    """More than the limit; the rest was not read."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """Not what its encoding says. `reason` is for people."""

    reason: str


Body: TypeAlias = bytes | TooLarge | Damaged


async def read_body(chunks: AsyncIterable[bytes], *, encoding: str, limit: int) -> Body:
    """The decoded body of raw `chunks`; `encoding` as the header has it, `limit` in decoded bytes."""
    match encoding.strip().lower():
        case "" | "identity":
            growing: _Plain | _Gzip = _Plain(limit)
        case "gzip" | "x-gzip":
            growing = _Gzip(limit)
        case _:
            return Damaged("compressed in a way that was not asked for")
    trouble: TooLarge | Damaged | None = None
    with trio.CancelScope() as scope:
        async for chunk in chunks:
            trouble = trouble or growing.add(chunk)
            if trouble:
                # Leaving the loop would leave httpx's nested generators to the garbage collector; this ends them.
                scope.cancel()
    return trouble or growing.finished()


class _Plain:
    """A body as it is."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._data = bytearray()

    def add(self, chunk: bytes) -> TooLarge | None:
        self._data += chunk
        return TooLarge() if len(self._data) > self._limit else None

    def finished(self) -> bytes:
        return bytes(self._data)


class _Gzip:
    """A compressed body, inflated as it comes, never by more than one byte beyond the limit."""

    def __init__(self, limit: int) -> None:
        self._plain = _Plain(limit)
        self._room = limit + 1
        self._inflater = zlib.decompressobj(_GZIP_WINDOW)

    def add(self, chunk: bytes) -> TooLarge | Damaged | None:
        try:
            piece = self._inflater.decompress(chunk, self._room)
        except zlib.error:
            return Damaged("damaged gzip")
        self._room -= len(piece)
        if self._inflater.unused_data:
            return Damaged("gzip with something after its end")
        return self._plain.add(piece)

    def finished(self) -> bytes | Damaged:
        return self._plain.finished() if self._inflater.eof else Damaged("gzip without its end")
