"""The documentation is true: its examples load, and it names every key."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from beatsync.commands.plan import print_plan
from beatsync.config.read import read_config
from beatsync.config.schema import configuration_schema
from beatsync.core.names import NAMES

ROOT = Path(__file__).parent.parent
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text()


@pytest.mark.parametrize("example", re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL))
def test_every_configuration_in_the_readme_loads(example: str) -> None:
    assert read_config(example.encode(), path=Path("README.md")).targets


def test_the_configuration_page_and_those_of_feeds_name_every_key_of_the_schema() -> None:
    pages = CONFIGURATION + "".join(page.read_text() for page in sorted((ROOT / "docs" / "feeds").glob("*.md")))
    missing = [key for key in sorted(_keys(configuration_schema())) if f"`{key}`" not in pages]
    assert missing == []


def test_the_configuration_page_names_every_name_of_expressions() -> None:
    assert [name for name in NAMES if f"`{name}`" not in CONFIGURATION] == []


def test_the_configuration_page_names_every_variable_that_is_read() -> None:
    source = "".join(path.read_text() for path in sorted((ROOT / "beatsync").rglob("*.py")))
    read = set(re.findall(r'"((?:AUDIOSCAPE|BEATSYNC)_[A-Z_]+)"', source))
    assert sorted(name for name in read if f"`{name}`" not in CONFIGURATION) == []
    assert "BEATSYNC_CACHE" in read


def test_the_picture_in_the_readme_is_what_plan_draws(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """After a change of the drawing: `beatsync plan configs/demo.yaml --format svg > docs/demo.svg`, and look at it."""
    print_plan(ROOT / "configs" / "demo.yaml", deck=None, track=None, form="svg")
    assert capsysbinary.readouterr().out == (ROOT / "docs" / "demo.svg").read_bytes()


def _keys(node: Any) -> set[str]:
    """Every property name of a schema that stands for a fixed key."""
    if isinstance(node, list):
        return {key for part in node for key in _keys(part)}
    if not isinstance(node, dict):
        return set()
    own = set(node["properties"]) if isinstance(node.get("properties"), dict) else set()
    single = {
        "i",
        "f",
        "s",
        "b",
        "T",
        "F",
        "N",
        "I",
        "h",
        "d",
        "track",
        "clock",
        "targets",
        "rules",
        "decks",
        "control",
    }
    return (own - single) | {key for part in node.values() for key in _keys(part)}
