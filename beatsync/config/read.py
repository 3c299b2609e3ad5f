"""A configuration from its file: read, checked, built; every problem at once."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from beatsync.config.building import build, shape_problems
from beatsync.config.configuration import Configuration
from beatsync.config.faults import Place
from beatsync.config.models import ConfigurationModel, RuleModel, TargetModel
from beatsync.config.plain import described
from beatsync.config.problems import placed_problems, problems_of, written_path
from beatsync.config.references import reference_problems
from beatsync.config.yaml_text import Document, YamlFaults, read_yaml
from beatsync.core.limits import MAX_CONFIG_BYTES
from beatsync.errors import ConfigError, ConfigProblem
from beatsync.regular_files import Contents, Hindrance, Unread, read_regular_file

Key = TypeVar("Key", str, int)
Model = TypeVar("Model", bound=BaseModel)


def read_config_file(path: Path) -> Configuration:
    """The configuration in the file at `path`. Raises ConfigError, also where the file cannot be read."""
    match read_regular_file(path, limit=MAX_CONFIG_BYTES):
        case Contents(data=data):
            return read_config(data, path=path)
        case Unread(hindrance=Hindrance.MISSING):
            raise ConfigError((_of_file(path, "no such file; check the path"),))
        case Unread(reason=reason):
            raise ConfigError((_of_file(path, f"{reason}; expected a configuration in YAML"),))


def read_config(data: bytes, *, path: Path) -> Configuration:
    """The configuration that `data` spells out, `path` being where it stands. Raises ConfigError with every problem."""
    try:
        document = read_yaml(data)
    except YamlFaults as found:
        raise ConfigError(tuple(_of_file(path, fault.message, fault.place) for fault in found.faults)) from None
    if not isinstance(document.value, dict):
        expected = f"expected keys such as track and targets, got {described(document.value)}"
        raise ConfigError((_of_file(path, expected, document.places[()]),))
    problems = reference_problems(document.value)
    model: ConfigurationModel | None = None
    try:
        model = ConfigurationModel.model_validate(document.value)
        problems += shape_problems(model.targets, dict(enumerate(model.rules or ())))
    except ValidationError as error:
        valueless = {problem.path for problem in problems if problem.at_key}
        problems += [problem for problem in problems_of(error) if problem.path not in valueless]
        problems += shape_problems(*_good_parts(document.value))
    if model is None or problems:
        raise ConfigError(placed_problems(problems, document, path))
    return build(model, path=path, places=_places(document))


def _good_parts(value: dict[str, Any]) -> tuple[dict[str, TargetModel], dict[int, RuleModel]]:
    """The targets and rules that are good in themselves, in a file that is not."""
    targets, rules = value.get("targets"), value.get("rules")
    return (
        _valid(TargetModel, targets.items() if isinstance(targets, dict) else ()),
        _valid(RuleModel, enumerate(rules) if isinstance(rules, list) else ()),
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
