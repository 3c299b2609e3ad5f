"""A configuration from its file: read, checked, built; every problem at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from beatsync.config.building import build, shape_problems
from beatsync.config.configuration import Configuration, TrackChoice
from beatsync.config.models import ConfigurationModel
from beatsync.config.plain import described
from beatsync.config.problems import problem_lines, problems_of, written_path
from beatsync.config.references import reference_problems
from beatsync.config.track_building import track_of
from beatsync.config.track_models import SetListModel
from beatsync.config.yaml_text import Document, Fault, YamlFaults, read_yaml
from beatsync.core.limits import MAX_CONFIG_BYTES
from beatsync.errors import ConfigError
from beatsync.regular_files import Contents, Hindrance, Unread, read_regular_file


def read_config_file(path: Path) -> Configuration:
    """The configuration in the file at `path`. Raises ConfigError, also where the file cannot be read."""
    return read_config(_bytes_of(path, "a configuration in YAML"), path=path)


def _bytes_of(path: Path, expected: str) -> bytes:
    match read_regular_file(path, limit=MAX_CONFIG_BYTES):
        case Contents(data=data):
            return data
        case Unread(hindrance=Hindrance.MISSING):
            raise ConfigError((f"{path}: no such file; check the path",))
        case Unread(reason=reason):
            raise ConfigError((f"{path}: {reason}; expected {expected}",))


def read_config(data: bytes, *, path: Path) -> Configuration:
    """The configuration that `data` spells out, `path` being where it stands. Raises ConfigError with every problem."""
    document = _document(data, path)
    if not isinstance(document.value, dict):
        raise ConfigError((f"{path}:1:1: expected keys such as track and targets, got {described(document.value)}",))
    problems = reference_problems(document.value)
    model: ConfigurationModel | None = None
    try:
        model = ConfigurationModel.model_validate(document.value)
        problems += shape_problems(model)
    except ValidationError as error:
        valueless = {problem.path for problem in problems if problem.at_key}
        problems += [problem for problem in problems_of(error) if problem.path not in valueless]
    if model is None or problems:
        raise ConfigError(problem_lines(problems, document, path))
    return build(model, path=path, places=_places(document, path), tracks_of_file=read_setlist_file)


def read_setlist_file(path: Path) -> tuple[TrackChoice, ...]:
    """The tracks of a set list in a file of its own: a list in YAML. Raises ConfigError with every problem."""
    document = _document(_bytes_of(path, "a list of tracks in YAML"), path)
    if not isinstance(document.value, list):
        raise ConfigError((f"{path}:1:1: expected a list of tracks, got {described(document.value)}",))
    try:
        model = SetListModel.model_validate({"tracks": document.value})
    except ValidationError as error:
        within = [replace(problem, path=problem.path[1:]) for problem in problems_of(error, of=("setlist",))]
        raise ConfigError(problem_lines(within, document, path)) from None
    return tuple(track_of(track, path.parent) for track in model.tracks or ())


def _document(data: bytes, path: Path) -> Document:
    try:
        return read_yaml(data)
    except YamlFaults as found:
        raise ConfigError(tuple(_fault_line(fault, path) for fault in found.faults)) from None


def _fault_line(fault: Fault, path: Path) -> str:
    place = f":{fault.place.line}:{fault.place.column}" if fault.place else ""
    return f"{path}{place}: {fault.message}"


def _places(document: Document, path: Path) -> dict[str, str]:
    """Where each track and each rule stand, for whoever finds fault with them later."""
    return {
        written_path(key): f"{path}:{place.line}:{place.column}"
        for key, place in document.places.items()
        if key[-1:] == ("track",) or key[-2:-1] in {("rules",), ("tracks",), ("setlist",)}
    }
