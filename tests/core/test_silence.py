"""Muted targets, decks off the air, panic: nothing but the ends of looks, then the present state."""

from __future__ import annotations

from dataclasses import replace

from beatsync.core.engine import Engine
from beatsync.core.rules import Kind
from beatsync.core.schedule import Cue
from beatsync.core.units import TrackNs
from beatsync.core.verdicts import Cause
from tests.core.shows import TARGET, Player, schedule, song, written

SONG = song("Intro 4 1", "Drop 4 4", "Outro 4 1")
LOOKS = '  - {on: section, send: {address: "/look/{label}", look: one, args: [1], end: {args: [0]}}}'
BEATS = "  - {on: beat, send: {address: /beat, args: [bar, beat]}}"


def silence(player: Player, reason: str = "muted") -> list[str]:
    player.engine.silence(reason, ["lights"], player.now)
    return player.stall(0)


def release(player: Player, reason: str = "muted") -> list[str]:
    player.engine.release(reason, ["lights"], player.now)
    return player.stall(0)


def test_a_muted_target_gets_the_end_of_its_look_and_then_nothing() -> None:
    player = Player(schedule(SONG, f"{LOOKS}\n{BEATS}"))
    player.play(at=7.6)
    assert silence(player) == ["/look/Intro 0"]
    assert all(text.startswith("suppressed") for text in player.run(2))
    assert {outcome.reason for outcome in player.log[-3:]} == {"muted"}


def test_what_is_heard_again_gets_the_present_state_and_no_hit_of_the_past() -> None:
    player = Player(schedule(SONG, f"{LOOKS}\n{BEATS}"))
    player.play(at=7.6)
    silence(player)
    player.run(1)
    assert release(player) == ["/look/Drop 1"]
    assert player.run(0.5) == ["/beat 5 3"]


def test_two_reasons_for_silence_are_two_releases() -> None:
    player = Player(schedule(SONG, LOOKS))
    player.play(at=1)
    silence(player)
    assert silence(player, "panic") == []
    assert release(player, "panic") == []
    assert release(player) == ["/look/Intro 1"]
    assert release(player) == []


def test_a_seek_while_muted_sends_nothing_and_the_release_enters_where_it_led() -> None:
    player = Player(schedule(SONG, LOOKS))
    player.play(at=1)
    silence(player)
    assert player.play(at=9) == ["skipped: /look/Intro 0", "skipped: /look/Drop 1"]
    assert release(player) == ["/look/Drop 1"]


def test_a_release_during_a_pause_waits_for_playback() -> None:
    player = Player(schedule(SONG, LOOKS))
    player.play(at=1)
    silence(player)
    player.pause()
    assert release(player) == []
    assert player.resume() == ["/look/Intro 1"]


def test_a_look_that_the_rule_does_not_want_jumped_into_comes_back_where_it_was() -> None:
    player = Player(schedule(SONG, LOOKS.replace("send:", "jumped_into: ignore, send:")))
    player.play(at=7.9)
    player.run(0.2)
    assert silence(player) == ["/look/Drop 0"]
    assert release(player) == ["/look/Drop 1"]


def test_a_button_that_is_held_is_let_go_at_once() -> None:
    rule = "  - {on: beat, send: {address: /go, args: [1], end: {args: [0], after: 400ms}}}"
    player = Player(schedule(SONG, rule))
    assert player.play(at=0) == ["/go 1"]
    assert silence(player) == ["/go 0"]
    assert [text for text in player.run(1) if not text.startswith("suppressed")] == []


def test_a_look_begun_before_any_target_was_named_silent_is_not_touched() -> None:
    other = replace(TARGET, name="visuals")
    rules = LOOKS.replace("send: {", "send: {to: [lights, visuals], ")
    player = Player(schedule(SONG, rules, TARGET, other), (TARGET, other))
    player.play(at=1)
    silence(player)
    assert [written(outcome) for outcome in player.log if outcome.cue.target == "visuals"] == ["/look/Intro 1"]


def test_what_somebody_wants_sent_goes_out_whatever_is_silenced() -> None:
    player = Player(schedule(SONG, LOOKS))
    silence(player, "panic")
    (blackout,) = schedule(SONG, "  - {on: track, kind: pulse, send: {address: /out}}").cues
    player.engine.fire([blackout], player.now)
    assert player.stall(0) == ["/out"]
    assert player.log[-1].cause is Cause.COMMAND


def test_targets_that_go_are_ended_and_targets_that_come_are_put_into_the_present_state() -> None:
    visuals = replace(TARGET, name="visuals")
    player = Player(schedule(SONG, LOOKS))
    player.play(at=9)
    player._advance()
    player.engine.retarget([visuals], player.now)
    moved = schedule(SONG, LOOKS.replace("send: {", "send: {to: visuals, "), TARGET, visuals)
    player.engine.load(moved)
    assert [(outcome.cue.target, written(outcome)) for outcome in player.engine.advance(player.now)] == [
        ("lights", "/look/Drop 0"),
        ("visuals", "/look/Drop 1"),
    ]
    assert player.run(8) == ["/look/Drop 0", "/look/Outro 1"]


def test_a_target_that_comes_while_playback_is_past_its_hits_gets_none_of_them() -> None:
    visuals = replace(TARGET, name="visuals")
    player = Player(schedule(SONG, BEATS))
    player.play(at=5.1)
    player.engine.retarget([TARGET, visuals], player.now)
    player.engine.load(schedule(SONG, BEATS.replace("send: {", "send: {to: [lights, visuals], "), TARGET, visuals))
    assert player.run(0.5) == ["/beat 3 4", "/beat 3 4"]


def test_a_kind_is_what_a_command_makes_of_it() -> None:
    """A commanded state stands, and is replaced by what playback brings."""
    player = Player(schedule(SONG, LOOKS))
    player.play(at=1)
    state = Cue(
        position=TrackNs(0),
        until=TrackNs(0),
        phase=next(iter(player.schedule.cues)).phase.START,
        address="/look/By_hand",
        arguments=(),
        packet=b"/x\0\0,\0\0\0",
        origin=replace(next(iter(player.schedule.cues)).origin, kind=Kind.STATE),
        place=next(iter(player.schedule.cues)).place,
    )
    player.engine.fire([state], player.now)
    assert player.stall(0) == ["/look/By_hand"]
    assert isinstance(player.engine, Engine)
