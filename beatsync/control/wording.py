"""What is wrong with a request's body or query, in words for whoever wrote it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from beatsync.core.fields import cut, shown

_EXPECTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "string_type": "text",
        "int_type": "a whole number",
        "float_type": "a number",
        "float_parsing": "a number",
        "bool_type": "true or false",
        "bool_parsing": "true or false",
        "model_type": "an object",
        "model_attributes_type": "an object",
        "dict_type": "an object",
        "finite_number": "a finite number",
    }
)
_BOUNDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "greater_than": "a number above {gt:g}",
        "greater_than_equal": "at least {ge:g}",
        "less_than_equal": "at most {le:g}",
        "string_too_long": "at most {max_length} characters",
        "string_too_short": "at least {min_length} characters",
        "literal_error": "{expected}",
    }
)


def complaint(error: ValidationError, model: type[BaseModel], example: Mapping[str, object]) -> str:
    """The first thing that is wrong, and what would be right. `example`: a body that makes sense, perhaps empty."""
    detail = error.errors(include_url=False)[0]
    right = f"; expected {json.dumps(example)}" if example else "; send no body, or {}"
    if detail["type"] == "json_invalid":
        return f"the body is not JSON{right}"
    path = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        return _unknown(path, model)
    if detail["type"] == "missing":
        return f"'{path}' is missing{right}"
    message = _message(detail)
    return f"{cut(path)}: {message}" if path else f"{message}{right}"


def _message(detail: ErrorDetails) -> str:
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    wanted = _EXPECTED.get(kind) or (_BOUNDS[kind].format(**context) if kind in _BOUNDS else "")
    return f"expected {wanted}, got {shown(value)}" if wanted else f"{detail['msg'].lower()}, got {shown(value)}"


def _unknown(key: str, model: type[BaseModel]) -> str:
    known = list(model.model_fields)
    near = get_close_matches(key[:64], known, n=1)
    remedy = f"did you mean '{near[0]}'?" if near else f"known keys: {', '.join(known) or 'none'}"
    return f"unknown key '{cut(key)}' ({remedy})"
