"""The example configurations and the pages of timecode and DJ feeds are true: they load, and name every key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from beatsync.clock import SystemClock
from beatsync.config.feeds.artnet import FollowArtnet
from beatsync.config.feeds.common import FollowingModel
from beatsync.config.feeds.ltc import AudioInput, FollowLtc, RawModel
from beatsync.config.feeds.midi import VirtualPort
from beatsync.config.feeds.midi_clock import FollowMidiClock
from beatsync.config.feeds.mtc import FollowMtc
from beatsync.config.feeds.prodj import FollowProDjLink
from beatsync.config.yaml_text import read_yaml
from beatsync.core.observation import Accuracy, Character
from beatsync.core.timecode import EBU
from beatsync.feeds.artnet.feed import ArtnetFeed
from beatsync.feeds.ltc.feed import LtcFeed
from beatsync.feeds.midi.feed import midi_clock_feed, mtc_feed
from beatsync.feeds.prodj.feed import ProDjFeed
from tests.config.feeds.test_timecode_feeds import MODELS

ROOT = Path(__file__).parent.parent.parent.parent
PAGE_OF = {"artnet": "artnet", "mtc": "midi", "midi_clock": "midi", "ltc": "ltc", "prodj": "prodj"}
PAGES = {name: (ROOT / f"docs/feeds/{name}.md").read_text() for name in set(PAGE_OF.values())}
CONFIGS = [ROOT / f"configs/feed-{name.replace('_', '-')}.yaml" for name in PAGE_OF]
EXAMPLES = [text for page in PAGES.values() for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]


def loaded(text: str) -> tuple[str, BaseModel]:
    ((kind, keys),) = read_yaml(text.encode()).value["clock"]["feed"].items()
    return kind, MODELS[kind].model_validate(keys)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_the_feed_of_every_example_configuration_loads(path: Path) -> None:
    kind, _ = loaded(path.read_text())
    assert path.name == f"feed-{kind.replace('_', '-')}.yaml"
    assert f"docs/feeds/{PAGE_OF[kind]}.md" in path.read_text()


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_in_the_pages_loads(example: str) -> None:
    loaded(example)


@pytest.mark.parametrize("kind", PAGE_OF)
def test_a_page_names_every_key_of_its_feeds(kind: str) -> None:
    page = PAGES[PAGE_OF[kind]]
    keys = {**MODELS[kind].model_fields, **(RawModel.model_fields if kind == "ltc" else {})}
    assert [key for key in keys if f"`{key}`" not in page] == []


def test_every_key_that_all_feeds_have_is_in_each_page() -> None:
    for page in PAGES.values():
        assert [key for key in FollowingModel.model_fields if f"`{key}`" not in page] == []


CLOCK = SystemClock()
CHARACTERS: dict[str, Character] = {
    "artnet": ArtnetFeed(FollowArtnet(), clock=CLOCK).character,
    "mtc": mtc_feed(FollowMtc(port=VirtualPort("b")), clock=CLOCK).character,
    "midi_clock": midi_clock_feed(FollowMidiClock(port=VirtualPort("b")), place=lambda _: None, clock=CLOCK).character,
    "ltc": LtcFeed(FollowLtc(audio=AudioInput(None), fps=EBU), clock=CLOCK).character,
    "prodj": ProDjFeed(FollowProDjLink(device=1), clock=CLOCK).character,
}
PROMISES = {Accuracy.A: "5 ms", Accuracy.B: "10 ms"}


@pytest.mark.parametrize("kind", PAGE_OF)
def test_a_page_promises_what_the_feed_does(kind: str) -> None:
    accuracy = CHARACTERS[kind].accuracy
    page = PAGES[PAGE_OF[kind]]
    assert f"Class {accuracy}" in page
    assert PROMISES[accuracy] in page
