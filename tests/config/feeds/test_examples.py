"""The feeds of our example configurations and of the documentation load, and the documentation names every key."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from beatsync.config.feeds.common import FollowingModel
from beatsync.config.feeds.osc import OscModel
from beatsync.config.feeds.osc_presets import PRESETS
from beatsync.config.feeds.push import PushModel
from beatsync.config.yaml_text import read_yaml

ROOT = Path(__file__).parent.parent.parent.parent
CONFIGS = sorted([*ROOT.glob("configs/feed-osc-*.yaml"), *ROOT.glob("configs/feed-push.yaml")])
PAGES = {"osc": ROOT / "docs/feeds/osc.md", "push": ROOT / "docs/feeds/push.md"}
EXAMPLES = [text for page in PAGES.values() for text in re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)]


def loaded(text: str) -> OscModel | PushModel:
    """The one feed of a configuration, as far as its model goes."""
    document: Any = read_yaml(text.encode()).value
    ((kind, keys),) = document["clock"]["feed"].items()
    if kind == "push":
        push = PushModel.model_validate(keys)
        push.choice(Path())
        return push
    osc = OscModel.model_validate(keys)
    osc.choice(Path())
    return osc


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_the_feed_of_every_example_configuration_loads(path: Path) -> None:
    assert isinstance(loaded(path.read_text()), FollowingModel)


def test_every_preset_has_an_example_configuration() -> None:
    models = [loaded(path.read_text()) for path in CONFIGS]
    assert {model.preset for model in models if isinstance(model, OscModel)} == {None, *PRESETS}


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_in_the_pages_loads(example: str) -> None:
    assert isinstance(loaded(example), FollowingModel)


@pytest.mark.parametrize(("kind", "model"), [("osc", OscModel), ("push", PushModel)])
def test_a_page_names_every_key_of_its_feed(kind: str, model: type[FollowingModel]) -> None:
    page = PAGES[kind].read_text()
    assert [key for key in model.model_fields if f"`{key}`" not in page] == []


def test_every_preset_has_its_place_in_the_page() -> None:
    page = PAGES["osc"].read_text()
    assert [name for name in PRESETS if f"| `{name}` |" not in page] == []


def test_the_table_of_accuracies_says_what_the_presets_promise() -> None:
    page = PAGES["osc"].read_text()
    for name, preset in PRESETS.items():
        assert f"| `{name}` | {preset.dialect.character.accuracy}: " in page
