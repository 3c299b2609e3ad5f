"""Rules that cannot be compiled for a track: each mistake told once, each carrier with its own limit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from beatsync.core.compilation import compile_schedule
from beatsync.core.osc import Tag, encode
from beatsync.core.rules import POLICY_OF, Edge, Kind, Literal, Message, Rule, Send, TrackEdge
from beatsync.core.targets import Carrier
from beatsync.core.templates import Template
from beatsync.core.units import ms
from beatsync.errors import ConfigError
from tests.core.shows import TARGET, schedule, song

SONG = song("Intro 2 1", "Build 2 2", "Drop 4 3", "Break 1 1", "Build 2 3", "Drop 4 4", "Outro 2")


def test_a_mistake_that_spoils_many_cues_is_told_once_with_how_many_and_where_first() -> None:
    rules = """\
  - {on: beat, send: {address: /x, args: ["1 / (beat - beat)", {i: "bar + 0.5"}]}}
  - {on: downbeat, send: [{address: /y}, {address: /z, args: [{i: "bar + 0.5"}]}]}
  - {name: good, on: beat, send: {address: /x}}"""
    with pytest.raises(ConfigError) as caught:
        schedule(SONG, rules)
    beats, bars = len(SONG.grid.beats if SONG.grid else ()), len(SONG.grid.bars if SONG.grid else ())
    no_whole_number = "1.5 cannot be sent as i; expected a whole number, for example round(...)"
    assert [str(problem) for problem in caught.value.problems] == [
        f"rules[0].send: '1 / (beat - beat)' divides by zero (for {beats} cues, first at Intro · bar 1)",
        f"rules[1].send[1]: {no_whole_number} (for {bars} cues, first at Intro · bar 1)",
    ]


def test_a_message_to_several_targets_is_one_mistake_at_one_place() -> None:
    second = replace(TARGET, name="visuals")
    with pytest.raises(ConfigError) as caught:
        schedule(
            SONG,
            "  - {on: track, send: {to: [lights, visuals], address: /x, args: ['1 / (beat - 1)']}}",
            TARGET,
            second,
        )
    assert [problem.path for problem in caught.value.problems] == ["rules[0].send"]
    assert "(for 2 cues, first at" in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "most"),
    [
        ({}, 65_507),
        ({"host": "::1"}, 65_527),
        ({"bundles": True}, 65_507 - 20),
        ({"ahead": ms(100)}, 65_507 - 20),
        ({"carrier": Carrier.TCP}, 1024 * 1024),
        ({"carrier": Carrier.TCP, "bundles": True}, 1024 * 1024 - 20),
    ],
)
def test_each_carrier_has_its_own_limit_on_the_size_of_a_message(changed: dict[str, Any], most: int) -> None:
    """N4: what is too large for a datagram may well go over TCP."""
    target = replace(TARGET, **changed)
    beside = len(encode("/x", [(Tag.STRING, "")]))

    def message(size: int) -> Rule:
        argument = Literal(Tag.STRING, "x" * (size - beside))
        send = Send(Message("lights", Template.parse("/x"), (argument,)))
        kind = Kind.STATE
        return Rule(
            place="rules[0]", name="", on=TrackEdge(Edge.START), sends=(send,), kind=kind, policy=POLICY_OF[kind]
        )

    largest = most // 4 * 4
    (cue,) = compile_schedule(SONG, [message(largest)], [target]).cues
    assert len(cue.packet) == largest
    with pytest.raises(ConfigError, match=rf"a message of {largest + 4:,} bytes to /x; .* at most") as caught:
        compile_schedule(SONG, [message(largest + 4)], [target])
    assert ("UDP datagram" in str(caught.value)) is (target.carrier is Carrier.UDP)


def test_fragments_are_a_doubt_about_datagrams_alone() -> None:
    rules = f"  - {{on: track, send: {{address: /x, args: [{{s: {'x' * 2000}}}]}}}}"
    over_udp, over_tcp = (schedule(SONG, rules, replace(TARGET, carrier=carrier)) for carrier in Carrier)
    assert ["may lose those above 1452" in note.message for note in over_udp.notes] == [True]
    assert over_tcp.notes == ()
