"""Small shows for the system tests: documents as the API sends them, and configurations."""

from __future__ import annotations

import json
from pathlib import Path

ASSET_ID = "1843209165"
KEY = "a-key-for-tests"


def short_document(*, seconds: float = 2.0, bpm: float = 240.0) -> str:
    """A track of `seconds`: beats, bars of four, a quiet section and a drop from the middle on."""
    period = 60 / bpm
    times = [round(period * beat, 3) for beat in range(int(seconds / period))]
    middle = times[len(times) // 8 * 4]
    sections = [
        {"start": 0, "end": middle, "label": "Intro", "energy": 1},
        {"start": middle, "end": seconds, "label": "Drop", "energy": 4},
    ]
    blank = {"bar_start": 0, "bar_end": 0, "bars": None, "color": "rgba(10, 20, 30, 1)"}
    document = {
        "asset_id": ASSET_ID,
        "duration": seconds,
        "bpm": bpm,
        "track_energy": 2.5,
        "beat_grid": {"times": times, "downbeats": times[::4]},
        "sections": [{**section, **blank} for section in sections],
        "phrases": [],
    }
    return json.dumps(document)


def write_show(
    folder: Path, port: int, *, track: str = "{file: track.json}", start: str = "now", rules: str = ""
) -> Path:
    """A configuration in `folder` that sends to a UDP port of this machine."""
    path = folder / "show.yaml"
    path.write_text(
        f"track: {track}\nclock: {{start: {start}}}\ntargets: {{lights: 'osc.udp://127.0.0.1:{port}'}}\n{rules}",
    )
    return path
