"""Models of feeds on their own: what a file says of one, and what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from pydantic import BaseModel, ValidationError

from beatsync.config.problems import problems_of


def model_of(kind: type[BaseModel], text: str) -> Any:
    """The model of the keys in braces: `port: 9000, unit: s`."""
    return kind.model_validate(yaml.safe_load(f"{{{text}}}"))


def problems(kind: type[BaseModel], text: str) -> list[str]:
    """What is wrong: `port: expected ...`."""
    with pytest.raises(ValidationError) as caught:
        model_of(kind, text)
    return [
        f"{'.'.join(map(str, problem.path))}: {problem.message}".removeprefix(": ")
        for problem in problems_of(caught.value, kind)
    ]
