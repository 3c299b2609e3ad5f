"""Art-Net packets, as senders make them."""

from __future__ import annotations

from beatsync.core.timecode import RATES_BY_CODE, FrameRate, Timecode, parse_timecode

ART_DMX = b"Art-Net\0\x00\x50\x00\x0e\x00\x00\x00\x00\x02\x00" + bytes(512)
ART_POLL = b"Art-Net\0\x00\x20\x00\x0e\x06\x00"


def art_timecode(timecode: Timecode | str, rate: FrameRate, *, stream: int = 0) -> bytes:
    """An ArtTimeCode packet."""
    read = parse_timecode(timecode) if isinstance(timecode, str) else timecode
    fields = bytes([stream, read.frame, read.seconds, read.minutes, read.hours, RATES_BY_CODE.index(rate)])
    return b"Art-Net\0\x00\x97\x00\x0e\x00" + fields
