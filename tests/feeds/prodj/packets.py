"""Pro DJ Link packets, put together from the layouts that are known."""

from __future__ import annotations

import struct

MAGIC = bytes.fromhex("5173707431576d4a4f4c")
UNKNOWN = 0xFFFFFFFF
KEEP_ALIVE = MAGIC + b"\x06\0CDJ-3000" + bytes(40)


def _head(kind: int, device: int, size: int) -> bytes:
    name = b"CDJ-3000".ljust(20, b"\0")
    return MAGIC + bytes([kind]) + name + b"\x01\0" + bytes([device]) + struct.pack(">H", size - 0x24)


def position(milliseconds: int, *, device: int = 2, seconds: int = 240, pitch: int = 0, bpm: float = 128.0) -> bytes:
    """Absolute position; `pitch` in hundredths of a percent."""
    body = struct.pack(">IIi8xI", seconds, milliseconds, pitch, round(bpm * 10))
    return _head(0x0B, device, 0x3C) + body


def beat(of_bar: int, *, device: int = 2, pitch: float = 0.0, bpm: float = 128.0) -> bytes:
    """Beat; `pitch` in percent."""
    ahead = round(60_000 / bpm)
    times = struct.pack(">6I", *(ahead * beats for beats in (1, 2, 4, 4, 8, 8)))
    tail = struct.pack(">I2xHBxxB", round(0x100000 * (1 + pitch / 100)), round(bpm * 100), of_bar, device)
    return _head(0x28, device, 0x60) + times + b"\xff" * 24 + tail
