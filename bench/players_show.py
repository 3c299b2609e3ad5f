"""A show that follows a player: `beatsync run` as processes of its own, its receivers, and what its books say.

Each cue carries its own place in the track, so that what arrives can be compared with where the player stood.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from beatsync.control.client import ask_daemon
from tests.players.arrivals import Arrival, Arrivals
from tests.system.program import Running, environment, running

BPM: Final = 120
SECTION_SECONDS: Final = 10
CUE_MS: Final = 31.25
"""A sixteenth of a beat."""

_RULES: Final = """
rules:
  - {name: place, on: every 1/16 beat, send: {to: places, address: /at, args: [{d: seconds}]}}
  - name: look
    on: section
    send: {to: looks, address: /look, args: [occurrence, 1], end: {args: [occurrence, 0]}}
"""


@dataclass(frozen=True)
class Show:
    """A running one. `places`: a cue every 31 ms of the track, with its position; `looks`: one for ten seconds each."""

    daemon: Running
    places: Arrivals
    looks: Arrivals
    env: Mapping[str, str]

    def status(self) -> Mapping[str, Any]:
        """What the daemon says of itself."""
        return ask_daemon(Path(self.env["BEATSYNC_SOCKET"]), "status")

    def settled(self) -> Mapping[str, Any]:
        """The same once everything that was due has been entered."""
        before, now = None, self.status()
        while before is None or before["due"] != now["due"]:
            before, now = now, self.status()
        return now


def place_of(arrival: Arrival) -> float:
    """Which place in the track a cue stands for, in seconds."""
    value = arrival.arguments[0]
    assert isinstance(value, float)
    return value


def write_track(path: Path, seconds: float) -> Path:
    """What is known of a click track: a beat on each click, sections of ten seconds."""
    beats = [round(beat * 60 / BPM, 3) for beat in range(int(seconds * BPM / 60))]
    blank = {"bar_start": 0, "bar_end": 0, "bars": None, "color": "rgba(10, 20, 30, 1)", "label": "Part", "energy": 2}
    starts = range(0, int(seconds), SECTION_SECONDS)
    document = {
        "asset_id": "1843209165",
        "duration": seconds,
        "bpm": float(BPM),
        "track_energy": 2.0,
        "beat_grid": {"times": beats, "downbeats": beats[::4]},
        "sections": [{"start": start, "end": min(start + SECTION_SECONDS, seconds), **blank} for start in starts],
        "phrases": [],
    }
    path.write_text(json.dumps(document))
    return path


@contextmanager
def following_show(folder: Path, feed: str, *, seconds: float, **extra: str) -> Iterator[Show]:
    """A show that follows `feed`, which is YAML: `{mpv: {socket: ...}}`. `extra`: of the environment."""
    write_track(folder / "clicks.json", seconds)
    with Arrivals() as places, Arrivals() as looks:
        config = folder / "show.yaml"
        targets = (
            f"{{places: {{url: 'osc.udp://127.0.0.1:{places.port}', max_rate: 100000}}, "
            f"looks: 'osc.udp://127.0.0.1:{looks.port}'}}"
        )
        config.write_text(f"track: clicks.json\nclock: {{feed: {feed}}}\ntargets: {targets}\n{_RULES}")
        env = environment(folder, **extra)
        with running(config, env=env) as daemon:
            daemon.wait_for("armed")
            yield Show(daemon, places, looks, env)
