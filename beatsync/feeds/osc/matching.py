"""Which of the addresses that matter a message went to. `*` stands for anything within one part, once in each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Generic, TypeVar

Entry = TypeVar("Entry")


class Directory(Generic[Entry]):
    """Entries by address; the time to find one does not depend on what a stranger sent."""

    def __init__(self, entries: Iterable[tuple[str, Entry]]) -> None:
        """`entries`: an address, with or without `*`, and what stands for it; several may stand for one."""
        exact: dict[str, list[Entry]] = {}
        self._patterns: Final[list[tuple[Sequence[str], Entry]]] = []
        for address, entry in entries:
            if "*" in address:
                self._patterns.append((address.split("/"), entry))
            else:
                exact.setdefault(address, []).append(entry)
        self._exact: Final[Mapping[str, list[Entry]]] = MappingProxyType(exact)

    def find(self, address: str) -> list[Entry]:
        """What stands for `address`, in the order in which it was given, patterns last; mostly nothing."""
        found = self._exact.get(address, [])
        if not self._patterns:
            return found
        parts = address.split("/")
        return found + [entry for pattern, entry in self._patterns if _matches(pattern, parts)]


def _matches(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    return len(pattern) == len(parts) and all(map(_part_matches, pattern, parts))


def _part_matches(pattern: str, part: str) -> bool:
    before, star, after = pattern.partition("*")
    if not star:
        return pattern == part
    return part.startswith(before) and part.endswith(after) and len(part) >= len(before) + len(after)
