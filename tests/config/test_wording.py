"""Every wrong value of every key has a complaint in our words: pydantic's do not come through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from pydantic import BaseModel, Field, ValidationError

from beatsync.config.feeds.common import FollowingModel
from beatsync.config.models import ConfigurationModel
from beatsync.config.plain import Trap
from beatsync.config.problems import placed_problems, problems_of, written_path
from beatsync.config.schema import configuration_schema
from beatsync.config.yaml_text import Path, read_yaml
from beatsync.core.limits import MAX_RULES, MAX_TARGETS
from tests.config.files import FILE, HEAD, problems, rule

ONE_DECK = """\
track: {file: a.json, grid: from-bpm, first_downbeat: 350ms, beats_per_bar: 4, force: false, lead: 5ms, track_lead: 1ms,
        expect: {asset_id: "1", duration: 3s}}
clock: {start: now}
targets:
  a: osc.udp://127.0.0.1:7700
  b: {url: "osc.tcp://10.0.0.9:3032", framing: slip, lead: 40ms, track_lead: 1ms, timetags: {ahead: 1ms}, bundles: true,
      max_rate: 3, source: 10.0.0.1, queue: {count: 3, age: 1s}, chase_on_reconnect: true}
  c: {url: "osc.udp://239.0.0.255:3032", broadcast: true, multicast_ttl: 1, pace: {packets: 3, every: 5ms}}
rules:
  - name: r
    on: section
    when: {label: Drop, energy: 3, energy_change: up, occurrence: first, previous: Build, next: Outro, bars: 4, bpm: 3,
           bar_of_section: 1, beat_of_section: 1, beat_of_bar: 1}
    at: 1 beat
    lead: 1ms
    track_lead: 1ms
    send:
      - {to: a, address: /x, args: [1, {s: a}, {f: energy}, {b: "00"}], look: l,
         end: {address: /y, args: [0], after: 1s}}
    kind: state
    jumped_into: send
    skipped_over: ignore
    gone_back: again
    late: 3s
    paused: keep
"""
DECKS = """\
decks:
  a:
    track: {audioscape: "1", update: true, played_as: {file: a.ogg, title: "a*", id: "7"}}
    clock: {start: armed}
    rules: [{on: beat, send: {address: /x}}]
    off_air: silent
  b:
    setlist:
      tracks: [{bundled: demo, timecode: "01:00:00:00"}, b.json]
      follow_on: player
    clock: {feed: [{mpv: {socket: /a}}, {mpd: {}}], hand_back: 3s}
    off_air: {prefix: /preview/b}
on_air: {deck: a, by: fader, hand_over: bar}
targets:
  x: {url: osc.udp://127.0.0.1:7700, safe: [{address: /dark, args: [1]}]}
control:
  http: {port: 8080, host: 127.0.0.1, token_file: token, origins: ["http://127.0.0.1:3000"], hosts: [show.local]}
  osc: {port: 9000, host: 127.0.0.1, senders: [127.0.0.1]}
reload: {watch: true, poll: 10s}
resume: {within: 2min}
"""
EXAMPLES = (ONE_DECK, DECKS)
UNSEEN = {"file", "playlist", *"ihdTFNI"}
"""Keys that cannot stand beside others in one example, and the types of arguments."""

WRONG: list[Any] = [
    *({}, [], "", " ", "abc", "3", "3.5", "true", "{", "x" * 5000, 3, -3, 0, 3.5, 10**29, True, None),
    *([1], [[]], [None], [{}], ["a", "b"], {"a": 1}, {"1": None}, {"label": None}, {"x": {"y": {"z": 1}}}),
    *(Trap("no", "the boolean false"), Trap("12:30", "the integer 750"), Trap("2026-01-01", "a date")),
]
PYDANTICS = (
    "input should",
    "valid ",
    "value error",
    "assertion",
    "instance of",
    "pydantic",
    "should",
    "schema",
    "type=",
)


def test_the_examples_have_every_key_and_are_good() -> None:
    values = [read_yaml(example.encode()).value for example in EXAMPLES]
    for value in values:
        ConfigurationModel.model_validate(value)
    assert _keys_of(configuration_schema()) <= {key for value in values for key in _keys_in(value)} | UNSEEN


def _keys_of(schema: Any) -> set[str]:
    """The keys of every mapping but a feed's, whose own tests these are."""
    models = [schema, *(part for name, part in schema["$defs"].items() if name not in _feeds_of(schema))]
    return {key for model in models for part in model.get("anyOf", [model]) for key in part.get("properties", {})}


def _feeds_of(schema: Any) -> set[str]:
    """The feeds, and whatever they are made of."""
    found, new = {"FeedModel"}, {"FeedModel"}
    while new:
        written = str([schema["$defs"][name] for name in new])
        new = set(re.findall(r"#/\$defs/(\w+)", written)) - found
        found |= new
    return found


def _keys_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for part in value.values() for key in _keys_in(part)}
    return {key for part in value for key in _keys_in(part)} if isinstance(value, list) else set()


def _mutants() -> Iterator[tuple[Path, Any, Any]]:
    for good in (read_yaml(example.encode()) for example in EXAMPLES):
        for path in good.places:
            for wrong in WRONG if path else ():
                value = deepcopy(good.value)
                inner = value
                for part in path[:-1]:
                    inner = inner[part]
                inner[path[-1]] = wrong
                yield path, wrong, value


def test_every_wrong_value_of_every_key_is_complained_of_in_our_words() -> None:
    complaints = 0
    for path, wrong, value in _mutants():
        try:
            ConfigurationModel.model_validate(value)
        except ValidationError as error:
            found = problems_of(error)
        else:
            continue
        assert found
        complaints += len(found)
        for problem in found:
            message = problem.message
            assert "\n" not in message
            assert not any(words in message.lower() for words in PYDANTICS), (written_path(path), wrong, message)
            assert message[:1].islower() or message[:1] in "'\"0123456789{", message
    assert complaints > 1000


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("track: 5\ntargets: {a: 'osc.udp://h:1'}", '; quote it: "5"'),
        ("track: {audioscape: 5}\ntargets: {a: 'osc.udp://h:1'}", '; quote it: "5"'),
        (rule("on: beat, send: {address: {label}}"), '; quote it: "{label}"'),
        (rule("on: beat, send: {address: [-]}"), "got a list"),
        (rule("on: 12:30, send: {address: /x}"), '; quote it: "12:30"'),
        (rule("on: beat, kind: no, send: {address: /x}"), "got the boolean false (YAML reads no so)"),
    ],
)
def test_quotes_are_the_remedy_where_they_help(text: str, remedy: str) -> None:
    """C7."""
    assert problems(text)[0].endswith(remedy)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"{HEAD}rules: []", "3:8: rules: is empty; write a rule, or remove the key to get the default messages"),
        (f"{HEAD}rules:", "3:1: rules: has no value; write one, or remove the key"),
        (f"{HEAD}rules: {{}}", "3:8: rules: expected a list of rules, each behind a dash, got a mapping"),
        (
            "track: a\ntargets: {}\nrules: [{on: beat, send: {to: a, address: /x}}]",
            "2:10: targets: is empty; name at least one, such as lights: osc.udp://127.0.0.1:7700",
        ),
        (rule("on: beat, send: []"), "3:26: rules[0].send: is empty; write a message such as {address: /hit}"),
        (
            "track: 5\ntargets: {a: 'osc.udp://h:1'}",
            '1:8: track: expected a path as text, or a mapping such as {audioscape: "1843209165"}, got the integer 5',
        ),
        (
            "track:\n  -\ntargets: {a: 'osc.udp://h:1'}",
            '2:3: track: expected a path as text, got a list of nothing; for standard input quote it: "-"',
        ),
        (
            "track: -\ntargets: {a: 'osc.udp://h:1'}",
            '1:8: a list cannot start in the line of its key; for the text - write "-", with the quotes',
        ),
        (
            "track: a\ntargets: {a: {url: 'osc.udp://h:1', broadcast: yes}}",
            "2:48: targets.a.broadcast: expected true or false, got the boolean true (YAML reads yes so); write true",
        ),
        (
            "track: a\ntargets: {a: {url: 'osc.udp://h:1', max_rate: '9'}}",
            "2:47: targets.a.max_rate: expected a whole number, got the text '9'; write it without quotes: 9",
        ),
        (
            "track: a\ntargets: {a: {url: 'osc.udp://h:1', max_rate: 0}}",
            "2:47: targets.a.max_rate: expected 1 to 100,000, got the integer 0",
        ),
        (
            "track: a\ntargets: {a: [osc.udp://h:1]}",
            "2:14: targets.a: expected a URL as text, such as osc.udp://127.0.0.1:7700, or a mapping with url",
        ),
        (
            rule("on: beat, send: {address: {label}}"),
            '3:36: rules[0].send.address: expected an OSC address as text, such as "/section/{label}", got a mapping',
        ),
        (
            rule("on: beat, send: {address: /x, args: 5}"),
            "3:46: rules[0].send.args: expected a list of arguments such as [1, energy], got the integer 5",
        ),
        (
            rule("on: beat, send: {address: /x}, kind: puls"),
            "3:47: rules[0].kind: expected pulse or state, got the text 'puls' (did you mean pulse?)",
        ),
        (
            rule("on: beat, send: {address: /x}, late: 5x"),
            "3:47: rules[0].late: '5x' has the unit 'x'; expected one of ns, us, ms, s, min",
        ),
        (
            f"{HEAD}rules:\n  - on: beat\n    send {{address: /x}}\n    kind: pulse",
            "5:5: rules[0].send {address: unknown key (is the colon after 'send' missing?)",
        ),
    ],
)
def test_a_complaint_names_the_thing_the_value_what_was_expected_and_the_remedy(text: str, line: str) -> None:
    """C3, C7, C8."""
    assert any(problem.startswith(f"show.yaml:{line}") for problem in problems(text))


def test_a_show_that_plays_nothing_is_told_so_beside_what_is_wrong_elsewhere() -> None:
    """C12: everything at once."""
    assert problems("targets: {}") == (
        "show.yaml:1:1: expected one of track, setlist, decks; got none of them",
        "show.yaml:1:10: targets: is empty; name at least one, such as lights: osc.udp://127.0.0.1:7700",
    )


def test_one_mistake_is_told_once() -> None:
    for text in (
        "track:\ntargets: {a: 'osc.udp://h:1'}",
        "targets: {a: 'osc.udp://h:1'}",
        f"{HEAD}rules: []",
        f"{HEAD}rules:",
        "track: -\ntargets: {a: 'osc.udp://h:1'}",
        rule("on: x, send: {address: /x}"),
    ):
        assert len(problems(text)) == 1


def test_too_many_targets_and_rules_are_counted() -> None:
    targets = ", ".join(f"t{index}: 'osc.udp://h:{index + 1}'" for index in range(MAX_TARGETS + 44))
    rules = [{"on": "beat", "send": {"address": "/x"}}] * (MAX_RULES + 1)
    assert problems(f"track: a\ntargets: {{{targets}}}") == (
        "show.yaml:2:10: targets: 300 of them; at most 256, make them fewer",
    )
    with pytest.raises(ValidationError) as caught:
        ConfigurationModel.model_validate({"track": "a", "targets": {"a": "osc.udp://h:1"}, "rules": rules})
    assert [problem.message for problem in problems_of(caught.value)] == [
        "2,001 of them; at most 2,000, make them fewer"
    ]


def test_what_is_wrong_with_a_good_target_is_told_beside_what_is_wrong_elsewhere() -> None:
    """C12: everything at once, also what no single key can tell."""
    text = "track: {bundle: demo}\ntargets: {a: {url: 'osc.udp://h:1', framing: slip}}\n"
    assert problems(text) == (
        "show.yaml:1:9: track.bundle: unknown key (did you mean 'bundled'?)",
        "show.yaml:2:37: targets.a.framing: is for osc.tcp targets; remove it",
    )


class Unusual(FollowingModel):
    """Findings that no key of a configuration can call forth yet."""

    short: str = Field(default="abc", min_length=3, max_length=5, description="a short name")
    formed: str = Field(default="a", pattern="^a+$", description="a word of a")
    above: float = Field(default=1.0, gt=0, lt=10, allow_inf_nan=False)
    several: int | list[int] = 3


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ({"short": "ab"}, "expected text of at least 3 characters, got 2"),
        ({"short": "abcdef"}, "expected text of at most 5 characters, got 6"),
        ({"formed": "b"}, "expected a word of a, got the text 'b'"),
        ({"above": 0.0}, "expected more than 0, got the number 0.0"),
        ({"above": 11.0}, "expected less than 10, got the number 11.0"),
        ({"above": float("inf")}, "expected a number, got the number inf"),
        ({"pre_roll": 0}, "expected 1 to 1,000, got the integer 0"),
        ({"several": "x"}, "expected a whole number, got the text 'x'"),
    ],
)
def test_rarer_findings_are_worded_too(written: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Unusual.model_validate(written)
    assert problems_of(caught.value, Unusual)[0].message == says


def test_a_problem_without_a_place_of_its_own_stands_at_the_nearest_one() -> None:
    class Root(BaseModel):
        inner: dict[str, int]

    document = read_yaml(b"inner: {a: x}\n")
    with pytest.raises(ValidationError) as caught:
        Root.model_validate(document.value, strict=True)
    (placed,) = placed_problems(problems_of(caught.value, Root), document, FILE)
    assert str(placed) == "show.yaml:1:12: inner.a: expected a whole number, got the text 'x'"
