"""Mappings of a configuration that may be written as one text."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from beatsync.config.plain import Trap
from beatsync.config.strict import Strict


class Shorthand(Strict):
    """A mapping that may be written as one text: the value of its `shorthand` key."""

    shorthand: ClassVar[str]

    @model_validator(mode="before")
    @classmethod
    def _written_out(cls, value: Any) -> Any:
        return {cls.shorthand: value} if isinstance(value, str | Trap) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Either the text or the mapping."""
        schema = handler.resolve_ref_schema(handler(core))
        return {"anyOf": [schema["properties"][cls.shorthand], schema]}
