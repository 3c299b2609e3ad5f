"""A track of clicks, to calibrate a feed's offset with: every click lies at a whole multiple of the period."""

from __future__ import annotations

import math
import wave
from array import array
from pathlib import Path
from typing import Final

from beatsync.core.calibration import PERIOD
from beatsync.core.units import NS_PER_SECOND
from beatsync.errors import UsageError
from beatsync.regular_files import reason_of

SECONDS: Final = 180
_RATE: Final = 44_100
_CLICK_SECONDS: Final = 0.008
_HERTZ: Final = 1_000
_LOUD: Final = 24_000


def write_click_track(path: Path) -> None:
    """Write a WAV file: mono, 16 bits, 44.1 kHz, three minutes. Raises UsageError where that cannot be written."""
    samples = round(_RATE * PERIOD / NS_PER_SECOND)
    length = round(_RATE * _CLICK_SECONDS)
    click = array("h", [_sample(number, length) for number in range(length)])
    beat = (click + array("h", [0]) * (samples - length)).tobytes()
    try:
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(_RATE)
            file.writeframes(beat * (SECONDS * _RATE // samples))
    except OSError as error:
        raise UsageError(f"--click-track {path}: cannot be written: {reason_of(error)}") from None


def _sample(number: int, length: int) -> int:
    """It begins at once and fades out: the first sample is where the click is."""
    return round(_LOUD * math.cos(2 * math.pi * _HERTZ * number / _RATE) * (1 - number / length))
