"""Small track documents for tests: a good one, and changes to it."""

from __future__ import annotations

import json

from beatsync.core.document import ParsedTrack, parse_track
from beatsync.core.units import NS_PER_MS, TrackNs


def at(seconds: float) -> TrackNs:
    """A position; `seconds` to the millisecond."""
    return TrackNs(round(seconds * 1000) * NS_PER_MS)


def good_fields() -> dict[str, object]:
    """Sixteen seconds at 120 bpm in 4/4 with a section every four seconds; parses without a note."""
    labels = ("Intro", "Build", "Drop", "Outro")
    spans = [
        {
            "start": 4.0 * index,
            "end": 4.0 * index + 4,
            "label": label,
            "energy": index + 1,
            "bar_start": 2 * index,
            "bar_end": 2 * index + 2,
            "bars": None,
            "color": "rgba(1,2,3,1)",
        }
        for index, label in enumerate(labels)
    ]
    return {
        "asset_id": "1843209165",
        "duration": 16.0,
        "bpm": 120,
        "track_energy": 2.5,
        "beat_grid": {
            "times": [0.5 * beat for beat in range(32)],
            "downbeats": [2.0 * bar for bar in range(8)],
        },
        "sections": spans,
        "phrases": [{**spans[index], "end": 8.0 * (index // 2) + 8, "label": "Verse"} for index in (0, 2)],
    }


def document(**changes: object) -> bytes:
    """The good document with some of its fields replaced; those given as `...` left out."""
    fields = {**good_fields(), **changes}
    return json.dumps({key: value for key, value in fields.items() if value is not ...}).encode()


def with_times(times: object, downbeats: object = None, **changes: object) -> bytes:
    """The good document with another grid."""
    return document(beat_grid={"times": times, "downbeats": downbeats}, **changes)


def span(start: object, end: object, label: object = None, **more: object) -> dict[str, object]:
    """One section of a document with the two fields that are certain, and more."""
    return {"start": start, "end": end, "label": label, **more}


def parsed(data: bytes) -> ParsedTrack:
    """The document, read from `x.json`."""
    return parse_track(data, source="x.json")


def notes_of(data: bytes) -> list[str]:
    """What is noted on the document, as people read it."""
    return [str(note) for note in parsed(data).notes]
