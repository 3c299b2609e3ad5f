"""Track documents for tests: small, and as AudioScape writes them."""

from __future__ import annotations

import json

ASSET = "1843209165"
OTHER_ASSET = "2000000002"

NO_ASSET_IDS = ("", "abc", "../../etc/x", "%2e%2e", "1\x00", "/1", "-1", "1" * 21, "1" * 4096, "\uff11", "1\n")
"""K7: what must reach neither a file name nor a request."""


def document(asset_id: str = ASSET, *, beats: int = 32, **changed: object) -> bytes:
    """A track at 120 bpm in four with one section; `changed` replaces fields of it."""
    times = [round(0.5 * beat, 3) for beat in range(beats)]
    section = {
        "start": 0.0,
        "end": 0.5 * beats,
        "label": "Drop",
        "energy": 4,
        "bar_start": 0,
        "bar_end": beats // 4,
        "bars": None,
        "color": "rgba(255, 0, 0, 1)",
    }
    fields: dict[str, object] = {
        "asset_id": asset_id,
        "duration": 0.5 * beats,
        "bpm": 120.0,
        "track_energy": 3.2,
        "beat_grid": {"times": times, "downbeats": times[::4]},
        "sections": [section],
        "phrases": [],
    }
    return json.dumps(fields | changed).encode()
