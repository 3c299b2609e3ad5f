"""A click track made by the test: nothing is shipped, and every position in it is known."""

from __future__ import annotations

import math
import wave
from array import array
from pathlib import Path

RATE = 44_100


def click_track(path: Path, seconds: float) -> Path:
    """Write a mono WAV file of so many seconds with a click every half second, and return its path."""
    click = array("h", [round(26_000 * math.sin(2 * math.pi * 1_000 * n / RATE)) for n in range(RATE // 200)])
    beat = click + array("h", [0]) * (RATE // 2 - len(click))
    frames = round(seconds * RATE)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for _ in range(frames // len(beat)):
            file.writeframes(beat.tobytes())
        file.writeframes(beat[: frames % len(beat)].tobytes())
    return path
