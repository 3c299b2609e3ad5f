"""A show with two decks and set lists, to be operated in real time: its files, and edits of them, good and bad."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final

from tests.system.oscdump import write_track
from tests.system.shows import short_document

TRACK_SECONDS: Final = 24.0
PERIODS: Final = {"a": 250_000_000, "b": 300_000_000}
"""From beat to beat, by deck."""

LABELS: Final = ("Verse", "Drop", "Break")


def document(deck: str, chance: random.Random) -> str:
    """A track of a deck; its sections are by chance."""
    whole = json.loads(short_document(seconds=TRACK_SECONDS, bpm=60e9 / PERIODS[deck]))
    edges = [0, *sorted(chance.sample(range(2, int(TRACK_SECONDS)), 4)), TRACK_SECONDS]
    whole["sections"] = [
        {**whole["sections"][0], "start": start, "end": end, "label": LABELS[number % len(LABELS)]}
        for number, (start, end) in enumerate(pairwise(edges))
    ]
    return json.dumps(whole)


@dataclass
class Stage:
    """The show's folder, and what its configuration says at present. `beats`, `looks`, `elsewhere`: ports."""

    folder: Path
    beats: int
    looks: int
    elsewhere: int
    chance: random.Random
    lists: dict[str, list[int]] = field(default_factory=lambda: {"a": [0, 1, 2] * 4, "b": [0, 1, 2] * 4})
    word: str = "look"
    moved: bool = False

    @property
    def config(self) -> Path:
        """The file."""
        return self.folder / "show.yaml"

    def write_tracks(self) -> None:
        """Three of each deck."""
        for deck in PERIODS:
            for number in range(3):
                write_track(self.folder, document(deck, self.chance), f"{deck}{number}.json")

    def write(self) -> None:
        """The configuration; reloaded only when somebody says so."""
        decks = "".join(f"  {deck}: {self._deck(deck)}\n" for deck in PERIODS)
        looks = self.elsewhere if self.moved else self.looks
        self.config.write_text(
            f"decks:\n{decks}on_air: {{deck: a, hand_over: beat}}\nreload: {{watch: false}}\n"
            f"targets:\n  beats: osc.udp://127.0.0.1:{self.beats}\n  looks: osc.udp://127.0.0.1:{looks}\n"
        )

    def _deck(self, deck: str) -> str:
        tracks = ", ".join(f"{deck}{number}.json" for number in self.lists[deck])
        beats = f"{{name: beats, on: beat, send: {{to: beats, address: /{deck}/beat, args: [bar, beat]}}}}"
        send = f'{{to: looks, address: "/{deck}/{self.word}/{{label}}", args: [1], end: {{args: [0]}}}}'
        looks = f"{{name: looks, on: section, send: {send}}}"
        return f"{{setlist: [{tracks}], clock: {{start: now}}, rules: [{beats}, {looks}]}}"

    def change(self) -> None:
        """A good edit, of which no beat may notice anything."""
        match self.chance.choice(["word", "moved", "list", "track"]):
            case "word":
                self.word = {"look": "scene", "scene": "look"}[self.word]
            case "moved":
                self.moved = not self.moved
            case "list":
                numbers = self.lists[self.chance.choice("ab")]
                numbers.append(self.chance.randrange(3))
            case _:
                deck = self.chance.choice("ab")
                write_track(self.folder, document(deck, self.chance), f"{deck}{self.chance.randrange(3)}.json")
        self.write()

    def spoil(self) -> None:
        """A bad edit."""
        good = self.config.read_text()
        self.config.write_text(
            self.chance.choice(
                [
                    good.replace("on: beat", "on: baet"),
                    good.replace("decks:", "dekcs:"),
                    good[: len(good) // 2],
                    good.replace("to: looks", "to: loks"),
                ]
            )
        )
