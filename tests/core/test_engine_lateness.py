"""When cues fall due, how late they are, and what becomes of those that are late."""

from __future__ import annotations

from dataclasses import replace

import pytest

from beatsync.core.leads import Lead
from beatsync.core.units import ms
from beatsync.core.verdicts import Cause, Verdict
from tests.core.shows import TARGET, Player, schedule, song

BEATS = "  - {on: beat, send: {address: /beat, args: [bar, beat]}}"
BUTTON = "  - {on: beat, send: {address: /button, args: [1], end: {args: [0], after: 200ms}}}"
SONG = song("Intro 2", "Drop 2", "Break 1", "Drop 2", "Outro 1")  # 4 s, 4 s, 2 s, 4 s, 2 s: in all 16 s


def player(rules: str, lead: int = 0) -> Player:
    target = replace(TARGET, lead=Lead(ms(lead)))
    return Player(schedule(SONG, rules, target), (target,))


def lateness(playing: Player) -> list[int]:
    """How long ago each of the cues fell due."""
    return [playing.now - outcome.due for outcome in playing.log]


def test_a_cue_at_the_very_start_falls_due_when_playback_starts_whatever_the_lead() -> None:
    playing = player(BEATS, lead=400)
    playing.play(at=0)
    assert lateness(playing) == [0]


def test_what_a_longer_lead_makes_due_falls_due_when_the_lead_changes() -> None:
    playing = player(BEATS)
    playing.play(at=0)
    playing.run(0.2)
    playing.log.clear()
    playing.lead("lights", 0.4)
    assert lateness(playing) == [0]


def test_what_an_adjustment_makes_due_falls_due_with_the_adjustment() -> None:
    playing = player(BEATS)
    playing.play(at=0.1)
    playing.run(0.2)
    playing.adjust(0.25)
    assert lateness(playing) == [0]
    assert playing.log[0].verdict is Verdict.SENT


@pytest.mark.parametrize(("stall", "verdict"), [(0.520, "sent"), (0.521, "late"), (0.6, "late"), (0.601, "dropped")])
def test_a_pulse_is_late_after_20_ms_and_dropped_after_its_limit(stall: float, verdict: str) -> None:
    """H3."""
    playing = player(BEATS)
    playing.play(at=0)
    playing.log.clear()
    playing.stall(stall)
    assert [outcome.verdict for outcome in playing.log] == [verdict]


def test_a_button_that_is_released_late_is_marked_late() -> None:
    playing = player(BUTTON)
    playing.play(at=0)
    assert playing.stall(0.4) == ["late: /button 0"]
    assert playing.log[-1].cause is Cause.ENDING


def test_after_a_stall_releases_and_cues_go_in_the_order_in_which_they_fell_due() -> None:
    playing = player(f"{BUTTON}\n{BEATS}")
    playing.play(at=0.4)
    playing.run(0.15)
    assert playing.stall(0.6) == ["late: /button 0", "dropped: /button 1", "dropped: /beat 1 3"]


def test_a_release_at_the_instant_of_the_next_press_goes_before_it() -> None:
    playing = player(BUTTON.replace("200ms", "500ms"))
    playing.play(at=0)
    assert playing.run(0.5) == ["/button 0", "/button 1"]


def test_a_late_state_is_not_given_up_for_one_that_is_not_sent_itself() -> None:
    rules = (
        "  - {on: section, when: {label: Intro}, send: {address: /look, args: [1]}, at: 500ms}\n"
        "  - {on: section, when: {label: Intro}, send: {address: /look, args: [2]}, at: 1s, gone_back: once}"
    )
    playing = player(rules)
    playing.play(at=0)
    assert playing.run(1.2) == ["/look 1", "/look 2"]
    playing.play(at=0)
    assert playing.stall(1.2) == ["late: /look 1", "suppressed: /look 2"]


def test_of_several_late_states_of_one_look_the_last_is_sent() -> None:
    rules = '  - {on: beat, kind: state, send: {address: "/look/{bar}", args: [beat]}}'
    playing = player(rules)
    playing.play(at=0.1)
    assert playing.stall(1.5) == ["dropped: /look/1 2", "dropped: /look/1 3", "late: /look/1 4"]


def test_looks_of_different_targets_do_not_overtake_each_other() -> None:
    targets = (replace(TARGET, name="lights"), replace(TARGET, name="visuals"))
    rules = (
        "  - {on: section, when: {label: Intro}, send: {to: lights, address: /look}, at: 500ms}\n"
        "  - {on: section, when: {label: Intro}, send: {to: visuals, address: /look}, at: 1s}"
    )
    playing = Player(schedule(SONG, rules, *targets), targets)
    playing.play(at=0)
    assert playing.stall(1.2) == ["late: /look", "late: /look"]


def test_each_target_has_its_own_lead_and_its_own_place() -> None:
    early, late = replace(TARGET, name="early", lead=Lead(ms(100))), replace(TARGET, name="late", lead=Lead(ms(-100)))
    rules = "  - {on: beat, send: {to: [early, late], address: /beat, args: [beat]}}"
    playing = Player(schedule(SONG, rules, early, late), (early, late))
    playing.play(at=0)
    playing.run(0.7)
    assert [(outcome.cue.target, outcome.due - 100 * 10**9) for outcome in playing.log] == [
        ("early", 0),
        ("late", ms(100)),
        ("early", ms(400)),
        ("late", ms(600)),
    ]


def test_the_rate_cap_lets_pulses_pass_again_as_time_goes_by() -> None:
    target = replace(TARGET, max_rate=2)
    playing = Player(schedule(SONG, "  - {on: beat, late: send, send: {address: '/{beat}'}}", target), (target,))
    playing.play(at=0, rate=4)
    assert playing.run(0.74) == ["/2", "suppressed: /3", "suppressed: /4", "/1", "suppressed: /2"]
