"""What the names of core.names stand for on an occasion, worked out when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from beatsync.core.moments import Occasion
from beatsync.core.names import NameValue
from beatsync.core.track import Section
from beatsync.core.units import seconds_from_ns


class Values(dict[str, NameValue]):
    """A mapping from every name to its value on one occasion."""

    __slots__ = ("_occasion",)

    def __init__(self, occasion: Occasion) -> None:
        """`occasion`: whose."""
        self._occasion = occasion

    def __missing__(self, name: str) -> NameValue:
        """Work `name` out, once."""
        value = self[name] = _VALUE_OF[name](self._occasion)
        return value


def _of_section(read: Callable[[Section], NameValue | None], otherwise: NameValue) -> Callable[[Occasion], NameValue]:
    def value(occasion: Occasion) -> NameValue:
        return (read(occasion.section) if occasion.section else None) or otherwise

    return value


_VALUE_OF: Final[Mapping[str, Callable[[Occasion], NameValue]]] = MappingProxyType(
    {
        "label": _of_section(lambda section: section.label, "Unknown"),
        "energy": _of_section(lambda section: section.energy, 0),
        "energy_change": _of_section(lambda section: section.energy_change, 0),
        "occurrence": _of_section(lambda section: section.occurrence, 0),
        "occurrences": _of_section(lambda section: section.occurrences, 0),
        "previous": _of_section(lambda section: section.previous_label, "Unknown"),
        "next": _of_section(lambda section: section.next_label, "Unknown"),
        "bars": _of_section(lambda section: section.bars, 0),
        "length": _of_section(lambda section: seconds_from_ns(section.end - section.start), 0.0),
        "bar": lambda occasion: occasion.bar.number if occasion.bar else 0,
        "beat": lambda occasion: occasion.beat_of_bar,
        "bpm": lambda occasion: occasion.bpm or 0.0,
        "bar_of_section": lambda occasion: occasion.section_bar[0],
        "beat_of_section": lambda occasion: occasion.section_beat[0],
        "seconds": lambda occasion: seconds_from_ns(occasion.position),
    },
)
