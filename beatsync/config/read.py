"""A configuration from its file: read, checked, built; every problem at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from beatsync.config.building import build, shape_problems
from beatsync.config.configuration import Configuration, TrackChoice
from beatsync.config.faults import Place
from beatsync.config.loops import loop_problems
from beatsync.config.models import ConfigurationModel
from beatsync.config.plain import described
from beatsync.config.problems import Problem, placed_problems, problems_of, written_path
from beatsync.config.references import lists_of_rules, reference_problems
from beatsync.config.rule_models import RuleModel
from beatsync.config.target_models import TargetModel
from beatsync.config.track_building import track_of
from beatsync.config.track_models import SetListModel
from beatsync.config.yaml_text import Document, YamlFaults, read_yaml
from beatsync.config.yaml_text import Path as KeyPath
from beatsync.core.limits import MAX_CONFIG_BYTES
from beatsync.errors import ConfigError, ConfigProblem
from beatsync.regular_files import Contents, Hindrance, Unread, read_regular_file

Key = TypeVar("Key", str, KeyPath)
Model = TypeVar("Model", bound=BaseModel)


ReadText = Callable[[Path, str], bytes]
"""Reads a file. Raises ConfigError, which names what is `expected` of it."""


def bytes_of(path: Path, expected: str) -> bytes:
    """What a file holds; see ReadText."""
    match read_regular_file(path, limit=MAX_CONFIG_BYTES):
        case Contents(data=data):
            return data
        case Unread(hindrance=Hindrance.MISSING):
            raise ConfigError((_of_file(path, "no such file; check the path"),))
        case Unread(reason=reason):
            raise ConfigError((_of_file(path, f"{reason}; expected {expected}"),))


def read_config_file(path: Path, *, read: ReadText = bytes_of) -> Configuration:
    """The configuration in the file at `path`. Raises ConfigError, also where the file cannot be read."""
    return read_config(read(path, "a configuration in YAML"), path=path, read=read)


def read_config(data: bytes, *, path: Path, read: ReadText = bytes_of) -> Configuration:
    """The configuration that `data` spells out, `path` being where it stands. Raises ConfigError with every problem.

    `read`: reads the files that it names.
    """
    document = _document(data, path)
    if not isinstance(document.value, dict):
        expected = f"expected keys such as track and targets, got {described(document.value)}"
        raise ConfigError((_of_file(path, expected, document.places[()]),))
    problems = reference_problems(document.value)
    model: ConfigurationModel | None = None
    try:
        model = ConfigurationModel.model_validate(document.value)
        problems += shape_problems(model.targets, _rules_in(model))
    except ValidationError as error:
        valueless = {problem.path for problem in problems if problem.at_key}
        problems += [problem for problem in problems_of(error) if problem.path not in valueless]
        problems += _problems_of_good_parts(document.value)
    if model is None or problems:
        raise ConfigError(placed_problems(problems, document, path))
    configuration = build(
        model, path=path, places=_places(document), tracks_of_file=partial(read_setlist_file, read=read)
    )
    if loops := list(loop_problems(configuration)):
        raise ConfigError(placed_problems(loops, document, path))
    return configuration


def read_setlist_file(path: Path, *, read: ReadText = bytes_of) -> tuple[TrackChoice, ...]:
    """The tracks of a set list in a file of its own: a list in YAML. Raises ConfigError with every problem."""
    document = _document(read(path, "a list of tracks in YAML"), path)
    if not isinstance(document.value, list):
        expected = f"expected a list of tracks, got {described(document.value)}"
        raise ConfigError((_of_file(path, expected, document.places[()]),))
    try:
        model = SetListModel.model_validate({"tracks": document.value})
    except ValidationError as error:
        within = [replace(problem, path=problem.path[1:]) for problem in problems_of(error, SetListModel)]
        raise ConfigError(placed_problems(within, document, path)) from None
    return tuple(track_of(track, path.parent) for track in model.tracks or ())


def _document(data: bytes, path: Path) -> Document:
    try:
        return read_yaml(data)
    except YamlFaults as found:
        raise ConfigError(tuple(_of_file(path, fault.message, fault.place) for fault in found.faults)) from None


def _rules_in(model: ConfigurationModel) -> dict[KeyPath, RuleModel]:
    """The show's rules, and those of decks that have their own, by their places."""
    rules: dict[KeyPath, RuleModel] = {("rules", index): rule for index, rule in enumerate(model.rules or ())}
    for name, deck in (model.decks or {}).items():
        rules |= {("decks", name, "rules", index): rule for index, rule in enumerate(deck.rules or ())}
    return rules


def _problems_of_good_parts(value: dict[str, Any]) -> Iterable[Problem]:
    """What is wrong with targets and rules that are good in themselves, in a file that is not."""
    targets = value.get("targets")
    rules: dict[KeyPath, Any] = {
        (*place, index): rule for place, listed in lists_of_rules(value) for index, rule in enumerate(listed)
    }
    return shape_problems(
        _valid(TargetModel, targets.items() if isinstance(targets, dict) else ()),
        _valid(RuleModel, rules.items()),
    )


def _valid(model: type[Model], parts: Iterable[tuple[Key, Any]]) -> dict[Key, Model]:
    good: dict[Key, Model] = {}
    for key, written in parts:
        with suppress(ValidationError):
            good[key] = model.model_validate(written)
    return good


def _of_file(path: Path, message: str, place: Place | None = None) -> ConfigProblem:
    if place is None:
        return ConfigProblem(file=str(path), message=message)
    return ConfigProblem(file=str(path), line=place.line, column=place.column, message=message)


def _places(document: Document) -> dict[str, Place]:
    """Where everything stands, for whoever finds fault with it later."""
    return {written_path(key): place for key, place in document.places.items() if key}
