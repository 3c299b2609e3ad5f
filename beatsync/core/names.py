"""The names that templates and expressions may use, with what each stands for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

NameValue: TypeAlias = int | float | str

NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "label": "label of the section (of the phrase, in a rule on phrases); Unknown where it has none",
        "energy": "its energy, 1 to 4; 0 = not known",
        "energy_change": "its energy less that of the one before; 0 where not known",
        "occurrence": "the how-manieth of its label it is, from 1; 0 outside every section",
        "occurrences": "how many there are of its label; 0 outside every section",
        "previous": "label of the one before; Unknown where there is none",
        "next": "label of the one after; Unknown where there is none",
        "bars": "its length in bars; 0 without a grid",
        "bar": "number of the bar, from 1; the pick-up is 0; 0 without a grid",
        "beat": "beat in the bar, from 1; 0 without a grid",
        "bpm": "tempo of the bar; as the source states it without a grid; 0 where not known",
        "bar_of_section": "number of the bar within the section, from 1; 0 before its first downbeat, and outside",
        "beat_of_section": "number of the beat within the section, from 1; 0 outside",
        "seconds": "position of the moment in the track, in seconds",
        "length": "length of the section in seconds; 0 outside",
    },
)

EXAMPLE_VALUES: Final[Mapping[str, NameValue]] = MappingProxyType(
    {
        name: "Unknown" if name in {"label", "previous", "next"} else 1.0 if name in {"bpm", "seconds", "length"} else 1
        for name in NAMES
    },
)
"""Stand-ins with which an expression can be tried before there is a track."""
