"""The engine, playing: leads, seeks, pauses, looks and their ends, stalls, reloads. All instants are literal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from beatsync.core.leads import Lead
from beatsync.core.transport import Transport
from beatsync.core.units import HostNs, TrackNs, ms
from tests.core.shows import TARGET, Player, schedule, song, written

BEATS = "  - {on: beat, send: {address: /beat, args: [bar, beat]}}"
SECTIONS = '  - {on: section, send: {address: "/section/{label}"}}'
STROBE = "  - {on: section, when: {label: Drop}, send: {address: /strobe, args: [1], end: {args: [0]}}}"
SONG = song("Intro 2", "Drop 2", "Break 1", "Drop 2", "Outro 1")  # 4 s, 4 s, 2 s, 4 s, 2 s: in all 16 s


def player(rules: str, **lead: int) -> Player:
    target = replace(TARGET, lead=Lead(ms(lead.get("lead", 0))))
    return Player(schedule(SONG, rules, target), (target,))


# Playing


def test_every_beat_fires_once_and_in_order() -> None:
    playing = player(BEATS)
    playing.play(at=0)
    playing.run(20)
    assert [written(outcome) for outcome in playing.log] == [
        f"/beat {bar} {beat}" for bar in range(1, 9) for beat in range(1, 5)
    ]


def test_cues_fall_due_at_exactly_their_instants_in_virtual_time() -> None:
    playing = player(BEATS)
    playing.play(at=0)
    playing.run(20)
    assert [outcome.due for outcome in playing.log] == [100 * 10**9 + beat * 5 * 10**8 for beat in range(32)]


def test_a_countdown_fires_nothing_before_the_start() -> None:
    playing = player(BEATS)
    assert playing.play(at=-3) == []
    assert playing.run(2.9) == []
    assert playing.run(0.2) == ["/beat 1 1"]


def test_at_one_instant_the_rules_go_in_their_order() -> None:
    playing = player(f"{SECTIONS}\n{BEATS}")
    assert playing.play(at=0) == ["/section/Intro", "/beat 1 1"]


def test_after_a_change_of_pitch_cues_follow_the_position() -> None:
    playing = player(BEATS)
    playing.play(at=0)
    playing.run(1.1)
    playing.play(at=1.1, rate=2.0)
    assert playing.run(0.5) == ["/beat 1 4", "/beat 2 1"]


# Leads


def test_a_target_with_a_lead_is_told_that_much_earlier() -> None:
    playing = player(BEATS, lead=100)
    playing.play(at=0)
    playing.run(0.4)
    assert [outcome.due for outcome in playing.log][-1] == 100_400 * 10**6


def test_a_cue_at_the_very_start_is_not_lost_to_a_lead_nor_late() -> None:
    playing = player(BEATS, lead=400)
    assert playing.play(at=0) == ["/beat 1 1"]


def test_a_cue_at_the_very_start_is_not_lost_to_the_moment_between_saying_play_and_hearing_it() -> None:
    playing = player(f"{SECTIONS}\n{BEATS}")
    playing.engine.seek(Transport(HostNs(playing.now - ms(2)), TrackNs(0)), playing.now)
    assert playing.run(0.1) == ["/section/Intro", "/beat 1 1"]
    assert {outcome.cause for outcome in playing.log} == {"played"}
    assert playing.log[0].due == playing.log[1].due


def test_a_start_long_ago_is_joined_where_playback_stands_now() -> None:
    playing = player(f"{SECTIONS}\n{BEATS}")
    playing.engine.seek(Transport(HostNs(playing.now - ms(4600)), TrackNs(0)), playing.now)
    assert playing.run(0.1) == ["/section/Drop"]


def test_with_a_negative_lead_a_target_is_told_later() -> None:
    playing = player(BEATS, lead=-100)
    assert playing.play(at=0) == []
    assert playing.run(0.11) == ["/beat 1 1"]


@pytest.mark.parametrize("lead", [-300, -100, 0, 100, 300])
@pytest.mark.parametrize("pause", [0.35, 0.45, 0.5, 0.55, 0.65])
def test_a_pause_near_a_cue_neither_loses_nor_doubles_it_whatever_the_lead(lead: int, pause: float) -> None:
    playing = player(BEATS, lead=lead)
    playing.play(at=0)
    playing.run(pause)
    playing.pause()
    assert playing.run(3) == []
    playing.resume()
    playing.run(20)
    assert len(playing.log) == 32
    assert len({outcome.cue for outcome in playing.log}) == 32


def test_a_longer_lead_sends_at_once_what_it_makes_due_and_calls_nothing_late() -> None:
    playing = player(BEATS)
    playing.play(at=0)
    playing.run(0.2)
    assert playing.lead("lights", 0.4) == ["/beat 1 2"]
    assert playing.lead("lights", 0.0) == []
    playing.run(20)
    assert len({outcome.cue for outcome in playing.log}) == len(playing.log) == 32


def test_an_adjustment_drops_nothing_and_repeats_nothing() -> None:
    playing = player(BEATS)
    playing.play(at=0)
    for by in (0.45, -0.4, 0.2, -0.3, 0.5):
        playing.run(0.7)
        playing.adjust(by)
    playing.run(20)
    assert len({outcome.cue for outcome in playing.log}) == len(playing.log) == 32
    assert {outcome.verdict for outcome in playing.log} == {"sent"}


# Seeks


def test_a_seek_forward_skips_and_enters_the_section_once() -> None:
    playing = player(SECTIONS)
    playing.play(at=0)
    playing.run(1)
    assert playing.play(at=9) == ["/section/Break", "skipped: /section/Drop"]
    assert playing.run(0.9) == []


def test_a_seek_back_re_arms_the_section() -> None:
    playing = player(SECTIONS)
    playing.play(at=0)
    playing.run(5)
    assert playing.play(at=3) == ["/section/Intro"]
    assert playing.run(1.5) == ["/section/Drop"]


def test_landing_exactly_on_a_section_sends_that_section_alone() -> None:
    playing = player(SECTIONS)
    playing.play(at=0)
    playing.run(1)
    assert playing.play(at=8) == ["skipped: /section/Drop", "/section/Break"]


def test_a_seek_within_the_section_sends_nothing_again() -> None:
    playing = player(SECTIONS)
    playing.play(at=4.5)
    assert playing.play(at=7) == []
    assert playing.play(at=5) == []


def test_jumping_from_one_drop_into_another_sends_the_other() -> None:
    playing = player(SECTIONS)
    assert playing.play(at=5) == ["/section/Drop"]
    assert playing.play(at=11) == ["/section/Drop", "skipped: /section/Break"]


def test_joining_in_the_middle_owes_nothing_of_what_lies_behind() -> None:
    playing = player(f"{SECTIONS}\n{BEATS}")
    assert playing.play(at=9.2) == ["/section/Break"]


def test_pulses_are_not_chased() -> None:
    playing = player(BEATS)
    assert playing.play(at=5.2) == []


@pytest.mark.parametrize(("jump", "again"), [(-0.029, 0), (-0.031, 1)])
def test_a_wobble_below_the_hysteresis_never_fires_a_cue_twice(jump: float, again: int) -> None:
    """F6, just under and just over the threshold."""
    playing = player(BEATS)
    playing.play(at=0)
    playing.run(0.505)
    playing.play(at=0.505 + jump)
    playing.run(0.1)
    assert len(playing.log) == 2 + again


def test_a_loop_of_one_beat_runs_a_thousand_times_without_drift_doubles_or_gaps() -> None:
    playing = player(f"{SECTIONS}\n{BEATS}")
    playing.play(at=4)
    for _ in range(1000):
        playing.run(0.49)
        playing.play(at=4)
    beats = [outcome for outcome in playing.log if outcome.cue.address == "/beat"]
    assert [outcome.due for outcome in beats] == [100 * 10**9 + turn * 490 * 10**6 for turn in range(1001)]
    assert {outcome.cue.position for outcome in beats} == {4 * 10**9}
    assert [o.verdict for o in playing.log if o.cue.address == "/section/Drop"] == ["sent"] * 1001
    assert playing.log[-1].pass_number == 1001


def test_a_seek_inside_a_long_lead_sends_what_was_sent_already_only_once() -> None:
    playing = player(SECTIONS, lead=500)
    playing.play(at=3)
    assert playing.run(0.6) == ["/section/Drop"]
    assert playing.play(at=3.8) == []
    assert playing.run(1) == []


@pytest.mark.parametrize(
    ("setting", "sent"),
    [
        ("", ["/cue 5"]),
        (", skipped_over: send", ["/cue 3", "/cue 4", "/cue 5"]),
        (", jumped_into: ignore", ["suppressed: /cue 5"]),
        (", kind: pulse", []),
        (", kind: pulse, jumped_into: send", ["/cue 5"]),
    ],
)
def test_what_becomes_of_a_moment_that_is_jumped_into_or_skipped_over_is_the_rules_choice(
    setting: str,
    sent: list[str],
) -> None:
    rule = f"  - {{on: every 1 bars, kind: state, send: {{address: /cue, args: [bar]}}{setting}}}"
    playing = player(rule.replace("kind: state, send", "send") if "kind: pulse" in setting else rule)
    playing.play(at=2.5)
    playing.log.clear()
    decided = playing.play(at=9.0)
    assert [text for text in decided if not text.startswith("skipped")] == sent


def test_a_cue_that_fires_once_is_suppressed_when_playback_comes_back_to_it() -> None:
    playing = player("  - {on: section, when: {label: Drop}, kind: pulse, gone_back: once, send: {address: /confetti}}")
    playing.play(at=3)
    playing.run(2)
    playing.play(at=3)
    assert playing.run(2) == ["suppressed: /confetti"]


# Pauses


def test_nothing_fires_while_paused_and_a_seek_in_the_pause_is_entered_on_play() -> None:
    playing = player(f"{SECTIONS}\n{BEATS}")
    playing.play(at=0)
    playing.pause()
    assert not [text for text in playing.play(at=9.1, rate=0) + playing.run(5) if not text.startswith("skipped")]
    assert playing.resume() == ["/section/Break"]


def test_a_look_ends_with_a_pause_and_comes_back_with_play_if_the_rule_says_so() -> None:
    playing = player(STROBE.replace("send:", "paused: end, send:", 1))
    playing.play(at=5)
    assert playing.pause() == ["/strobe 0"]
    assert playing.resume() == ["/strobe 1"]
    assert playing.run(4) == ["/strobe 0"]


def test_a_look_is_held_through_a_pause_otherwise() -> None:
    playing = player(STROBE)
    playing.play(at=5)
    assert playing.pause() == []
    assert playing.resume() == []


def test_play_and_pause_at_ten_hertz_fire_each_beat_once() -> None:
    """F8, as far as the engine is concerned."""
    playing = player(BEATS)
    playing.play(at=0)
    for _ in range(400):
        playing.run(0.05)
        playing.pause()
        playing.run(0.05)
        playing.resume()
    assert len({outcome.cue for outcome in playing.log}) == len(playing.log) == 32


# Looks and their ends


def test_a_look_that_plays_out_is_ended_where_its_section_ends() -> None:
    playing = player(STROBE)
    playing.play(at=0)
    assert playing.run(9) == ["/strobe 1", "/strobe 0"]


def test_a_look_is_ended_when_a_seek_leaves_its_section() -> None:
    playing = player(STROBE)
    playing.play(at=5)
    assert playing.play(at=9) == ["/strobe 0"]
    assert playing.play(at=5) == ["/strobe 1"]
    assert playing.play(at=1) == ["/strobe 0"]


def test_a_look_that_stands_is_ended_before_the_next_one_of_its_kind_begins() -> None:
    playing = player(STROBE)
    playing.play(at=5)
    assert playing.play(at=11) == ["/strobe 0", "/strobe 1"]


def test_a_look_is_ended_when_playback_stops() -> None:
    playing = player(STROBE)
    playing.play(at=5)
    assert playing.stop() == ["/strobe 0"]
    assert playing.run(10) == []


def test_an_end_is_not_sent_for_a_look_that_never_began() -> None:
    playing = player(STROBE.replace("send:", "jumped_into: ignore, send:", 1))
    playing.play(at=5)
    assert playing.run(4) == ["suppressed: /strobe 0"]


def test_between_two_sections_of_one_rule_the_end_goes_before_the_start() -> None:
    rules = "  - {on: section, send: {address: /look, args: [1], end: {args: [0]}}}"
    playing = player(rules)
    playing.play(at=0)
    assert playing.run(4.1) == ["/look 0", "/look 1"]


def test_joining_after_a_look_makes_sure_that_it_is_ended() -> None:
    playing = player(STROBE)
    assert playing.play(at=9) == ["/strobe 0"]


def test_a_button_is_released_in_real_time_whatever_playback_does() -> None:
    rules = "  - {on: section, send: {address: /button, args: [1], end: {args: [0], after: 50ms}}}"
    playing = player(rules)
    assert playing.play(at=0) == ["/button 1"]
    assert playing.pause() == []
    assert playing.run(0.06) == ["/button 0"]
    playing.resume()
    assert playing.run(4.02) == ["/button 1"]
    assert playing.stop() == ["/button 0"]


def test_a_seek_within_the_section_does_not_press_the_button_again() -> None:
    rules = "  - {on: section, send: {address: /button, args: [1], end: {args: [0], after: 50ms}}}"
    playing = player(rules)
    playing.play(at=0)
    playing.run(1)
    assert playing.play(at=3) == []


def test_two_rules_with_one_address_share_a_look() -> None:
    rules = "\n".join(
        f"  - {{on: section, when: {{label: {label}}}, send: {{address: /look, args: [{value}]}}}}"
        for label, value in (("Intro", 1), ("Drop", 2), ("Break", 3))
    )
    playing = player(rules)
    assert playing.play(at=9) == ["/look 3"]
    assert playing.play(at=5) == ["/look 2"]


# Stalls


def test_after_a_stall_late_pulses_are_dropped_and_the_last_state_is_sent_and_marked_late() -> None:
    """H3."""
    playing = player(f"{SECTIONS}\n{BEATS}")
    playing.play(at=0)
    decided = playing.stall(9.2)
    assert [text for text in decided if not text.startswith("dropped")] == ["late: /section/Break"]
    assert sum(text.startswith("dropped: /beat") for text in decided) == 18
    assert decided.count("dropped: /section/Drop") == 1


def test_a_pulse_within_its_limit_is_still_sent_after_a_stall_but_only_the_last_of_an_address() -> None:
    rules = BEATS.replace("send:", "late: 2s, send:", 1)
    playing = player(rules)
    playing.play(at=0)
    assert playing.stall(1.6) == ["dropped: /beat 1 2", "dropped: /beat 1 3", "late: /beat 1 4"]


def test_a_stall_across_the_end_of_a_look_still_ends_it() -> None:
    playing = player(STROBE)
    playing.play(at=5)
    assert playing.stall(4) == ["late: /strobe 0"]


def test_more_pulses_than_the_target_takes_are_suppressed_and_states_always_pass() -> None:
    """I14: the rate cap."""
    target = replace(TARGET, max_rate=3)
    rules = "\n".join(f"  - {{on: beat, name: r{n}, send: {{address: /p{n}}}}}" for n in range(5)) + f"\n{SECTIONS}"
    playing = Player(schedule(SONG, rules, target), (target,))
    decided = playing.play(at=0)
    assert decided == ["/p0", "/p1", "/p2", "suppressed: /p3", "suppressed: /p4", "/section/Intro"]


# Reloads


def test_loading_the_same_schedule_again_fires_nothing_and_loses_nothing() -> None:
    playing = player(f"{STROBE}\n{BEATS}")
    playing.play(at=0)
    for _ in range(60):
        playing.run(0.25)
        assert playing.load(schedule(SONG, f"{STROBE}\n{BEATS}")) == []
    playing.run(5)
    beats = [written(outcome) for outcome in playing.log if outcome.cue.address == "/beat"]
    assert len(beats) == len(set(beats)) == 32
    assert [o.cue.arguments[0][1] for o in playing.log if o.cue.address == "/strobe"] == [1, 0, 1, 0]


@pytest.mark.parametrize("moved", [-0.02, -0.01, 0.01, 0.02])
@pytest.mark.parametrize("at", [1.495, 1.5, 1.505, 1.515])
def test_a_structure_whose_beats_moved_a_little_fires_none_twice_and_loses_none(moved: float, at: float) -> None:
    """I16."""
    times = [max(0.0, beat * 0.5 + moved) for beat in range(32)]
    again = song(
        "Intro 2", "Drop 2", "Break 1", "Drop 2", "Outro 1", beat_grid={"times": times, "downbeats": times[::4]}
    )
    playing = player(BEATS)
    playing.play(at=0)
    playing.run(at)
    playing.load(schedule(again, BEATS))
    playing.run(20)
    beats = [tuple(value for _, value in outcome.cue.arguments) for outcome in playing.log]
    assert sorted(beats) == sorted(set(beats))
    assert len(beats) == 32


def test_a_look_that_a_new_configuration_does_not_know_is_ended() -> None:
    playing = player(STROBE)
    playing.play(at=5)
    assert playing.load(schedule(SONG, BEATS)) == ["/strobe 0"]


def test_a_look_that_a_new_configuration_changes_is_replaced_once() -> None:
    playing = player(STROBE)
    playing.play(at=5)
    changed = STROBE.replace("args: [1]", "args: [2]")
    assert playing.load(schedule(SONG, changed)) == ["/strobe 0", "/strobe 2"]
    assert playing.run(4) == ["/strobe 0"]


def test_a_receiver_that_comes_back_is_put_into_the_present_state() -> None:
    playing = player(f"{SECTIONS}\n{STROBE}\n{BEATS}")
    playing.play(at=5.1)
    assert sorted(playing.chase("lights")) == ["/section/Drop", "/strobe 1"]
    assert playing.run(0.2) == []


def test_after_a_stop_what_fires_once_may_fire_again() -> None:
    playing = player("  - {on: section, when: {label: Drop}, kind: pulse, gone_back: once, send: {address: /confetti}}")
    playing.play(at=3)
    assert playing.run(2) == ["/confetti"]
    playing.stop()
    playing.play(at=3)
    assert playing.run(2) == ["/confetti"]


def test_a_button_pressed_again_before_it_was_let_go_is_let_go_once_after_the_second_time() -> None:
    playing = player("  - {on: downbeat, send: {address: /button, args: [1], end: {args: [0], after: 3s}}}")
    assert playing.play(at=0) + playing.run(2.5) == ["/button 1", "/button 1"]
    playing.pause()
    assert playing.run(2.4) == []
    assert playing.run(0.2) == ["/button 0"]
    assert playing.run(10) == []


def test_buttons_with_addresses_of_their_own_are_each_let_go() -> None:
    rule = '  - {on: section, send: {address: "/column/{label}", look: column, args: [1], end: {args: [0], after: 5s}}}'
    playing = player(rule)
    playing.play(at=3)
    assert playing.run(2) == ["/column/Drop 1"]
    playing.stop()
    assert playing.log[-1].cue.arguments[0][1] == 0
    assert {outcome.cue.address for outcome in playing.log if outcome.cue.arguments[0][1] == 0} == {
        "/column/Intro",
        "/column/Drop",
    }
