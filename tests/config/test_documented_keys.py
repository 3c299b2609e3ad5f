"""Every key of a configuration stands in an example of the documentation, and all those examples load."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from beatsync.config.feeds.common import FollowingModel
from beatsync.config.read import read_config
from beatsync.config.schema import configuration_schema
from beatsync.config.yaml_text import read_yaml

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "docs" / "configuration.md", *sorted((ROOT / "docs" / "feeds").glob("*.md"))]
COMPLETION = {
    "track|setlist|decks": "track: {bundled: demo}\n",
    "targets": "targets: {lights: 'osc.udp://127.0.0.1:7700'}\n",
}
EXAMPLES = [
    (path, example) for path in PAGES for example in re.findall(r"```yaml\n(.*?)```", path.read_text(), re.DOTALL)
]
IDS = [f"{path.stem}-{index}" for index, (path, _) in enumerate(EXAMPLES)]
SCHEMA = configuration_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


@pytest.mark.parametrize(("page", "example"), EXAMPLES, ids=IDS)
def test_every_example_in_the_documentation_loads(page: Path, example: str, tmp_path: Path) -> None:
    (tmp_path / "saturday.yaml").write_text("- {bundled: demo}\n")
    assert read_config(completed(example), path=tmp_path / page.name).targets


def completed(example: str) -> bytes:
    """What an example leaves out, the page says, is this."""
    missing = [text for key, text in COMPLETION.items() if not re.search(rf"^({key}):", example, re.MULTILINE)]
    return (example + "".join(missing)).encode()


@pytest.mark.parametrize(("page", "example"), EXAMPLES, ids=IDS)
def test_an_editor_that_goes_by_the_schema_finds_no_fault_with_an_example(page: Path, example: str) -> None:
    VALIDATOR.validate(read_yaml(completed(example)).value)


def test_every_key_stands_in_an_example() -> None:
    """What every feed has is shown with one of them."""
    shown = {place for _, example in EXAMPLES for place in keys_in(read_yaml(completed(example)).value, SCHEMA, "show")}
    of_feeds = {key for _, key in shown} & set(FollowingModel.model_fields)
    missing = {(model, key) for model, key in set(keys_of_schema()) - shown if key not in of_feeds}
    assert sorted(f"{model}.{key}" for model, key in missing) == []


def test_a_key_that_stands_in_no_example_is_missed() -> None:
    assert ("TargetModel", "lead") not in set(keys_in({"targets": {"a": {"url": "x"}}}, SCHEMA, "show"))
    assert ("TargetModel", "lead") in set(keys_in({"targets": {"a": {"url": "x", "lead": "1s"}}}, SCHEMA, "show"))
    assert ("TargetModel", "lead") in set(keys_of_schema())


def keys_of_schema() -> Iterator[tuple[str, str]]:
    """Every key of every kind of mapping: the kind's name in the schema, and the key."""
    for name in ("show", *SCHEMA["$defs"]):
        for kind, shape in shapes_of(SCHEMA["$defs"].get(name, SCHEMA), name):
            if kind == name:
                yield from ((kind, key) for key in shape.get("properties", ()))


def shapes_of(node: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Each form that a value may have, with the name of the kind that it belongs to."""
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        yield from shapes_of(SCHEMA["$defs"][name], name)
    yield name, node
    for part in node.get("anyOf", ()):
        yield from shapes_of(part, name)


def keys_in(value: Any, node: Any, name: str) -> Iterator[tuple[str, str]]:
    """The keys that a value has, along the schema."""
    for kind, shape in shapes_of(node, name):
        if isinstance(value, list) and "items" in shape:
            for part in value:
                yield from keys_in(part, shape["items"], kind)
        if isinstance(value, dict):
            for key, part in value.items():
                yield from keys_at(kind, shape, key, part)


def keys_at(kind: str, shape: Any, key: str, part: Any) -> Iterator[tuple[str, str]]:
    """One key of a mapping, and the keys below it."""
    if key in shape.get("properties", ()):
        yield kind, key
        yield from keys_in(part, shape["properties"][key], kind)
    for pattern in shape.get("patternProperties", {}).values():
        yield from keys_in(part, pattern, kind)
