"""Configurations for the tests, and how their problems are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from beatsync.config.configuration import Configuration, DeckChoice, TrackChoice
from beatsync.config.read import read_config
from beatsync.core.engine import MAIN_DECK
from beatsync.errors import ConfigError

FILE = Path("show.yaml")
HEAD = "track: {bundled: demo}\ntargets: {desk: 'osc.udp://127.0.0.1:7700'}\n"
GOOD = """\
track: {audioscape: "1843209165", update: true, grid: from-bpm, first_downbeat: 350ms, beats_per_bar: 3}
clock: {start: "2026-12-31T23:59:30+01:00"}
targets:
  lights: osc.udp://127.0.0.1:7700
  visuals: {url: "osc.tcp://[::1]:3032", framing: slip, lead: -40ms, queue: {count: 9, age: 1.5s}}
rules:
  - name: strobe
    on: section
    when: {label: [drop, Climax], energy: ">= 3", occurrence: last}
    at: -1 beat
    send: {to: [lights, visuals], address: "/section/{label}", args: [energy, {f: 1}], end: {args: [0]}}
    late: 30ms
  - on: every 4 bars of section
    send: [{to: lights, address: /bars, args: ["bar {bar}", T, null, {h: 5000000000}]}]
    jumped_into: send
    paused: end
"""


def read(text: str) -> Configuration:
    """The configuration in `text`."""
    return read_config(text.encode(), path=FILE)


def problems(text: str | bytes) -> tuple[str, ...]:
    """What is wrong with `text`."""
    with pytest.raises(ConfigError) as caught:
        read_config(text if isinstance(text, bytes) else text.encode(), path=FILE)
    return tuple(map(str, caught.value.problems))


def main(text: str) -> DeckChoice:
    """The one deck of the configuration in `text`."""
    return read(text).decks[MAIN_DECK]


def track_in(configuration: Configuration) -> TrackChoice:
    """The track of its one deck."""
    track = configuration.decks[MAIN_DECK].track
    assert track is not None
    return track


def rule(text: str) -> str:
    """A configuration with one rule: the keys in braces."""
    return f"{HEAD}rules: [{{{text}}}]\n"
