"""The body of an HTTP answer, decompressed within a bound on what comes out, however little went in.

httpx's own decoders are not used: one compressed chunk of 64 kB can come out as 64 MB before anybody may count.
Never asks what the body means.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable
from dataclasses import dataclass
from typing import Final, TypeAlias

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
            return await _read_plain(chunks, limit)
        case "gzip" | "x-gzip":
            return await _read_gzip(chunks, limit)
        case _:
            return Damaged("compressed in a way that was not asked for")


async def _read_plain(chunks: AsyncIterable[bytes], limit: int) -> Body:
    data = bytearray()
    async for chunk in chunks:
        data += chunk
        if len(data) > limit:
            return TooLarge()
    return bytes(data)


async def _read_gzip(chunks: AsyncIterable[bytes], limit: int) -> Body:
    data = bytearray()
    inflater = zlib.decompressobj(_GZIP_WINDOW)
    async for chunk in chunks:
        try:
            data += inflater.decompress(chunk, limit + 1 - len(data))
        except zlib.error:
            return Damaged("damaged gzip")
        if len(data) > limit:
            return TooLarge()
        if inflater.unused_data:
            return Damaged("gzip with something after its end")
    return bytes(data) if inflater.eof else Damaged("gzip without its end")
