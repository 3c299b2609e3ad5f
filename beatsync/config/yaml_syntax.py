"""PyYAML's complaints in our words: what people trip over gets the place where they did, and the remedy."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import yaml

from beatsync.config.faults import Fault, Place
from beatsync.config.unclosed import unclosed

_SHOWN: Final = 160

Wording: TypeAlias = Callable[[re.Match[str], str], str]
"""Says a complaint of PyYAML's, given what it found and the rest of the line there."""


def place_of_mark(mark: Any) -> Place:
    """PyYAML counts from 0."""
    return Place(mark.line + 1, mark.column + 1)


def syntax_fault(error: yaml.YAMLError, text: str) -> Fault:
    """One complaint, from where its cause is rather than where PyYAML noticed."""
    if isinstance(error, yaml.reader.ReaderError):
        return Fault(_place_of_index(text, error.position), f"{_named(error.character)} is no text; remove it")
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Fault(None, f"not YAML: {' '.join(str(error).split())[:_SHOWN]}")
    if _is_tab(text, mark):
        return Fault(place_of_mark(mark), "a tab; YAML is indented with spaces, use spaces")
    if opened := unclosed(text, mark.index):
        return Fault(_place_of_index(text, opened.index), opened.message)
    return _worded(error, mark, text)


def _worded(error: yaml.YAMLError, mark: Any, text: str) -> Fault:
    problem = str(getattr(error, "problem", None) or "cannot be read")
    context = str(getattr(error, "context", None) or "")
    if "could not find expected ':'" in problem:
        start = getattr(error, "context_mark", None) or mark
        return Fault(place_of_mark(start), "no colon after it; expected key: value")
    for pattern, wording in _WORDINGS:
        if found := pattern.search(problem):
            return Fault(place_of_mark(mark), wording(found, text[mark.index :].partition("\n")[0]))
    return Fault(place_of_mark(mark), f"not YAML: {problem}{f' ({context})' if context else ''}")


def _is_tab(text: str, mark: Any) -> bool:
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    indentation = line[: len(line) - len(line.lstrip())]
    return "\t" in indentation or line[mark.column : mark.column + 1] == "\t"


def _place_of_index(text: str, index: int) -> Place:
    start = text.rfind("\n", 0, index) + 1
    return Place(text.count("\n", 0, index) + 1, index - start + 1)


def _named(character: int | bytes) -> str:
    code = character if isinstance(character, int) else ord(character)
    return f"the character U+{code:04X}"


def _ended_early(found: re.Match[str], _text: str) -> str:
    if found[1] in {"]", "}", ","}:
        return f"a {found[1]} that nothing opened; remove it, or quote the text that it belongs to"
    if found[1] in {"<scalar>", "["}:
        return "something after the end of a value; quote the whole text"
    return "not indented as the lines above; give all keys of a mapping, and all dashes of a list, the same indentation"


def _dash(_found: re.Match[str], text: str) -> str:
    if text.partition(" #")[0].strip() == "-":
        return 'a list cannot start in the line of its key; for the text - write "-", with the quotes'
    return "a list cannot start in the line of its key; put its first dash into the next line"


def _says(wording: str) -> Wording:
    """Words that do not depend on where it is; `{0}` is what PyYAML found there."""
    return lambda found, _text: wording.format(*found.groups())


_WORDINGS: Final[tuple[tuple[re.Pattern[str], Wording], ...]] = (
    (
        re.compile("mapping values are not allowed here"),
        _says("a colon where none can be; quote text that has a colon in it, or look at the indentation"),
    ),
    (re.compile("sequence entries are not allowed here"), _dash),
    (re.compile("expected <block end>, but found '(.*)'"), _ended_early),
    (
        re.compile(r"expected ',' or '([\]}])', but got"),
        _says("expected , or {0} here; put commas between values, and quote text with a colon or a comma in it"),
    ),
    (
        re.compile("found character '(.*)' that cannot start any token"),
        _says("text cannot start with {0}; quote it"),
    ),
    (
        re.compile("expected alphabetic or numeric character, but found"),
        _says("text cannot start with * or &; quote it"),
    ),
    (
        re.compile("found unknown escape character '(.*)'"),
        _says("\\{0} means nothing in double quotes; write \\\\ for a backslash, or use single quotes"),
    ),
)
