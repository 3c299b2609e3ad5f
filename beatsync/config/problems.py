"""Problems as lines for people: where, which key, what was expected. Only here are pydantic's findings worded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from beatsync.config.models import ConfigurationModel
from beatsync.config.plain import described, unlike
from beatsync.config.yaml_text import Document, Place
from beatsync.config.yaml_text import Path as KeyPath

_EXPECTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "string_type": "text",
        "int_type": "a whole number",
        "int_from_float": "a whole number",
        "float_type": "a number",
        "bool_type": "true or false",
        "list_type": "a list",
        "tuple_type": "a list",
        "dict_type": "a mapping",
        "model_type": "a mapping",
        "model_attributes_type": "a mapping",
    },
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at a path of the file. `at_key`: the key itself is what is wrong."""

    path: KeyPath
    message: str
    at_key: bool = False


def problem_lines(problems: Iterable[Problem], document: Document, file: Path) -> tuple[str, ...]:
    """`file:line:column: path: message` for each, in file order, none twice."""
    placed = sorted({(_place(problem, document), _line(problem, document)) for problem in problems})
    return tuple(f"{file}:{place.line}:{place.column}: {line}" for place, line in placed)


def _line(problem: Problem, document: Document) -> str:
    shown = written_path(_real_path(problem.path, document))
    return f"{shown}: {problem.message}" if shown else problem.message


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


def problems_of(error: ValidationError, *, of: KeyPath = ()) -> list[Problem]:
    """Pydantic's findings in our words. `of`: which part of a configuration was read."""
    return [_problem(detail, of) for detail in error.errors(include_url=False)]


def _problem(detail: ErrorDetails, of: KeyPath) -> Problem:
    path, kind = detail["loc"], detail["type"]
    if kind == "extra_forbidden":
        return Problem(path, _unknown_key((*of, *path)), at_key=True)
    if kind == "missing":
        return Problem(path[:-1], f"'{path[-1]}' is missing: {_description((*of, *path))}")
    if path and path[-1] == "[key]":
        name = "a name of letters, digits, _ and -, starting with a letter"
        return Problem(path[:-1], f"{path[-2]!r}: expected {name}", at_key=True)
    return Problem(path, _message(detail))


def _message(detail: ErrorDetails) -> str:
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return str(unlike(str(context["expected"]).replace("'", ""), value))
    if kind in _EXPECTED:
        return str(unlike(_EXPECTED[kind], value))
    return _out_of_bounds(detail, value)


def _out_of_bounds(detail: ErrorDetails, value: object) -> str:
    context = detail.get("ctx", {})
    bounds = {
        "greater_than_equal": "at least {ge}",
        "less_than_equal": "at most {le}",
        "too_short": "at least {min_length} of them",
        "too_long": "at most {max_length} of them",
    }
    wanted = bounds.get(detail["type"])
    if wanted is None:
        return f"{detail['msg'].lower()}, got {described(value)}"
    return f"expected {wanted.format(**context)}, got {described(value)}"


def _model_at(path: KeyPath) -> type[BaseModel] | None:
    """The shape of the mapping at `path`, found along the fields' annotations."""
    model: type[BaseModel] | None = ConfigurationModel
    words = [part for part in path if isinstance(part, str)]
    while words and model is not None:
        field = model.model_fields.get(words.pop(0))
        if field is None:
            return None
        if _is_dictionary(field.annotation):
            words = words[1:]
        model = next(_models_in(field.annotation), None)
    return model


def _is_dictionary(annotation: Any) -> bool:
    return get_origin(annotation) is dict or any(_is_dictionary(part) for part in get_args(annotation))


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def _unknown_key(path: KeyPath) -> str:
    model = _model_at(path[:-1])
    known = list(model.model_fields) if model else []
    near = get_close_matches(str(path[-1]), known, n=1)
    remedy = f"did you mean '{near[0]}'?" if near else f"known keys: {', '.join(known)}"
    return f"unknown key ({remedy})"


def _description(path: KeyPath) -> str:
    model = _model_at(path[:-1])
    field = model.model_fields.get(str(path[-1])) if model else None
    return field.description or "" if field else ""
