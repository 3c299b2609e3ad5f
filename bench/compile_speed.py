"""How long compiling takes: an hour of music, 8,000 beats, 120 sections, 100 rules. Goal: 1 s at most.

Beside it the same with rules whose section conditions nothing meets: what a rule costs that makes no cue.
"""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from time import perf_counter

from beatsync.config.read import read_config
from beatsync.core.compilation import compile_schedule
from beatsync.core.document import parse_track
from beatsync.core.engine import MAIN_DECK
from beatsync.core.rules import Rule
from beatsync.core.targets import Target
from beatsync.core.track import Track

ROUNDS = 7
BEATS, SECTIONS, SECONDS = 8_000, 120, 3_600
LABELS = ("Intro", "Verse", "Chorus", "Drop", "Bridge", "Climax", "Outro", "Main", "Break", "Build", "Peak")


def hour() -> Track:
    """The track."""
    times = [round(beat * SECONDS / BEATS, 3) for beat in range(BEATS)]
    length = SECONDS / SECTIONS
    sections = [
        {"start": index * length, "end": (index + 1) * length, "label": LABELS[index % 11], "energy": 1 + index % 4}
        for index in range(SECTIONS)
    ]
    document = {
        "asset_id": "1",
        "duration": SECONDS,
        "bpm": 60 * BEATS / SECONDS,
        "beat_grid": {"times": times, "downbeats": times[::4]},
        "sections": sections,
        "phrases": [],
    }
    return parse_track(json.dumps(document).encode(), source="an hour").track


def rules(lines: list[str]) -> tuple[tuple[Rule, ...], tuple[Target, ...]]:
    """Rules and targets as a configuration writes them."""
    text = "track: {bundled: demo}\ntargets: {lights: 'osc.udp://127.0.0.1:7700'}\nrules:\n"
    configuration = read_config((text + "\n".join(f"  - {line}" for line in lines)).encode(), path=Path("bench.yaml"))
    return configuration.decks[MAIN_DECK].rules, configuration.targets


def mixed() -> list[str]:
    """100 rules as a large show has them: some on every beat, most on sections."""
    lines = [f"{{on: beat, send: {{address: /beat{n}, args: [beat, bar]}}}}" for n in range(4)]
    lines += [
        f'{{on: downbeat, send: {{address: "/bar/{{label}}", args: ["energy / 4"]}}, late: {n + 1}ms}}'
        for n in range(4)
    ]
    lines += [f"{{on: every {n + 2} bars, send: {{address: /bars{n}, args: [bar]}}}}" for n in range(6)]
    for n in range(86):
        label, energy = LABELS[n % 11], 1 + n % 4
        when = f'{{label: {label}, energy: ">= {energy}"}}'
        send = f'{{address: "/look{n}/{{label}}", args: [energy, "bpm / 200", "{{occurrence}}"], end: {{args: [0]}}}}'
        lines.append(f"{{on: section, when: {when}, at: -1 beat, send: {send}}}")
    return lines


def unmatched() -> list[str]:
    """100 rules on every beat of sections that the track does not have."""
    return [f"{{on: beat, when: {{label: Nowhere{n}}}, send: {{address: /beat{n}, args: [bar]}}}}" for n in range(100)]


def run() -> None:
    """Print the table."""
    track = hour()
    print(f"{'rules':<36} {'cues':>7} {'median':>9} {'worst':>9} {'per cue':>9}")
    for name, lines in (("100 mixed", mixed()), ("100 on beats that nothing matches", unmatched())):
        chosen, targets = rules(lines)
        times = []
        for _ in range(ROUNDS):
            start = perf_counter()
            cues = len(compile_schedule(track, chosen, targets))
            times.append(perf_counter() - start)
        each = f"{statistics.median(times) / cues * 1e6:.1f} us" if cues else "-"
        print(f"{name:<36} {cues:>7} {statistics.median(times):>7.3f} s {max(times):>7.3f} s {each:>9}")
