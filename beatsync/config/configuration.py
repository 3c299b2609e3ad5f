"""A configuration as values: what the rest of the program gets once the YAML has been read and found good."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

from beatsync.config.faults import Place
from beatsync.core.leads import NO_LEAD, Lead
from beatsync.core.notes import Note
from beatsync.core.rules import Rule
from beatsync.core.targets import Target
from beatsync.core.units import DurationNs, TrackNs, WallNs
from beatsync.errors import ConfigProblem

_KEYS: Final = re.compile(r"[\w.\[\]-]*")
"""A path of keys; what follows it, such as a rule's name, is for people."""


@dataclass(frozen=True, slots=True)
class FromFile:
    """A track document in a file; relative paths are from the configuration's folder. `-` is standard input."""

    path: Path


@dataclass(frozen=True, slots=True)
class FromAudioScape:
    """An asset of AudioScape, from the cache or the network. `update`: a newer structure replaces the cached one."""

    asset_id: str
    update: bool = False


@dataclass(frozen=True, slots=True)
class FromBundle:
    """The demo track that comes with beatsync."""


Origin: TypeAlias = FromFile | FromAudioScape | FromBundle


@dataclass(frozen=True, slots=True)
class GridFromBpm:
    """A synthetic grid for a track that has a tempo and no beats."""

    first_downbeat: TrackNs
    beats_per_bar: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackChoice:
    """Which track. `expected_*`: what the document must agree with, unless `force`. `lead`: of all its cues."""

    origin: Origin
    grid: GridFromBpm | None = None
    expected_asset_id: str | None = None
    expected_duration: DurationNs | None = None
    force: bool = False
    lead: Lead = NO_LEAD


@dataclass(frozen=True, slots=True)
class StartNow:
    """Playback starts when everything is armed."""


@dataclass(frozen=True, slots=True)
class StartAt:
    """Playback starts, or has started, at an instant of civil time."""

    wall: WallNs


@dataclass(frozen=True, slots=True)
class StartArmed:
    """Playback starts when somebody says play."""


Start: TypeAlias = StartNow | StartAt | StartArmed


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Everything one file says.

    `rules` are the default ones where it has none. `notes`: what was accepted with a doubt.
    `places`: where every key and every element of a list stands in the file: `rules[3].when.label`.
    """

    path: Path
    track: TrackChoice
    start: Start
    targets: tuple[Target, ...]
    rules: tuple[Rule, ...]
    notes: tuple[Note, ...]
    places: Mapping[str, Place]

    def placed(self, problem: ConfigProblem) -> ConfigProblem:
        """The problem with its place in the file: that of its path, or of the nearest one above it."""
        path, found = _KEYS.match(problem.path), None
        key = path.group() if path else ""
        while key and found is None:
            found = self.places.get(key)
            key = key[: max(key.rfind("."), key.rfind("["), 0)]
        if found is None:
            return replace(problem, file=str(self.path))
        return replace(problem, file=str(self.path), line=found.line, column=found.column)
