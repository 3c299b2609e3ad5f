"""A click track, made here: nothing has to be downloaded, and every position in it is known."""

from __future__ import annotations

import math
import wave
from array import array
from pathlib import Path

SAMPLE_RATE = 44_100
CLICK_SECONDS = 0.005


def write_clicks(path: Path, *, seconds: float, bpm: float = 120.0) -> Path:
    """A WAV file, stereo, 16 bits, with a click on every beat."""
    beat, click = round(SAMPLE_RATE * 60 / bpm), round(SAMPLE_RATE * CLICK_SECONDS)
    sound = [round(26_000 * math.sin(2 * math.pi * 1_000 * n / SAMPLE_RATE)) for n in range(click)]
    one_beat = array("h", [sample for value in [*sound, *[0] * (beat - click)] for sample in (value, value)])
    frames = round(SAMPLE_RATE * seconds)
    beats = (one_beat * (frames // beat + 1))[: 2 * frames]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(beats.tobytes())
    return path
