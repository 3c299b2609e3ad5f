"""Problems as lines for people: where, what was expected, what to do. Only here are pydantic's findings worded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sized
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from beatsync.config.faults import Place
from beatsync.config.models import ConfigurationModel
from beatsync.config.plain import described, unlike
from beatsync.config.shapes import field_at, model_at
from beatsync.config.strict import Strict
from beatsync.config.yaml_text import Document
from beatsync.config.yaml_text import Path as KeyPath
from beatsync.errors import ConfigProblem

_PLAIN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "int_type": "a whole number",
        "int_from_float": "a whole number",
        "float_type": "a number",
        "finite_number": "a number",
        "bool_type": "true or false",
        "list_type": "a list",
        "tuple_type": "a list",
        "dict_type": "a mapping",
        "model_type": "a mapping",
        "model_attributes_type": "a mapping",
        "string_type": "text",
    },
)
_OF_KEY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "targets": "a mapping of names to targets, such as {lights: osc.udp://127.0.0.1:7700}",
        "decks": "a mapping of names to decks, such as {a: {track: a.json}}",
        "tracks": "a list of tracks, each behind a dash",
        "feed": "a feed such as {mpv: {socket: /run/mpv.sock}}, or a list of them",
        "rules": "a list of rules, each behind a dash",
        "send": "a message such as {address: /hit}, or a list of them",
        "args": "a list of arguments such as [1, energy]",
    },
)
_EMPTY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "targets": "name at least one, such as lights: osc.udp://127.0.0.1:7700",
        "decks": "name at least one, such as a: {track: a.json}",
        "tracks": "name at least one, or remove the key",
        "feed": "name one, such as {mpv: {socket: /run/mpv.sock}}",
        "rules": "write a rule, or remove the key to get the default messages",
        "send": "write a message such as {address: /hit}",
    },
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at a path of the file. `at_key`: the key itself is what is wrong."""

    path: KeyPath
    message: str
    at_key: bool = False


def placed_problems(problems: Iterable[Problem], document: Document, file: Path) -> tuple[ConfigProblem, ...]:
    """Each with its place and its path as the file has it, in file order, none twice."""
    placed = sorted(
        {
            (_place(problem, document), written_path(_real_path(problem.path, document)), problem.message)
            for problem in problems
        }
    )
    return tuple(
        ConfigProblem(file=str(file), line=place.line, column=place.column, path=path, message=message)
        for place, path, message in placed
    )


def _place(problem: Problem, document: Document) -> Place:
    path = _real_path(problem.path, document)
    if problem.at_key and path in document.key_places:
        return document.key_places[path]
    while path not in document.places:
        path = path[:-1]
    return document.places[path]


def _real_path(path: KeyPath, document: Document) -> KeyPath:
    """The path as the file has it: a single `send` stands for a list of one."""
    real: list[str | int] = []
    value: Any = document.value
    for part in path:
        if isinstance(part, int) and not isinstance(value, list):
            continue
        real.append(part)
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            value = None
    return tuple(real)


def written_path(path: KeyPath) -> str:
    """`rules[3].send.to`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def problems_of(error: ValidationError, root: type[BaseModel] = ConfigurationModel) -> list[Problem]:
    """What pydantic found against the model `root`, in our words."""
    return [_problem(detail, root) for detail in error.errors(include_url=False)]


def _problem(detail: ErrorDetails, root: type[BaseModel]) -> Problem:
    path, kind = detail["loc"], detail["type"]
    if kind in {"extra_forbidden", "invalid_key"}:
        return Problem(path, _unknown_key(path, root), at_key=True)
    if kind == "missing":
        field = field_at(path, root)
        meaning = f": {field.description}" if field and field.description else ""
        return Problem(path[:-1], f"'{path[-1]}' is missing{meaning}")
    if path and path[-1] == "[key]":
        name = "a name of letters, digits, _ and -, starting with a letter"
        return Problem(path[:-1], f"{path[-2]!r}: expected {name}", at_key=True)
    return Problem(path, _message(detail, root))


def _unknown_key(path: KeyPath, root: type[BaseModel]) -> str:
    key = str(path[-1])
    model = model_at(path[:-1], root)
    known = list(model.model_fields) if model else []
    first = key.split(maxsplit=1)[0] if key.split() else ""
    near = get_close_matches(key, known, n=1)
    if first in known:
        remedy = f" (is the colon after '{first}' missing?)"
    elif near:
        remedy = f" (did you mean '{near[0]}'?)"
    else:
        remedy = f" (known keys: {', '.join(known)})" if known else "; remove it"
    return f"unknown key{remedy}"


def _message(detail: ErrorDetails, root: type[BaseModel]) -> str:
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind in _PLAIN:
        return str(unlike(_expected(kind, detail["loc"], root), value))
    wording = _WORDINGS.get(kind)
    if wording is not None:
        return wording(detail, root)
    expected = detail["msg"].removeprefix("Input should be ")
    return f"expected {expected[:1].lower()}{expected[1:]}, got {described(value)}"


def _expected(kind: str, path: KeyPath, root: type[BaseModel]) -> str:
    """What a value should have been; of a mapping or a list how one is written here."""
    if kind == "model_type":
        model = model_at(path, root)
        return model.written if model is not None and issubclass(model, Strict) else _PLAIN[kind]
    if kind in {"list_type", "tuple_type", "dict_type"} and path:
        return _OF_KEY.get(str(path[-1]), _PLAIN[kind])
    return _PLAIN[kind]


def _choice(detail: ErrorDetails, _root: type[BaseModel]) -> str:
    expected, value = str(detail["ctx"]["expected"]), detail["input"]
    near = get_close_matches(value, re.findall("'(.*?)'", expected), n=1) if isinstance(value, str) else []
    hint = f" (did you mean {near[0]}?)" if near else ""
    return f"expected {expected.replace(chr(39), '')}, got {described(value)}{hint}"


def _out_of_bounds(detail: ErrorDetails, root: type[BaseModel]) -> str:
    """Both bounds where the field has both."""
    field = field_at(detail["loc"], root)
    bounds: dict[str, Any] = dict(detail["ctx"])
    for limit in field.metadata if field else ():
        bounds |= {name: getattr(limit, name) for name in ("ge", "le") if hasattr(limit, name)}
    low, high, above, below = (_figure(bounds.get(name)) for name in ("ge", "le", "gt", "lt"))
    if low and high:
        expected = f"{low} to {high}"
    else:
        words = {"at least": low, "at most": high, "more than": above, "less than": below}
        expected = " and ".join(f"{word} {bound}" for word, bound in words.items() if bound)
    return f"expected {expected}, got {described(detail['input'])}"


def _figure(bound: float | None) -> str:
    if bound is None:
        return ""
    return f"{bound:,}" if isinstance(bound, int) else f"{bound:,g}"


def _too_few(detail: ErrorDetails, _root: type[BaseModel]) -> str:
    key = str(detail["loc"][-1]) if detail["loc"] else "it"
    least = detail["ctx"]["min_length"]
    if not detail["input"]:
        return f"is empty; {_EMPTY.get(key, f'expected at least {least}')}"
    return f"expected at least {least}, got {_length(detail['input'])}"


def _too_many(detail: ErrorDetails, _root: type[BaseModel]) -> str:
    most = detail["ctx"]["max_length"]
    return f"{_length(detail['input']):,} of them; at most {most:,}, make them fewer"


def _too_long_or_short(detail: ErrorDetails, _root: type[BaseModel]) -> str:
    context = detail["ctx"]
    bound = f"at least {context['min_length']}" if "min_length" in context else f"at most {context['max_length']:,}"
    return f"expected text of {bound} characters, got {_length(detail['input']):,}"


def _ill_formed(detail: ErrorDetails, root: type[BaseModel]) -> str:
    field = field_at(detail["loc"], root)
    expected = field.description if field and field.description else "text of another form"
    return str(unlike(expected, detail["input"]))


def _of_another_kind(detail: ErrorDetails, root: type[BaseModel]) -> str:
    """None of several kinds fits."""
    field = field_at(detail["loc"], root)
    expected = field.description if field and field.description else "something else"
    return str(unlike(expected, detail["input"]))


def _length(value: object) -> int:
    return len(value) if isinstance(value, Sized) else 0


_WORDINGS: Final[Mapping[str, Callable[[ErrorDetails, type[BaseModel]], str]]] = MappingProxyType(
    {
        "literal_error": _choice,
        "enum": _choice,
        "greater_than_equal": _out_of_bounds,
        "greater_than": _out_of_bounds,
        "less_than_equal": _out_of_bounds,
        "less_than": _out_of_bounds,
        "too_short": _too_few,
        "too_long": _too_many,
        "string_too_short": _too_long_or_short,
        "string_too_long": _too_long_or_short,
        "string_pattern_mismatch": _ill_formed,
        "string_unicode": _ill_formed,
        "is_instance_of": _of_another_kind,
        "none_required": _of_another_kind,
        "union_tag_invalid": _of_another_kind,
        "union_tag_not_found": _of_another_kind,
    },
)
