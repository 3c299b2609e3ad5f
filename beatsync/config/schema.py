"""The JSON Schema of a configuration, as a user writes it: shorthands included."""

from __future__ import annotations

from typing import Any, Final

from beatsync.config.models import ConfigurationModel

_NAMED: Final = frozenset({"properties", "$defs"})


def configuration_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12."""
    schema: dict[str, Any] = _without_nothing(ConfigurationModel.model_json_schema())
    schema["oneOf"] = [{"required": [key]} for key in ("track", "setlist", "decks")]
    kinds = schema["$defs"]
    kinds["FeedModel"] |= {"minProperties": 1, "maxProperties": 1}
    for kind, key in (("RuleModel", "send"), ("ClockModel", "feed"), ("TargetModel", "safe")):
        _one_or_a_list(_properties(kinds[kind]), key)
    for owner in (schema, kinds["DeckModel"]):
        tracks = _properties(kinds["SetListModel"])["tracks"]
        _or_short(owner["properties"], "setlist", tracks, {"type": "string", "minLength": 1})
    for key, kind in (("http", "HttpModel"), ("osc", "OscControlModel")):
        _or_short(kinds["ControlModel"]["properties"], key, _properties(kinds[kind])["port"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "beatsync configuration",
        **{key: value for key, value in schema.items() if key != "title"},
    }


def _properties(kind: dict[str, Any]) -> dict[str, Any]:
    """The keys of a kind of mapping, which may have a short form beside it."""
    (shape,) = (shape for shape in kind.get("anyOf", [kind]) if "properties" in shape)
    properties: dict[str, Any] = shape["properties"]
    return properties


def _one_or_a_list(properties: dict[str, Any], key: str) -> None:
    """What is written as a list may be written as the one thing that would be in it."""
    _or_short(properties, key, properties[key]["items"])


def _or_short(properties: dict[str, Any], key: str, *short: dict[str, Any]) -> None:
    """`key` has these short forms, beside the one that the model has."""
    full = dict(properties[key])
    about = {word: full.pop(word) for word in ("description", "default") if word in full}
    properties[key] = {**about, "anyOf": [*({**form} for form in short), full]}


def _without_nothing(node: Any) -> Any:
    """Pydantic says that what may be left out may be null; in a file a key without a value is a mistake."""
    if isinstance(node, list):
        return [_without_nothing(part) for part in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: _each_without_nothing(part) if key in _NAMED else _without_nothing(part)
        for key, part in node.items()
        if not (key == "default" and part is None)
    }
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


def _each_without_nothing(parts: dict[str, Any]) -> dict[str, Any]:
    """The same for what stands under names that a user writes, `title` among them."""
    return {name: _without_nothing(part) for name, part in parts.items()}
