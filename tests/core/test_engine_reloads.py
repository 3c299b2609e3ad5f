"""A schedule replaced while playback goes on (I16): what fell due by time stays decided, at the edges too."""

from __future__ import annotations

from dataclasses import replace

import pytest

from beatsync.core.leads import Lead
from beatsync.core.schedule import Schedule
from beatsync.core.units import ms
from tests.core.shows import TARGET, Player, schedule, song

SECTIONS = '  - {on: section, send: {address: "/section/{label}"}}'
STROBE = "  - {on: section, when: {label: Drop}, send: {address: /strobe, args: [1], end: {args: [0]}}}"
EACH = "  - {on: section, send: {address: /look, args: [label], end: {args: [{s: over}]}}}"
BEATS = "  - {on: beat, send: {address: /beat, args: [bar, beat]}}"
LENGTHS = (("Intro", 4.0), ("Drop", 4.0), ("Break", 2.0), ("Drop", 4.0), ("Outro", 2.0))


def moved(rules: str, by: float) -> Schedule:
    """The rules on a song whose beats and sections lie `by` seconds later; nothing starts before 0."""
    start, spans = by, []
    for label, length in LENGTHS:
        spans.append({"start": max(start, 0.0), "end": start + length, "label": label})
        start += length
    times = [max(0.0, beat * 0.5 + by) for beat in range(32)]
    track = song("Intro 8", sections=spans, duration=16.1, beat_grid={"times": times, "downbeats": times[::4]})
    return schedule(track, rules)


def player(rules: str, lead: int = 0) -> Player:
    target = replace(TARGET, lead=Lead(ms(lead)))
    return Player(moved(rules, 0), (target,))


@pytest.mark.parametrize("by", [-0.02, -0.01, 0.01, 0.02])
@pytest.mark.parametrize("at", [3.985, 3.995, 4.0, 4.005, 4.015])
@pytest.mark.parametrize("lead", [-50, 0, 50])
def test_sections_that_moved_a_little_are_sent_once_each_and_the_last_one_stands(
    by: float, at: float, lead: int
) -> None:
    playing = player(SECTIONS, lead)
    sent = playing.play(at=0) + playing.run(at) + playing.load(moved(SECTIONS, by)) + playing.run(5)
    assert sent == ["/section/Intro", "/section/Drop", "/section/Break"]


@pytest.mark.parametrize("by", [-0.02, -0.01, 0.01, 0.02])
@pytest.mark.parametrize("at", [3.985, 3.995, 4.0, 4.005, 4.015])
def test_looks_that_moved_a_little_begin_once_and_end_once(by: float, at: float) -> None:
    playing = player(EACH)
    sent = playing.play(at=0) + playing.run(at) + playing.load(moved(EACH, by)) + playing.run(5) + playing.stop()
    assert sent == ["/look Intro", "/look over", "/look Drop", "/look over", "/look Break", "/look over"]


@pytest.mark.parametrize("by", [-0.02, -0.01, 0.01, 0.02])
@pytest.mark.parametrize("at", [7.985, 7.995, 8.0, 8.005, 8.015])
def test_an_end_that_moved_a_little_is_sent_once(by: float, at: float) -> None:
    playing = player(STROBE)
    sent = playing.play(at=0) + playing.run(at) + playing.load(moved(STROBE, by)) + playing.run(1)
    assert [text for text in sent if not text.startswith("suppressed")] == ["/strobe 1", "/strobe 0"]


def test_several_reloads_in_a_row_repeat_nothing() -> None:
    playing = player(f"{BEATS}\n{EACH}")
    playing.play(at=0)
    playing.run(4.005)
    for by in (0.02, 0.02, 0.015, 0.02):
        assert playing.load(moved(f"{BEATS}\n{EACH}", by)) == []
    assert playing.run(0.4) == []


def test_reloads_during_a_pause_repeat_nothing() -> None:
    playing = player(f"{BEATS}\n{EACH}")
    playing.play(at=0)
    playing.run(4.005)
    playing.pause()
    for by in (0.02, 0.0, 0.02, 0.02):
        assert playing.load(moved(f"{BEATS}\n{EACH}", by)) == []
    assert playing.resume() == []
    assert playing.run(0.4) == []


def test_a_cue_that_a_reload_moved_is_played_again_in_the_next_pass() -> None:
    playing = player(BEATS)
    playing.play(at=0)
    playing.run(4.005)
    playing.load(moved(BEATS, 0.02))
    playing.run(0.2)
    playing.play(at=3.9)
    assert playing.run(0.2) == ["/beat 3 1"]


def test_a_cue_that_a_reload_moved_is_played_after_a_stop_and_a_new_start() -> None:
    playing = player(BEATS)
    playing.play(at=0)
    playing.run(4.005)
    playing.load(moved(BEATS, 0.02))
    playing.stop()
    playing.play(at=3.9)
    assert playing.run(0.2) == ["/beat 3 1"]


def test_a_reload_is_not_a_jump_and_enters_no_pulse() -> None:
    rule = "  - {on: section, kind: pulse, jumped_into: send, send: {address: /hit}}"
    playing = player(rule)
    assert playing.play(at=5) == ["/hit"]
    assert playing.load(moved(rule, 0)) == []


def test_a_reload_during_a_pause_enters_no_pulse_on_play() -> None:
    rule = "  - {on: section, kind: pulse, jumped_into: send, send: {address: /hit}}"
    playing = player(rule)
    playing.play(at=5)
    playing.pause()
    playing.load(moved(rule, 0))
    assert playing.resume() == []


def test_a_look_that_a_reload_changes_is_replaced_whatever_the_rule_says_of_jumps() -> None:
    rule = STROBE.replace("send:", "jumped_into: ignore, send:", 1)
    playing = player(rule)
    playing.play(at=3.9)
    playing.run(1)
    changed = rule.replace("args: [1]", "args: [2]")
    assert playing.load(moved(changed, 0)) == ["/strobe 0", "/strobe 2"]


def test_a_reload_does_not_bring_in_a_look_that_the_jump_into_it_left_out() -> None:
    rule = STROBE.replace("send:", "jumped_into: ignore, send:", 1)
    playing = player(rule)
    playing.play(at=5)
    sent = playing.load(moved(rule.replace("args: [1]", "args: [2]"), 0)) + playing.run(4.5)
    assert [text for text in sent if not text.startswith("suppressed")] == []


def test_a_look_whose_section_is_over_in_the_new_structure_is_ended() -> None:
    playing = player(STROBE)
    playing.play(at=7.5)
    assert playing.load(moved(STROBE, -1)) == ["/strobe 0"]


def test_a_look_that_goes_on_in_the_next_section_of_the_new_structure_is_not_interrupted() -> None:
    rules = "  - {on: section, send: {address: /look, args: [1], end: {args: [0]}}}"
    playing = player(rules)
    playing.play(at=3.5)
    assert playing.load(moved(rules, -1)) == []
    assert playing.run(3) == []
    assert playing.run(1) == ["/look 0", "/look 1"]


def test_a_cue_that_is_new_is_not_sent_when_it_lies_behind() -> None:
    playing = player(BEATS)
    playing.play(at=0.1)
    playing.run(0.895)
    rules = f"{BEATS}\n  - {{on: beat, send: {{address: /new}}}}"
    assert playing.load(moved(rules, -0.02)) == ["/beat 1 3"]


def test_a_cue_that_has_fired_its_once_stays_fired_when_a_reload_moves_it() -> None:
    rule = "  - {on: section, when: {label: Drop}, kind: pulse, gone_back: once, send: {address: /confetti}}"
    playing = player(rule)
    playing.play(at=3.9)
    assert playing.run(0.2) == ["/confetti"]
    playing.play(at=3.9)
    playing.run(0.095)
    sent = playing.load(moved(rule, -0.02)) + playing.run(1)
    assert [text for text in sent if not text.startswith("suppressed")] == []
