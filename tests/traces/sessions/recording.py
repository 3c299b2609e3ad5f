"""`python -m tests.traces.sessions.recording`: real players are followed and recorded anew, for the tests to replay."""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from pathlib import Path
from typing import Final

from bench.players_cases import CASES, Case, Playing
from bench.players_show import write_track
from tests.players.arrivals import Arrivals
from tests.system.program import environment, running

HERE: Final = Path(__file__).parent
PLAYERS: Final = ("mpv", "MPD")
SECONDS: Final = 60.0

RULES: Final = """rules:
  - {name: beats, on: beat, send: {to: lights, address: /beat, args: [bar, beat]}}
  - {name: looks, on: section, send: {to: lights, address: /part, args: [occurrence], end: {address: /part/over}}}
"""


def main() -> None:
    """All of them."""
    write_track(HERE / "clicks.json", SECONDS)
    for name in PLAYERS:
        record(next(case for case in CASES if case.name == name))


def record(case: Case) -> None:
    """One session: a start, seeks forward and back, a pause, where the player has them other speeds, and its end."""
    stem = case.name.lower()
    with tempfile.TemporaryDirectory(prefix="session-") as text, Arrivals() as lights:
        folder = Path(text)
        shutil.copy(HERE / "clicks.json", folder)
        with case.open(folder, SECONDS) as playing:
            config = folder / "show.yaml"
            config.write_text(written(playing.feed, lights.port))
            with running(config, "--record", str(folder / "trace.jsonl"), env=environment(folder)) as daemon:
                daemon.wait_for("armed")
                operate(playing)
                time.sleep(0.5)
                daemon.signal(signal.SIGTERM)
                daemon.wait()
            (HERE / f"{stem}.yaml").write_text(written(playing.feed, 7700).replace(text, "/run/session"))
        trace = (folder / "trace.jsonl").read_text()
    (HERE / f"{stem}.jsonl").write_text(trace.replace(text, "/run/session"))


def written(feed: str, port: int) -> str:
    """The configuration."""
    target = f"targets: {{lights: {{url: 'osc.udp://127.0.0.1:{port}', max_rate: 1000}}}}"
    return f"track: clicks.json\nclock: {{feed: {feed}}}\n{target}\n{RULES}"


def operate(playing: Playing) -> None:
    """What is done to the player."""
    player, speed = playing.player, playing.speed
    playing.begin()
    time.sleep(6)
    player.seek(31.3)
    time.sleep(4)
    player.pause()
    time.sleep(1.5)
    player.resume()
    time.sleep(3)
    player.seek(8.7)
    time.sleep(4)
    for factor in (1.04, 0.97, 1.0) if speed else ():
        speed(factor)  # type: ignore[misc]
        time.sleep(3)
    player.seek(57.2)
    time.sleep(5)


if __name__ == "__main__":
    main()
