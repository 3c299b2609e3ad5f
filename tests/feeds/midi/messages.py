"""MIDI messages as senders make them. mido writes the bytes: it knows nothing of our reader."""

from __future__ import annotations

from collections.abc import Iterator

import mido  # type: ignore[import-untyped]

from beatsync.core.timecode import RATES_BY_CODE, FrameRate, Timecode, frame_number, timecode_of
from beatsync.core.units import NS_PER_SECOND


def message(kind: str, **fields: int) -> bytes:
    """One message."""
    return bytes(mido.Message(kind, **fields).bytes())


TICK, START, CONTINUE, STOP = (message(kind) for kind in ("clock", "start", "continue", "stop"))


def song_position(sixteenths: int) -> bytes:
    """Where the song stands."""
    return message("songpos", pos=sixteenths)


def quarter_frame(timecode: Timecode, rate: FrameRate, piece: int) -> bytes:
    """One piece of a time."""
    hour = timecode.hours | RATES_BY_CODE.index(rate) << 5
    byte = (timecode.frame, timecode.seconds, timecode.minutes, hour)[piece // 2]
    return message("quarter_frame", frame_type=piece, frame_value=byte >> 4 if piece % 2 else byte & 0xF)


def full_time(timecode: Timecode, rate: FrameRate, *, device: int = 0x7F) -> bytes:
    """A whole time."""
    hour = timecode.hours | RATES_BY_CODE.index(rate) << 5
    data = (0x7F, device, 1, 1, hour, timecode.minutes, timecode.seconds, timecode.frame)
    return bytes(mido.Message("sysex", data=data).bytes())


def tape(
    start: Timecode, rate: FrameRate, *, codes: int, at: int = 0, speed: float = 1.0
) -> Iterator[tuple[bytes, int]]:
    """Quarter frames of a tape with the instants at which they arrive; piece 0 at `at`. A negative speed is reverse.

    In reverse piece 0 of the first time falls on `at` too, so that its other pieces came before.
    """
    quarter = NS_PER_SECOND * rate.seconds / rate.frames / 4 / speed
    for code in range(codes):
        forward = speed > 0
        timecode = timecode_of(frame_number(start, rate) + (2 if forward else -2) * code, rate)
        for piece in range(8) if forward else range(7, -1, -1):
            quarters = 8 * code + piece if forward else piece - 8 * code
            yield quarter_frame(timecode, rate, piece), at + round(quarters * quarter)
