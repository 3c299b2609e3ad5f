"""Targets: what no single key can tell (C8)."""

from __future__ import annotations

import pytest

from beatsync.core.leads import Lead
from beatsync.core.targets import Pace
from beatsync.core.units import ms
from tests.config.files import problems, read, track_in


def with_targets(text: str) -> str:
    return f"track: {{bundled: demo}}\ntargets:\n{text}\n"


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("a: osc.udp://0.0.0.0:7700", "0.0.0.0 is no receiver's address; for this machine write 127.0.0.1"),
        ("a: 'osc.udp://[::]:7700'", ":: is no receiver's address"),
        ("a: {url: 'osc.udp://127.0.0.1:7010', source: ':7010'}", "127.0.0.1:7010 is its own source"),
        ("a: {url: 'osc.udp://10.0.0.5:7010', source: '10.0.0.5:7010'}", "10.0.0.5:7010 is its own source"),
        ("a: {url: 'osc.udp://10.0.0.5:7010', source: '::1'}", "are of two kinds"),
        ("a: {url: 'osc.udp://10.0.0.5:7010', multicast_ttl: 3}", "10.0.0.5 is no multicast group"),
        ("a: {url: 'osc.udp://h:1', framing: slip}", "is for osc.tcp targets; remove it"),
        ("a: {url: 'osc.udp://h:1', queue: {count: 3}}", "is for osc.tcp targets; remove it"),
        ("a: {url: 'osc.tcp://h:1', pace: {packets: 3, every: 1ms}}", "is for osc.udp targets; remove it"),
        ("a: {url: 'osc.tcp://h:1', broadcast: true}", "is for osc.udp targets; remove it"),
        ("a: {url: 'osc.udp://h:1', timetags: {}}", "'ahead' is missing"),
        ("a: {url: 'osc.udp://h:1', timetags: {ahead: 3}}", "unit"),
        ("a: {url: 'osc.udp://h:1', lead: 40}", "unit"),
        ("a: {url: 'osc.udp://h:1', track_lead: 11s}", "at most 10s either way"),
    ],
)
def test_what_is_wrong_with_a_target_is_said_with_the_remedy(target: str, says: str) -> None:
    """C8."""
    (problem,) = problems(with_targets(f"  {target}"))
    assert problem.startswith("show.yaml:3:")
    assert says in problem


def test_a_port_that_beatsync_sends_from_is_no_receiver() -> None:
    """C8: a loop over two targets."""
    text = with_targets("  a: {url: 'osc.udp://10.0.0.9:1', source: '127.0.0.1:7010'}\n  b: osc.udp://127.0.0.1:7010")
    (problem,) = problems(text)
    assert "targets.b.url: 127.0.0.1:7010 is the source of target 'a'" in problem


@pytest.mark.parametrize(
    ("more", "whose"),
    [
        ("clock: {feed: {osc: {port: 9000, address: /t, unit: s}}}", "the feed '"),
        ("clock: {feed: [{mpv: {socket: /a}}, {artnet: {port: 9000}}]}", "the Art-Net feed"),
        ("clock: {feed: {prodj: {device: 1, port: 9000}}}", "the Pro DJ Link feed"),
        ("control: {osc: 9000}", "control.osc"),
        ("control: {osc: {port: 9000, host: 0.0.0.0}}", "control.osc"),
    ],
)
def test_a_port_that_beatsync_listens_on_is_no_receiver(more: str, whose: str) -> None:
    """C8: it would be told by itself."""
    (problem,) = problems(with_targets(f"  a: osc.udp://127.0.0.1:9000\n{more}"))
    assert problem.startswith(f"show.yaml:3:6: targets.a.url: 127.0.0.1:9000 is where {whose}")
    assert problems(with_targets(f"  a: osc.udp://localhost:9000\n{more}"))
    for other in ("osc.udp://127.0.0.1:9001", "osc.tcp://127.0.0.1:9000", "osc.udp://10.0.0.9:9000"):
        assert read(with_targets(f"  a: {other}\n{more}")).targets


def test_leads_time_tags_bundles_and_pace_are_read() -> None:
    (target,) = read(
        with_targets(
            "  a: {url: 'osc.udp://h:1', lead: 40ms, track_lead: -5ms, timetags: {ahead: 0.2s}, bundles: true,\n"
            "      pace: {packets: 100, every: 5ms}, queue: {age: 1s}}"
        )
    ).targets
    assert target.lead == Lead(ms(40), ms(-5))
    assert (target.ahead, target.bundles, target.pace) == (ms(200), True, Pace(100, ms(5)))
    assert target.queue_age == ms(1000)


def test_a_track_and_a_rule_have_leads_of_their_own() -> None:
    show = read(
        "track: {bundled: demo, lead: -7ms}\ntargets: {a: 'osc.udp://h:1'}\n"
        "rules: [{on: beat, lead: 30ms, track_lead: 2ms, send: {address: /x}}]\n"
    )
    assert track_in(show).lead == Lead(ms(-7))
    assert show.decks["main"].rules[0].lead == Lead(ms(30), ms(2))
