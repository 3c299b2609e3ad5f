"""The bundled track: ninety seconds of structure in AudioScape's format, so that a first run needs no network.

It has what real tracks have: a pick-up, tempo that breathes, one bar of three beats, every label, and phrases that
do not follow the sections. There is no sound to it.
"""

from __future__ import annotations

from importlib.resources import files


def demo_document() -> bytes:
    """The track document, as AudioScape would send it; for `core.document.parse_track`."""
    return files(__name__).joinpath("track.json").read_bytes()
