"""Whole files: rows C3, C8, C9, C11, C12; every problem at once, in file order."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.config.configuration import FromAudioScape, FromBundle, FromFile, GridFromBpm
from beatsync.config.faults import Place
from beatsync.config.read import read_config, read_config_file
from beatsync.config.starts import StartNow
from beatsync.core.leads import NO_LEAD, Lead
from beatsync.core.limits import MAX_CONFIG_BYTES
from beatsync.core.rules import Kind
from beatsync.core.targets import Carrier, Framing
from beatsync.core.units import ms
from beatsync.errors import ConfigError
from tests.config.files import FILE, GOOD, HEAD, main, problems, read, rule, track_in

STARTS = 'now, armed, a date-time with its zone such as "2026-12-31T23:59:30+01:00", or unix seconds'
NO_UNIT = "expected a duration with its unit, such as 30ms or 1.5s, got the number 40 without a unit; write 40ms or 40s"


def test_a_good_file_says_what_it_says() -> None:
    show = read(GOOD)
    track = track_in(show)
    assert track.origin == FromAudioScape("1843209165", update=True)
    assert track.grid == GridFromBpm(ms(350), 3)  # type: ignore[arg-type]
    lights, visuals = show.targets
    assert (lights.carrier, lights.host, lights.port, lights.lead) == (Carrier.UDP, "127.0.0.1", 7700, NO_LEAD)
    assert (visuals.framing, visuals.lead, visuals.queue_count) == (Framing.SLIP, Lead(ms(-40)), 9)
    strobe, bars = show.decks["main"].rules
    assert [send.message.target for send in strobe.sends] == ["lights", "visuals"]
    assert (strobe.kind, strobe.policy.late_limit, strobe.policy.jumped_into) == (Kind.STATE, ms(30), True)
    assert (bars.kind, bars.policy.late_limit, bars.policy.jumped_into) == (Kind.PULSE, ms(100), True)
    assert bars.policy.ends_on_pause
    assert show.places["rules[1]"] == Place(13, 5)
    assert show.places["rules[0].when.energy"] == Place(9, 43)


def test_without_clock_and_rules_it_starts_now_with_the_default_messages() -> None:
    deck = main(HEAD)
    assert deck.clock == StartNow()
    assert [made.name for made in deck.rules] == ["beats", "downbeats", "sections", "phrases"]
    assert track_in(read(HEAD)).origin == FromBundle()


def test_a_path_is_from_the_configurations_folder_and_a_dash_is_standard_input() -> None:
    text = HEAD.replace("{bundled: demo}", "tracks/a.json")
    show = read_config(text.encode(), path=Path("/shows/house.yaml"))
    assert track_in(show).origin == FromFile(Path("/shows/tracks/a.json"))
    assert track_in(read(HEAD.replace("{bundled: demo}", '"-"'))).origin == FromFile(Path("-"))


def test_all_problems_are_told_at_once_in_file_order_with_their_places() -> None:
    text = """\
track: {bundle: demo}
clock: {start: soon}
targets:
  lights: osc.udp://127.0.0.1:0
  visuals: {url: osc.udp://127.0.0.1:7000, lead: 40}
rules:
  - on: sectoin
    nmae: x
    send: {to: desk2, address: nowhere, args: [enrgy]}
  - on: beat
    when: {energy: high}
    send: {to: lihgts, address: /x}
"""
    assert problems(text) == (
        "show.yaml:1:9: track.bundle: unknown key (did you mean 'bundled'?)",
        f"show.yaml:2:16: clock.start: expected {STARTS}, got 'soon'",
        "show.yaml:4:11: targets.lights.url: 'osc.udp://127.0.0.1:0' has the port '0'; expected 1 to 65535",
        f"show.yaml:5:50: targets.visuals.lead: {NO_UNIT}",
        "show.yaml:7:9: rules[0].on: no moment 'sectoin' (did you mean 'section'?)",
        "show.yaml:8:5: rules[0].nmae: unknown key (did you mean 'name'?)",
        "show.yaml:9:16: rules[0].send.to: no target named 'desk2'; targets: lights, visuals",
        "show.yaml:9:32: rules[0].send.address: address 'nowhere' does not start with '/'",
        "show.yaml:9:48: rules[0].send.args[0]: 'enrgy' uses the unknown name 'enrgy' (did you mean 'energy'?)",
        "show.yaml:11:20: rules[1].when.energy: expected a comparison such as 3, \">= 3\" or 2..4, got the text 'high'",
        "show.yaml:12:16: rules[1].send.to: no target named 'lihgts' (did you mean 'lights'?)",
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("targets: {desk: 'osc.udp://h:1'}", "expected one of track, setlist, decks; got none of them"),
        ("track: {bundled: demo}", "'targets' is missing: where cues go"),
        ("- a\n- b", "expected keys such as track and targets, got a list"),
        (f"{HEAD}rulse: []", "rulse: unknown key (did you mean 'rules'?)"),
        (f"{HEAD}rules: []", "rules: is empty"),
        (f"{HEAD}rules:", "rules: has no value"),
        (f"{HEAD}decks: {{a: {{}}}}", "expected one of track, setlist, decks; got track and decks"),
        (f"{HEAD}clock: {{feed: {{mpv: {{}}}}}}", "clock.feed.mpv: 'socket' is missing"),
        (f"{HEAD}clock: {{feed: {{winamp: {{}}}}}}", "clock.feed.winamp: unknown key"),
        (f"{HEAD}clock: {{feed: {{}}}}", "expected one of mpv, mpd, "),
        (f"{HEAD}clock: {{start: now, feed: {{mpv: {{socket: /a}}}}}}", "expected start or feed, got both"),
        (f"{HEAD}on_air: {{by: fader}}", "on_air is for decks"),
        (f"{HEAD}rules: [beat]", "rules[0]: expected a rule"),
        (rule("on: beat"), "'send' is missing"),
        (rule("send: {address: /x}"), "'on' is missing: the moment"),
        (rule("on: beat, send: []"), "is empty; write a message"),
        (rule("on: beat, send: {address: /x, args: 5}"), "expected a list of arguments such as [1, energy]"),
        (rule("on: beat, send: {address: /x}, kind: puls"), "expected pulse or state, got the text 'puls'"),
        (rule("on: beat, send: {address: '/a b'}"), "characters that OSC does not allow"),
        (rule("on: beat, send: {address: '/{labl}'}"), "did you mean 'label'"),
        (rule("on: track end, send: {address: /x, end: {args: [0]}}"), "give 'end' an 'after'"),
        (rule("on: beat, send: {address: /x}, late: 5"), "without a unit"),
        (rule("on: beat, at: 2, send: {address: /x}"), "without a unit"),
        ("track: {audioscape: 1843209165}\ntargets: {a: 'osc.udp://h:1'}", 'quote it: "1843209165"'),
        ("track: {audioscape: '../../etc'}\ntargets: {a: 'osc.udp://h:1'}", "1 to 20 digits"),
        ("track: {file: a, bundled: demo}\ntargets: {a: 'osc.udp://h:1'}", "got file and bundled"),
        ("track: {file: a, grid: from-bpm}\ntargets: {a: 'osc.udp://h:1'}", "needs first_downbeat"),
        ("track: {file: a, update: true}\ntargets: {a: 'osc.udp://h:1'}", "update is for audioscape"),
        ("track: a\ntargets: {}", "is empty; name at least one"),
        ("track: a\ntargets: {1a: 'osc.udp://h:1'}", "starting with a letter"),
        ("track: a\ntargets: {a: {url: 'osc.udp://h:1', framing: slip}}", "is for osc.tcp targets"),
        ("track: a\ntargets: {a: {url: 'osc.udp://255.255.255.255:1'}}", "add broadcast: true"),
        ("track: a\ntargets: {a: {url: 'osc.udp://h:1', lead: 11s}}", "at most 10s"),
        ("track: a\ntargets: {a: {url: 'osc.udp://h:1', max_rate: 0}}", "expected 1 to 100,000"),
        ("track: a\ntargets: {a: {url: 'osc.udp://h:1', broadcast: yes}}", "expected true or false"),
        (
            "track: a\ntargets: {a: 'osc.udp://h:1', b: 'osc.udp://h:2'}\nrules: [{on: beat, send: {address: /x}}]",
            "which of",
        ),
    ],
)
def test_each_mistake_has_its_message(text: str, says: str) -> None:
    """C3, C7, C8."""
    assert any(says in line for line in problems(text)), problems(text)


def test_two_rules_with_one_name_are_a_problem() -> None:
    """C12."""
    one = "{name: x, on: beat, send: {address: /x}}"
    assert problems(f"{HEAD}rules: [{one}, {one}]") == (
        "show.yaml:3:58: rules[1].name: 'x' is the name of rules[0] too; give it another",
    )


def test_doubts_are_notes() -> None:
    """C12: a cue on an unknown section."""
    text = "track: a\ntargets: {a: 'osc.udp://10.0.0.255:1', b: 'osc.udp://10.0.0.255:1'}\n"
    show = read(text + 'rules: [{on: section, when: {label: Drp, energy: "> 4"}, send: {to: a, address: /x}}]')
    assert [str(note) for note in show.notes] == [
        "targets.a: 10.0.0.255 looks like a broadcast address; it needs broadcast: true if it is one",
        "targets.b: the same receiver as targets.a: it gets the cues of both",
        "targets.b: 10.0.0.255 looks like a broadcast address; it needs broadcast: true if it is one",
        "rules[0].when.label: 'Drp' is not a label that AudioScape documents; did you mean 'Drop'?",
        "rules[0].when.energy: matches no energy from 1 to 4: the rule never fires",
    ]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
        (GOOD.encode("utf-16"), "this is UTF-16"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (b"track: \xff\xfe", "not UTF-8 text"),
        (b"track: a\0b", "the character U+0000 is no text"),
        (b"#" * (MAX_CONFIG_BYTES + 1), "bytes; a configuration has at most"),
    ],
)
def test_what_is_not_a_configuration_is_named(data: bytes, says: str) -> None:
    """C9."""
    (line,) = problems(data)
    assert says in line


def test_what_is_not_a_file_is_named_and_nothing_hangs(tmp_path: Path) -> None:
    """C9: a directory, a FIFO that nobody writes to, a device, nothing."""
    os.mkfifo(tmp_path / "fifo")
    for path, says in ((tmp_path, "directory"), (tmp_path / "fifo", "FIFO"), (Path("/dev/zero"), "device")):
        with pytest.raises(ConfigError, match=says):
            read_config_file(path)
    with pytest.raises(ConfigError, match="no such file"):
        read_config_file(tmp_path / "missing.yaml")


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """C9: 100 MB."""
    with (tmp_path / "huge.yaml").open("wb") as huge:
        huge.truncate(100 * 1024 * 1024)
    with pytest.raises(ConfigError, match="huge"):
        read_config_file(tmp_path / "huge.yaml")


@pytest.mark.parametrize("cut", range(0, len(GOOD), 7))
def test_a_file_that_is_only_half_written_is_refused_or_whole(cut: int) -> None:
    """C11: an editor truncates before it writes."""
    check(GOOD[:cut].encode())


def check(data: bytes) -> None:
    """Anything at all gives a configuration, or problems of one line each."""
    try:
        read_config(data, path=FILE)
    except ConfigError as error:
        lines = tuple(map(str, error.problems))
    else:
        return
    assert lines
    assert all("\n" not in line and line.startswith("show.yaml") for line in lines)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_configuration_or_a_clear_refusal(data: bytes) -> None:
    check(data)


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 20), st.sampled_from(list("{}[]:,-'\"#&*!|>%@`\t\n 0a\x00é")))
def test_a_damaged_configuration_is_a_configuration_or_a_clear_refusal(place: int, gone: int, new: str) -> None:
    check((GOOD[:place] + new + GOOD[place + gone :]).encode())
