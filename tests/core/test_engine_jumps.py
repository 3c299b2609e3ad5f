"""Jumps of every kind: what is entered, passed over or gone back to; scrubbing, reverse play, wobbles that add up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from beatsync.core.leads import Lead
from beatsync.core.transport import Transport, rate_of
from beatsync.core.units import TrackNs, ms, ns_from_seconds
from tests.core.shows import TARGET, Player, schedule, song

BEATS = "  - {on: beat, send: {address: /beat, args: [bar, beat]}}"
SECTIONS = '  - {on: section, send: {address: "/section/{label}"}}'
STROBE = "  - {on: section, when: {label: Drop}, send: {address: /strobe, args: [1], end: {args: [0]}}}"
HIT = "  - {on: section, kind: pulse, jumped_into: send, send: {address: /hit, args: [label]}}"
SONG = song("Intro 2", "Drop 2", "Break 1", "Drop 2", "Outro 1")  # 4 s, 4 s, 2 s, 4 s, 2 s: in all 16 s


def player(rules: str, lead: int = 0) -> Player:
    target = replace(TARGET, lead=Lead(ms(lead)))
    return Player(schedule(SONG, rules, target), (target,))


def with_setting(rule: str, setting: str) -> str:
    return rule.replace("send:", f"{setting}, send:", 1)


def fired(texts: list[str]) -> list[str]:
    """What went out."""
    return [text for text in texts if text.startswith(("/", "late"))]


# Passed over


def test_a_look_that_is_passed_over_and_sent_all_the_same_begins_and_ends_once() -> None:
    playing = player(with_setting(STROBE, "skipped_over: send"))
    playing.play(at=0)
    assert fired(playing.play(at=9)) == ["/strobe 1", "/strobe 0"]


def test_the_end_of_a_look_that_a_jump_leaves_is_sent_once_also_if_skipped_cues_are_sent() -> None:
    playing = player(with_setting(STROBE, "skipped_over: send"))
    playing.play(at=5)
    assert fired(playing.play(at=9)) == ["/strobe 0"]


def test_an_end_that_is_passed_over_is_not_played_for_a_look_that_never_began() -> None:
    playing = player(with_setting(STROBE, "skipped_over: send, jumped_into: ignore, kind: pulse"))
    playing.play(at=5)
    assert fired(playing.play(at=9)) == []


def test_a_cue_that_fires_once_is_not_sent_again_when_it_is_passed_over() -> None:
    rule = "  - {on: section, kind: pulse, gone_back: once, skipped_over: send, send: {address: /hit, args: [label]}}"
    playing = player(rule)
    playing.play(at=3)
    assert fired(playing.play(at=9)) == ["/hit Drop", "/hit Break"]
    playing.play(at=3)
    assert fired(playing.play(at=9)) == []


def test_a_pulse_that_is_both_passed_over_and_jumped_into_is_sent_once() -> None:
    playing = player(with_setting(HIT, "skipped_over: send"))
    playing.play(at=0)
    assert fired(playing.play(at=5)) == ["/hit Drop"]


def test_a_cue_that_fires_once_is_not_sent_again_when_it_is_jumped_into() -> None:
    playing = player(with_setting(HIT, "gone_back: once"))
    assert playing.play(at=5) == ["/hit Drop"]
    assert fired(playing.play(at=9)) == ["/hit Break"]
    assert fired(playing.play(at=6)) == []


# Jumped into


def test_a_jump_within_a_span_does_not_enter_it_again_forward() -> None:
    playing = player(HIT)
    assert playing.play(at=5) == ["/hit Drop"]
    assert playing.play(at=6) == []


def test_a_jump_ahead_into_what_a_lead_has_already_sent_does_not_send_it_again() -> None:
    playing = player(HIT, lead=500)
    playing.play(at=3)
    assert fired(playing.run(0.6)) == ["/hit Drop"]
    assert playing.play(at=4.2) == []


def test_a_look_that_a_lead_has_begun_is_kept_by_a_jump_that_falls_short_of_its_section() -> None:
    playing = player(STROBE, lead=500)
    playing.play(at=3)
    assert playing.run(0.6) == ["/strobe 1"]
    assert playing.play(at=3.8) == []
    assert playing.run(5) == ["/strobe 0"]


def test_a_jump_back_within_a_span_enters_it_again() -> None:
    playing = player(HIT)
    assert playing.play(at=7) == ["/hit Drop"]
    assert playing.play(at=5) == ["/hit Drop"]


def test_a_look_that_ends_with_the_pause_is_resumed_though_the_rule_ignores_jumps() -> None:
    playing = player(with_setting(STROBE, "paused: end, jumped_into: ignore"))
    playing.play(at=3.9)
    playing.run(1)
    assert playing.pause() == ["/strobe 0"]
    assert playing.resume() == ["/strobe 1"]


def test_a_look_that_ends_with_the_pause_is_resumed_though_it_begins_only_once() -> None:
    playing = player(with_setting(STROBE, "paused: end, gone_back: once"))
    playing.play(at=3.9)
    playing.run(1)
    assert playing.pause() == ["/strobe 0"]
    assert playing.resume() == ["/strobe 1"]
    assert playing.pause() == ["/strobe 0"]
    assert playing.resume() == ["/strobe 1"]


def test_a_look_that_ended_with_the_pause_is_not_resumed_by_a_jump_into_it_if_jumps_are_ignored() -> None:
    playing = player(with_setting(STROBE, "paused: end, jumped_into: ignore"))
    playing.play(at=3.9)
    playing.run(1)
    playing.pause()
    playing.play(at=11, rate=0)
    assert fired(playing.resume()) == []


def test_a_pause_that_ends_a_look_is_not_a_jump_and_enters_no_pulse() -> None:
    playing = player(f"{HIT}\n{with_setting(STROBE, 'paused: end')}")
    playing.play(at=5)
    playing.pause()
    assert playing.resume() == ["/strobe 1"]


# Looks that begin at the track's end


OUTRO_OVER = "  - {on: section end, when: {label: Outro}, send: {address: /dark, args: [1], end: {args: [0]}}}"


def test_a_look_that_begins_at_the_tracks_end_lasts_until_playback_stops() -> None:
    playing = player(OUTRO_OVER)
    playing.play(at=15)
    assert playing.run(5) == ["/dark 1"]
    assert playing.load(schedule(SONG, OUTRO_OVER)) == []
    assert playing.play(at=25) == []
    assert playing.stop() == ["/dark 0"]


def test_a_look_that_begins_at_the_tracks_end_ends_when_playback_goes_back() -> None:
    playing = player(OUTRO_OVER)
    playing.play(at=15)
    playing.run(5)
    assert playing.play(at=3) == ["/dark 0"]


# A receiver that comes back


@pytest.mark.parametrize("setting", ["jumped_into: ignore", "gone_back: once"])
def test_a_receiver_that_comes_back_gets_the_look_that_stood_whatever_the_rule_says_of_jumps(setting: str) -> None:
    playing = player(with_setting(STROBE, setting))
    playing.play(at=3.9)
    playing.run(1)
    assert playing.chase("lights") == ["/strobe 1"]


def test_a_receiver_that_comes_back_during_a_pause_does_not_get_the_look_that_the_pause_ended() -> None:
    playing = player(with_setting(STROBE, "paused: end"))
    playing.play(at=5)
    playing.pause()
    assert playing.chase("lights") == []
    assert playing.resume() == ["/strobe 1"]


def test_a_receiver_that_comes_back_while_scrubbing_is_chased_once_playback_moves() -> None:
    playing = player(SECTIONS)
    playing.play(at=1)
    playing.pause()
    playing.play(at=5, rate=0)
    assert playing.chase("lights") == []
    assert playing.resume() == ["/section/Drop"]


def test_a_receiver_that_comes_back_after_a_look_is_told_that_it_is_over() -> None:
    playing = player(STROBE)
    playing.play(at=5)
    assert playing.run(4) == ["/strobe 0"]
    assert playing.chase("lights") == ["/strobe 0"]


# Small steps


def test_scrubbing_ahead_in_small_steps_bursts_out_nothing_on_play() -> None:
    playing = player(f"{SECTIONS}\n{BEATS}")
    playing.play(at=0.1)
    playing.pause()
    for step in range(1, 401):
        assert fired(playing.play(at=0.1 + step * 0.02, rate=0)) == []
    assert fired(playing.resume()) == ["/section/Break"]
    assert playing.run(0.5) == ["/beat 5 2"]


def test_scrubbing_back_in_small_steps_loses_nothing_on_play() -> None:
    playing = player(f"{SECTIONS}\n{BEATS}")
    playing.play(at=8.1)
    playing.pause()
    for step in range(1, 201):
        assert fired(playing.play(at=8.1 - step * 0.02, rate=0)) == []
    assert playing.resume() == ["/section/Drop"]
    assert playing.run(0.5) == ["/beat 3 2"]


def test_wobbles_back_that_add_up_are_a_jump_in_the_end() -> None:
    playing = player(BEATS)
    playing.play(at=4.4)
    position = 4.4
    for _ in range(100):
        playing.run(0.01)
        position = position + 0.01 - 0.025
        playing.play(at=position)
    assert playing.run(0.5) == ["/beat 2 3"]


def test_wobbles_to_and_fro_repeat_nothing_however_many_they_are() -> None:
    """F6."""
    playing = player(BEATS)
    playing.play(at=4.51)
    for turn in range(500):
        assert playing.play(at=4.51 - (turn % 2) * 0.029) == []


def test_after_reverse_play_the_music_is_played_again() -> None:
    """F9."""
    playing = player(f"{SECTIONS}\n{BEATS}")
    playing.play(at=5.1)
    playing.play(at=5.1, rate=-1)
    assert playing.run(3) == []
    assert fired(playing.play(at=2.1)) == ["/section/Intro"]
    assert playing.run(0.5) == ["/beat 2 2"]


def test_a_jump_after_an_adjustment_is_judged_by_what_is_known_better() -> None:
    playing = player(BEATS)
    playing.play(at=4.51)
    playing.adjust(-0.1)
    assert playing.play(at=4.405) == []
    assert playing.run(0.3) == []


def test_an_adjustment_after_the_stop_starts_nothing() -> None:
    playing = player(BEATS)
    playing.play(at=4.6)
    transport = playing.engine.transport
    assert transport is not None
    playing.stop()
    playing.engine.adjust(Transport(transport.host, TrackNs(transport.track + 1), rate_of(1.0)))
    assert playing.run(3) == []


# Loops


@pytest.mark.parametrize("lead", [-40, 0, 40])
def test_a_loop_of_one_beat_backwards_plays_every_beat_once_in_its_turn(lead: int) -> None:
    playing = player(BEATS, lead)
    texts = playing.play(at=14.95)
    for turn in range(1, 29):
        texts += playing.run(0.44)
        texts += playing.play(at=14.95 - turn * 0.5)
    assert fired(texts) == [f"/beat {1 + beat // 4} {1 + beat % 4}" for beat in range(30, 2, -1)]


@pytest.mark.parametrize("at", [0.0, 8.0])
@pytest.mark.parametrize("lag", [0.0, 0.0005, 0.02])
def test_a_pulse_right_where_playback_lands_is_sent_once_though_word_of_it_comes_late(at: float, lag: float) -> None:
    rules = "  - {on: section, kind: pulse, jumped_into: send, send: {address: /go, args: [label]}}"
    player = Player(schedule(song("Intro 4", "Drop 4", "Outro 4"), rules))
    anchor = player.now
    player.seconds += lag
    player.engine.seek(Transport(anchor, TrackNs(ns_from_seconds(at))), player.now)
    sent = player.stall(0) + player.run(1)
    assert sent == ["/go Intro" if at == 0 else "/go Drop"]
