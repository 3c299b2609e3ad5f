"""Quotes and brackets that are opened and not closed: PyYAML notices far below, where nothing fits any more.

A rough reading of the text, for a file that is known to be wrong: it only has to find where a person forgot something.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_CLOSER: Final = {"[": "]", "{": "}"}
_KIND: Final = {"[": "list", "{": "mapping"}
_BEFORE_A_VALUE: Final = frozenset("\n[{,:?-")
_QUOTED: Final = {'"': re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL), "'": re.compile(r"'(?:[^']|'')*+'")}
_TOKEN: Final = re.compile(r"(?P<comment>(?:\A|(?<=\s))#[^\n]*)|(?P<quote>[\"'])|(?P<opener>[\[{])|(?P<closer>[\]}])")


@dataclass(frozen=True, slots=True)
class Opened:
    """A quote or bracket at an index of the text. `instead`: what stands where it should have been closed."""

    mark: str
    index: int
    instead: str = ""

    @property
    def message(self) -> str:
        """What is wrong with it, and what to do."""
        if self.mark not in _CLOSER:
            return f"the quote that opens here is not closed in its line; write {self.mark} at the end of its text"
        met = f", before the {self.instead}" if self.instead else ""
        remedy = f"write {_CLOSER[self.mark]} at the end of its {_KIND[self.mark]}{met}"
        return f"the {self.mark} that opens here is not closed; {remedy}"


def unclosed(text: str, before: int) -> Opened | None:
    """What was opened and not closed before the index at which the text stopped making sense; None if nothing was."""
    opened: list[Opened] = []
    index = 0
    while found := _TOKEN.search(text, index):
        start, index, char = found.start(), found.end(), found.group()
        if found["quote"] and _starts_a_value(text, start):
            quoted = _QUOTED[char].match(text, start)
            index = quoted.end() if quoted else len(text)
            if start < before <= _end_of_line(text, index) and (quoted is None or "\n" in quoted.group()):
                return Opened(char, start)
        elif found["opener"] and (opened or _starts_a_value(text, start)):
            opened.append(Opened(char, start))
        elif found["closer"] and opened:
            last = opened.pop()
            if _CLOSER[last.mark] != char:
                return Opened(last.mark, last.index, char)
    return next((one for one in opened if one.index < before), None)


def _starts_a_value(text: str, index: int) -> bool:
    """Whether a quote or a bracket here is one: inside plain text, as in `rock'n'roll [live]`, it is a letter."""
    while index and text[index - 1] in " \t\r":
        index -= 1
    return not index or text[index - 1] in _BEFORE_A_VALUE


def _end_of_line(text: str, index: int) -> int:
    end = text.find("\n", index)
    return len(text) if end < 0 else end + 1
