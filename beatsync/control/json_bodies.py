"""A command's body, read strictly: what is in doubt is refused, since a show would do something else than was meant."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from beatsync.control.bodies import Body
from beatsync.control.wording import complaint
from beatsync.core.fields import cut
from beatsync.errors import UsageError

Said = TypeVar("Said", bound=Body)


def read_json(model: type[Said], body: bytes, example: Mapping[str, object]) -> Said:
    """What a body says; an empty one says nothing. `example`: a body that makes sense. Raises UsageError."""
    text = body.strip() or b"{}"
    try:
        said = model.model_validate_json(text)
    except ValidationError as error:
        raise UsageError(complaint(error, model, example)) from None
    _check_keys(text)
    return said


def _check_keys(text: bytes) -> None:
    """Raises UsageError for a key that is there twice: pydantic takes the last one, and says nothing.

    `text` is JSON that pydantic has taken, so that it nests only so deep. Numbers are left as they are written.
    """
    json.loads(text, object_pairs_hook=_once, parse_int=str, parse_float=str)


def _once(pairs: Sequence[tuple[str, Any]]) -> Mapping[str, Any]:
    read: dict[str, Any] = {}
    for key, value in pairs:
        if key in read:
            raise UsageError(f"the key '{cut(key)}' is there twice in the body; keep one")
        read[key] = value
    return read
