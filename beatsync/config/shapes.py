"""Which model, and which field of it, a path of the file belongs to: found by walking the models' annotations."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from beatsync.config.yaml_text import Path


def model_at(path: Path, root: type[BaseModel]) -> type[BaseModel] | None:
    """The model of the mapping at `path`; None where it is no mapping, or may be one of several."""
    found: list[Any] = [root]
    for part in path:
        found = [inner for kind in found for inner in _inside(kind, part)]
    models = [kind for kind in found if _is_model(kind)]
    return models[0] if len(models) == 1 else None


def field_at(path: Path, root: type[BaseModel]) -> FieldInfo | None:
    """The field whose value is at `path`; None where that is no field's."""
    model = model_at(path[:-1], root) if path else None
    return model.model_fields.get(str(path[-1])) if model else None


def _inside(kind: Any, part: str | int) -> Iterator[Any]:
    """What may stand under `part` of something of this kind."""
    if _is_model(kind):
        field = kind.model_fields.get(part)
        if field is not None:
            yield from _alternatives(field.annotation)
    elif get_origin(kind) in {list, tuple} and isinstance(part, int):
        yield from _alternatives(get_args(kind)[0])
    elif get_origin(kind) is dict:
        yield from _alternatives(get_args(kind)[1])


def _alternatives(annotation: Any) -> Iterator[Any]:
    """What an annotation stands for, one by one, without what only adds to it."""
    if get_origin(annotation) is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif get_origin(annotation) in {Union, UnionType}:
        for one in get_args(annotation):
            yield from _alternatives(one)
    else:
        yield annotation


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
