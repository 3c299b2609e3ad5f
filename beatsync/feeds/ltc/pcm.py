"""Samples in bytes: what a WAV header says of them, and one channel of them as libltc wants it. Pure."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from beatsync.config.feeds.ltc import RawPcm

MOST_HEADER_BYTES: Final = 64 * 1024

_CHUNK: Final = struct.Struct("<4sI")
_FORMAT: Final = struct.Struct("<HHIIHH")
_PCM, _EXTENSIBLE = 1, 0xFFFE
_EXTENSIBLE_PCM: Final = slice(24, 26)
_RATES: Final = range(8_000, 192_001)
_UNSIGNED: Final = bytes(value ^ 0x80 for value in range(256))
"""Signed to unsigned, for the highest byte of a sample."""


class PcmError(ValueError):
    """Sound that cannot be used; the text says why, and what can."""


@dataclass(frozen=True, slots=True)
class WavHeader:
    """What stands before the samples, and how many bytes it takes."""

    pcm: RawPcm
    length: int


def parse_wav(data: bytes) -> WavHeader | None:
    """The header at the start of `data`; None where it goes on beyond it. Raises PcmError.

    How long the samples are it may say or not: a pipe's writer does not know, and the end of the file is the end.
    """
    if len(data) < 12:
        return None
    if data[:4] not in {b"RIFF", b"RF64"} or data[8:12] != b"WAVE":
        raise PcmError("is no WAV file; convert it with sox, or say what is in it with raw")
    pcm: RawPcm | None = None
    offset = 12
    while len(data) >= offset + _CHUNK.size:
        kind, size = _CHUNK.unpack_from(data, offset)
        offset += _CHUNK.size
        if kind == b"data":
            if pcm is None:
                raise PcmError("has samples before it says what they are; write it again with sox")
            return WavHeader(pcm, offset)
        if kind == b"fmt ":
            if len(data) < offset + size:
                break
            pcm = _pcm(data[offset : offset + size])
        offset += size + size % 2
    if max(offset, len(data)) > MOST_HEADER_BYTES:
        raise PcmError("has no samples in its first 64 KiB; write it again with sox")
    return None


def _pcm(chunk: bytes) -> RawPcm:
    if len(chunk) < _FORMAT.size:
        raise PcmError("has a damaged header; write it again with sox")
    tag, channels, rate, _, _, bits = _FORMAT.unpack_from(chunk)
    if tag == _EXTENSIBLE:
        tag = int.from_bytes(chunk[_EXTENSIBLE_PCM], "little")
    if tag != _PCM or bits not in {8, 16, 24, 32}:
        raise PcmError("has samples that are no whole numbers; convert it: sox IN.wav -b 16 OUT.wav")
    if rate not in _RATES or not channels:
        raise PcmError(f"has {channels} channels at {rate} samples a second; expected 8000 to 192000 of at least one")
    return RawPcm(rate, channels, bits)


def channel_of(data: bytes, pcm: RawPcm, channel: int) -> bytes:
    """One channel's samples, 8 bits each, unsigned; `channel` counts from 1. Whole frames only."""
    width = pcm.bits // 8
    highest = data[(channel - 1) * width + width - 1 :: width * pcm.channels]
    return highest if width == 1 else highest.translate(_UNSIGNED)


def frame_bytes(pcm: RawPcm) -> int:
    """How many bytes one sample of every channel takes."""
    return pcm.bits // 8 * pcm.channels
