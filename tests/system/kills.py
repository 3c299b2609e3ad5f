"""A show whose daemon and conductor are killed again and again while it plays; `make kills`: 200 times in a row."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from beatsync.control.client import ask_daemon
from tests.system.aftermath import BEATS, BEATS_A_SECOND, LOOKS, Aftermath
from tests.system.oscdump import write_track
from tests.system.program import Running, conductors_of, environment, running
from tests.system.shows import short_document
from tests.system.stamped import StampedPort

SECONDS = 1800.0
LABELS = ("Verse", "Drop", "Break")
SHOW = """track: {file: track.json}
clock: {start: now}
targets:
  beats: osc.udp://127.0.0.1:%d
  looks: osc.udp://127.0.0.1:%d
rules:
  - {name: beat, on: beat, send: {to: beats, address: /beat, args: [bar, beat]}}
  - {name: look, on: section, send: {to: looks, address: "/section/{label}", args: [1], end: {args: [0]}}}
"""


def document() -> str:
    """A long track of many beats, with another section every second."""
    whole = json.loads(short_document(seconds=SECONDS, bpm=BEATS_A_SECOND * 60))
    first = whole["sections"][0]
    whole["sections"] = [
        {**first, "start": n, "end": n + 1, "label": LABELS[n % len(LABELS)]} for n in range(int(SECONDS))
    ]
    return json.dumps(whole)


@dataclass
class Executioner:
    """Kills a daemon or its conductor, with SIGKILL, whatever the two are doing at the moment."""

    config: Path
    env: dict[str, str]
    beats: StampedPort
    chance: random.Random
    stack: ExitStack
    daemons: list[Running] = field(default_factory=list)
    killed: Counter[str] = field(default_factory=Counter)

    def start(self) -> None:
        """Another daemon."""
        self.daemons.append(self.stack.enter_context(running(self.config, env=self.env)))

    def kill_one(self) -> None:
        """Wait for a random while; one time in four on until just about when a beat is sent. Then kill either."""
        time.sleep(self.chance.uniform(0.05, 0.6))
        aimed = self.chance.random() < 0.25
        if aimed:
            self._wait_for_a_beat()
        if self.chance.random() < 0.5:
            self.daemons[-1].process.kill()
            self.daemons[-1].wait()
            self.killed["daemons"] += 1
            self.start()
            if self.chance.random() < 0.5:
                self.daemons[-1].wait_for("armed")
        elif conductors := conductors_of(self.env):
            for process in conductors:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            self.killed["conductors"] += 1
            self.killed["conductors, aimed at a beat"] += aimed

    def _wait_for_a_beat(self) -> None:
        """Until a beat is sent, give or take a quarter of a millisecond."""
        period = 10**9 // BEATS_A_SECOND
        first = self.beats.arrivals[0].at
        number = (time.time_ns() - first) // period + 2
        instant = first + number * period + self.chance.randint(-150_000, 250_000)
        time.sleep(max(0, instant - time.time_ns() - 1_000_000) / 1e9)
        while time.time_ns() < instant:
            pass


def play_and_kill(folder: Path, *, kills: int, seed: int) -> Aftermath:
    """Kill one of the two `kills` times in a row while a long track plays; then stop, and look at what is left."""
    write_track(folder, document())
    env = environment(folder)
    config = folder / "show.yaml"
    begun = time.monotonic()
    with StampedPort() as beats, StampedPort() as looks, ExitStack() as stack:
        config.write_text(SHOW % (beats.port, looks.port))
        hand = Executioner(config, env, beats, random.Random(seed), stack)
        hand.start()
        hand.daemons[-1].wait_for("cue", 3)
        while hand.killed["daemons"] + hand.killed["conductors"] < kills:
            hand.kill_one()
        hand.daemons[-1].wait_for("armed")
        hand.daemons[-1].wait_for("cue", 3)
        ask_daemon(Path(env["BEATSYNC_SOCKET"]), "stop")
        hand.daemons[-1].signal(signal.SIGTERM)
        hand.daemons[-1].wait()
    return Aftermath(
        arrivals={BEATS: beats.arrivals, LOOKS: looks.arrivals},
        summary=hand.daemons[-1].of("summary")[0],
        cues=[cue for daemon in hand.daemons for cue in daemon.of("cue")],
        killed=hand.killed,
        seconds=time.monotonic() - begun,
    )
