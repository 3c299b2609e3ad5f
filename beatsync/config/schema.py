"""The JSON Schema of a configuration, as a user writes it: shorthands included."""

from __future__ import annotations

from typing import Any

from beatsync.config.models import ConfigurationModel


def configuration_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12."""
    schema: dict[str, Any] = _without_nothing(ConfigurationModel.model_json_schema())
    schema["oneOf"] = [{"required": [key]} for key in ("track", "setlist", "decks")]
    schema["$defs"]["FeedModel"] |= {"minProperties": 1, "maxProperties": 1}
    for model, key in (("RuleModel", "send"), ("ClockModel", "feed")):
        _let_one_stand_alone(schema["$defs"][model]["properties"], key)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "beatsync configuration",
        **{key: value for key, value in schema.items() if key != "title"},
    }


def _let_one_stand_alone(properties: dict[str, Any], key: str) -> None:
    """A list of one may be written as that one."""
    several = properties[key]
    description = several.pop("description")
    properties[key] = {"description": description, "anyOf": [several["items"], several]}


def _without_nothing(node: Any) -> Any:
    """Pydantic says that what may be left out may be null; in a file a key without a value is a mistake."""
    if isinstance(node, list):
        return [_without_nothing(part) for part in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _without_nothing(part) for key, part in node.items() if not (key == "default" and part is None)}
    choices = kept.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        others = [choice for choice in choices if choice != {"type": "null"}]
        del kept["anyOf"]
        kept = {**(others[0] if len(others) == 1 else {"anyOf": others}), **kept}
    if "patternProperties" in kept:
        kept["additionalProperties"] = False
    if "properties" not in kept:
        kept.pop("title", None)
    return kept
