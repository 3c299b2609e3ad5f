"""The JSON Schema says the same as the loader, and the configurations that we ship are good."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import trio

from beatsync.clock import SystemClock
from beatsync.config.configuration import FromBundle
from beatsync.config.read import read_config_file
from beatsync.config.schema import configuration_schema
from beatsync.config.yaml_text import read_yaml
from beatsync.decks.preparing import Preparation
from beatsync.decks.show import prepare_show
from tests.config.files import GOOD, HEAD, problems, read, rule

CONFIGS = sorted((Path(__file__).parent.parent.parent / "configs").glob("*.yaml"))
VALIDATOR = jsonschema.Draft202012Validator(configuration_schema())


def valid(text: str) -> bool:
    return VALIDATOR.is_valid(read_yaml(text.encode()).value)


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(configuration_schema())


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        HEAD,
        "track: a.json\ntargets: {a: {url: 'osc.udp://h:1', lead: -1.5s, source: ':7001'}}",
        rule("on: every 3 beats, send: [{address: /x}, {address: /y, args: [{T: }, {b: 'ff'}]}]"),
        rule("on: section, when: {energy: [1, '> 2'], energy_change: up}, send: {address: /x}, late: send"),
        f"{HEAD}clock: {{start: 1767222000.5}}",
    ],
)
def test_what_the_loader_takes_the_schema_takes(text: str) -> None:
    read(text)
    VALIDATOR.validate(read_yaml(text.encode()).value)


@pytest.mark.parametrize(
    "text",
    [
        "track: {bundled: demo}",
        f"{HEAD}rulse: []",
        f"{HEAD}rules: []",
        f"{HEAD}rules: [{{on: sectoin, send: {{address: /x}}}}]",
        rule("on: beat"),
        rule("on: beat, send: {address: nowhere}"),
        rule("on: beat, at: 2, send: {address: /x}"),
        rule("on: beat, late: soon, send: {address: /x}"),
        rule("on: beat, send: {address: /x, args: [{x: 1}]}"),
        rule("on: beat, when: {energy: high}, send: {address: /x}"),
        rule("on: beat, send: {address: /x}, kind: puls"),
        "track: {audioscape: 5}\ntargets: {a: 'osc.udp://h:1'}",
        "track: a\ntargets: {a: 'udp://h:1'}",
        "track: a\ntargets: {a: {url: 'osc.udp://h:1', lead: 40}}",
        "track: a\ntargets: {a: {url: 'osc.udp://h:1', max_rate: 0}}",
        "track: a\ntargets: {1a: 'osc.udp://h:1'}",
        "track: a\ntargets: {}",
    ],
)
def test_what_the_schema_refuses_the_loader_refuses(text: str) -> None:
    assert problems(text)
    assert not valid(text)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_each_configuration_that_we_ship_is_good(path: Path) -> None:
    configuration = read_config_file(path)
    assert configuration.notes == ()
    VALIDATOR.validate(read_yaml(path.read_bytes()).value)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_each_rule_of_a_configuration_that_we_ship_makes_cues_for_the_demo_track(path: Path) -> None:
    configuration = read_config_file(path)
    if all(track.origin != FromBundle() for track in configuration.tracks):
        return
    show = trio.run(prepare_show, configuration, Preparation(environment={}, clock=SystemClock()))
    assert all(len(material.schedule) > 0 for material, _ in show.loaded.values())
    assert show.notes == ()
