"""Sends a plan of OSC messages from isobar's Timeline, a track for each message of a chord: python isobar_timeline.py
PLAN PORT. isobar is not ours to type.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

BEATS_A_MS = 120 / 60_000

chords: list[tuple[float, list[int]]] = []
for line in Path(sys.argv[1]).read_text().splitlines():
    gap, number = line.split()
    if not chords or float(gap) > 0:
        chords.append((float(gap), []))
    chords[-1][1].append(int(number))

iso = import_module("isobar")
timeline = iso.Timeline(120, output_device=iso.OSCOutputDevice("127.0.0.1", int(sys.argv[2])))
timeline.stop_when_done = True
gaps = [gap * BEATS_A_MS for gap, _ in chords[1:]] + [1.0]
for voice in range(len(chords[0][1])):
    numbers = iso.PSequence([[numbers[voice]] for _, numbers in chords], 1)
    timeline.schedule({"duration": iso.PSequence(gaps, 1), "osc_address": "/measure", "osc_params": numbers})
timeline.run()
