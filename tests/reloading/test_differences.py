"""What an edit has changed, in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from beatsync.config.configuration import Configuration
from beatsync.config.read import read_config
from beatsync.reloading.differences import FEED_KEYS, differences
from beatsync.reloading.structures import MOST_SPANS, structure_changes
from tests.core.shows import rules_of, song

ONE = "track: a.json\nclock: {start: armed}\ntargets: {lights: 'osc.udp://10.0.0.1:7700'}\n"
RULES = """rules:
  - {name: looks, on: section, send: {address: /look, args: [label]}}
  - {on: beat, send: {address: /beat}}
  - {name: hit, on: downbeat, send: {address: /hit}}
"""


def configured(text: str) -> Configuration:
    return read_config(text.encode(), path=Path("/shows/show.yaml"))


def changes(before: str, after: str) -> tuple[str, ...]:
    return differences(configured(before), configured(after), {}).changes


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (("10.0.0.1:7700", "10.0.0.9:7700"), "target lights: osc.udp://10.0.0.1:7700 → osc.udp://10.0.0.9:7700"),
        (
            ("'osc.udp://10.0.0.1:7700'", "{url: 'osc.udp://10.0.0.1:7700', max_rate: 9}"),
            "target lights: other settings",
        ),
        (("a.json", "b.json"), "track /shows/a.json → /shows/b.json"),
        (("a.json", "{file: a.json, force: true}"), "track /shows/a.json: other settings"),
        (("track: a.json", "setlist: [a.json]"), "set list instead of one track"),
        (("start: armed", "feed: {mpv: {socket: /run/mpv.sock}}"), "clock start armed → mpv"),
        (("/look", "/looks"), "rules: changed rules[0] 'looks'"),
        (("  - {on: beat, send: {address: /beat}}\n", ""), "rules: removed rules[1]"),
        (("rules:\n", "rules:\n  - {name: new, on: track, send: {address: /x}}\n"), "rules: added rules[0] 'new'"),
        (("address: /beat}", "address: /beats}"), "rules: changed rules[1]"),
    ],
)
def test_each_edit_is_said_in_a_line(edit: tuple[str, str], expected: str) -> None:
    before = ONE + RULES
    lines = changes(before, before.replace(*edit))
    assert expected in lines
    assert len(lines) == (2 if "setlist" in edit[1] else 1) or lines == (expected,)


def test_an_edit_of_how_the_daemon_is_reached_is_for_the_next_start() -> None:
    outcome = differences(configured(ONE), configured(ONE + "control: {http: 7780}\n"), {})
    assert outcome.changes == ()
    assert outcome.text == "reloaded: at the next start: control: the ports that commands come in by"


def test_rules_that_only_swap_places_are_in_another_order() -> None:
    lines = RULES.splitlines(keepends=True)
    assert changes(ONE + RULES, ONE + "".join([lines[0], lines[2], lines[1], lines[3]])) == ("rules: another order",)


def test_rules_that_decks_share_are_told_once_and_a_decks_own_with_its_name() -> None:
    decks = "decks:\n  a: {track: a.json}\n  b: {track: b.json}\n  c: {track: c.json, %s}\n"
    targets = "targets: {lights: 'osc.udp://10.0.0.1:7700'}\n"
    own = "rules: [{on: beat, send: {address: /%s}}]"
    lines = changes(decks % own % "c" + targets + RULES, decks % own % "d" + targets + RULES.replace("/hit", "/hits"))
    assert lines == ("deck a, b: rules: changed rules[2] 'hit'", "deck c: rules: changed decks.c.rules[0]")


def test_set_lists_decks_and_who_is_on_air() -> None:
    before = """
decks:
  a: {setlist: [1.json, 2.json, 3.json], clock: {start: armed}}
  b: {track: b.json}
on_air: {by: command}
targets: {lights: 'osc.udp://10.0.0.1:7700'}
"""
    after = """
decks:
  a: {setlist: {tracks: [1.json, 4.json, {file: 3.json, lead: 5ms}], follow_on: manual}, clock: {start: armed}}
  c: {track: c.json}
on_air: {by: fader, hand_over: bar}
targets: {lights: 'osc.udp://10.0.0.1:7700'}
"""
    assert changes(before, after) == (
        "deck c added",
        "deck b removed",
        "deck a: set list: follow_on automatic → manual",
        "deck a: set list: /shows/2.json removed",
        "deck a: set list: /shows/4.json added as number 2",
        "deck a: set list: track /shows/3.json: lead 0 ms → 5 ms",
        "on air by command → fader",
        "hand-over beat → bar",
    )


def test_every_kind_of_feed_has_its_word() -> None:
    examples = Path(__file__).parent.parent.parent / "configs"
    for path in sorted(examples.glob("feed-*.yaml")):
        text = path.read_text()
        before = configured(text)
        (deck,) = before.decks.values()
        lines = differences(before, configured(ONE.replace("track", "track", 1)), {}).changes
        assert any(line.startswith("clock ") for line in lines), path
        assert all(type(feed) in FEED_KEYS for feed in deck.clock.feeds)  # type: ignore[union-attr]


def test_a_structure_says_which_sections_have_changed_and_how() -> None:
    before = song("Intro 2", "Drop 2 3", "Outro 1")
    after = song("Intro 2", "Break 1", "Drop 2 4", "Outro 1")
    assert list(structure_changes(before, after)) == [
        "length 0:10.000 → 0:12.000",
        "20 beats → 24",
        "section Break at 0:04.000 added",
        "section Drop 0:04.000 to 0:08.000 → 0:06.000 to 0:10.000",
        "section Drop: energy 3 → 4",
        "section Outro 0:08.000 to 0:10.000 → 0:10.000 to 0:12.000",
    ]


def test_a_structure_that_only_moved_says_how_far_and_a_label_what_it_is_now() -> None:
    moved = song("Intro 2", beat_grid={"times": [beat * 0.5 + 0.012 for beat in range(8)], "downbeats": [0.012, 2.012]})
    assert list(structure_changes(song("Intro 2"), moved)) == ["beats moved by up to 12 ms"]
    assert list(structure_changes(song("Intro 2"), song("Verse 2"))) == ["section Intro at 0:00.000 is Verse now"]
    assert list(structure_changes(song("Intro 2"), song("Intro 2"))) == []


def test_of_many_changed_sections_some_are_named_and_the_others_counted() -> None:
    before, after = song(*["Drop 1 1"] * 12), song(*["Drop 1 2"] * 12)
    lines = list(structure_changes(before, after))
    assert len(lines) == MOST_SPANS + 1
    assert lines[-1] == "6 more sections"


def test_without_a_grid_nothing_is_said_of_beats() -> None:
    bare = song("Intro 2", beat_grid=None)
    assert list(structure_changes(bare, bare)) == []
    assert list(structure_changes(bare, song("Intro 2"))) == ["0 beats → 8"]


def test_rules_are_values_so_that_equal_texts_are_equal_rules() -> None:
    text = RULES.partition("\n")[2] + '  - {on: beat, send: {address: /x, args: ["energy / 4", "{s: {label}}"]}}'
    text = text.replace('"{s: {label}}"', '{s: "{label}"}')
    assert rules_of(text) == rules_of(text)
