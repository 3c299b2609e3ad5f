"""The estimator in pauses: said, seen, or told from silence; with an engine behind it where cues matter."""

from __future__ import annotations

from dataclasses import replace

import pytest

from beatsync.core.observation import Character, Following
from beatsync.core.playback import Adjusted, Paused
from beatsync.core.quality import State
from beatsync.core.schedule import Schedule
from beatsync.core.units import ms
from tests.core.following import BARE, DECK, SILENT, STATED, Deck, host, kinds
from tests.core.shows import TARGET, schedule, song


def beats() -> Schedule:
    """A beat every half second."""
    return schedule(song("Intro 8", "Drop 8", bpm=120), "  - {on: beat, send: {address: /beat}}", TARGET)


# Said


def test_a_pause_that_is_said_holds_where_the_source_says_at_once() -> None:
    deck = Deck(STATED)
    deck.says(0.0, 10.0, playing=True)
    deck.plays(0.05, 2.0, 10.05)
    assert kinds(deck.says(2.0, 12.003, playing=False)) == ["Paused"]
    assert deck.position(9.0) == pytest.approx(12.003)


def test_a_pause_that_is_said_without_a_position_holds_where_playback_is() -> None:
    deck = Deck(STATED)
    deck.says(0.0, 10.0, playing=True)
    deck.plays(0.05, 2.0, 10.05)
    assert kinds(deck.says(2.0, playing=False)) == ["Paused"]
    assert deck.position(9.0) == pytest.approx(12.0, abs=0.001)


def test_nothing_is_sent_in_a_pause_and_every_beat_once_around_it() -> None:
    deck = Deck(STATED, schedule=beats())
    deck.says(0.0, 1.2, playing=True)
    deck.plays(0.05, 1.0, 1.25)
    deck.says(1.0, 2.2, playing=False)
    deck.waits(30.0)
    assert [position for _, position in deck.beats] == [1.5, 2.0]
    deck.says(30.0, 2.2, playing=True)
    deck.plays(30.05, 31.0, 2.25)
    assert [position for _, position in deck.beats] == [1.5, 2.0, 2.5, 3.0]


def test_a_seek_in_a_pause_moves_the_position_and_sends_nothing() -> None:
    deck = Deck(STATED, schedule=beats())
    deck.says(0.0, 1.2, playing=False)
    deck.says(1.0, 9.0)
    deck.says(2.0, 4.0, jump=True)
    assert kinds(deck.verdicts) == ["Paused", "Paused", "Paused"]
    assert deck.position(3.0) == pytest.approx(4.0)
    assert deck.beats == []


def test_going_on_elsewhere_after_a_pause_is_a_jump() -> None:
    deck = Deck(STATED)
    deck.says(0.0, 10.0, playing=False)
    assert kinds(deck.says(5.0, 40.0, playing=True)) == ["Jumped"]


def test_word_that_playback_goes_on_comes_late_and_no_cue_is_passed_over() -> None:
    deck = Deck(STATED, schedule=beats())
    deck.says(0.0, 1.4, playing=True)
    deck.plays(0.05, 0.5, 1.45)
    deck.says(0.5, 1.9, playing=False)
    assert [type(verdict).__name__ for verdict in deck.says(5.0, 2.06, playing=True)] == ["Resumed", "Adjusted"]
    assert deck.beats == [(pytest.approx(0.1, abs=0.002), 1.5), (5.0, 2.0)]


def test_positions_that_move_on_contradict_a_pause_that_was_said() -> None:
    deck = Deck(STATED)
    deck.says(0.0, 10.0, playing=True)
    deck.plays(0.05, 2.0, 10.05)
    deck.says(2.0, 12.0, playing=False)
    verdicts = deck.plays(2.05, 3.0, 12.05)
    assert kinds(verdicts)[-1] in {"Resumed", "Jumped"}
    assert deck.position(4.0) == pytest.approx(14.0, abs=0.005)


def test_a_pause_is_believed_again_after_it_was_contradicted() -> None:
    deck = Deck(STATED)
    deck.says(0.0, 10.0, playing=False)
    deck.plays(0.05, 1.0, 10.05)
    assert kinds(deck.says(1.0, 11.0, playing=False)) == ["Paused"]


def test_play_and_pause_that_flap_let_nothing_through_twice() -> None:
    """F8"""
    deck = Deck(STATED, schedule=beats())
    deck.says(0.0, 1.2, playing=True)
    position = 1.2
    for index in range(100):
        position += 0.05
        deck.says(0.05 + index * 0.1, position, playing=False)
        deck.says(0.10 + index * 0.1, position, playing=True)
    sent = [beat for _, beat in deck.beats]
    assert len(sent) == len(set(sent))
    assert sent == sorted(sent)


def test_while_it_flaps_playing_must_have_stood_for_a_while() -> None:
    """F8"""
    deck = Deck(STATED)
    deck.says(0.0, 1.0, playing=True)
    deck.says(0.1, 1.1, playing=False)
    assert kinds(deck.says(0.2, 1.1, playing=True)) == ["Resumed"]
    deck.says(0.25, 1.15, playing=False)
    assert kinds(deck.says(0.3, 1.15, playing=True)) == []
    assert deck.says(0.33, 1.15, playing=False) == []
    assert kinds(deck.says(0.4, 1.15, playing=True)) == []
    assert kinds(deck.waits(0.5)) == ["Resumed"]
    assert deck.position(0.5) == pytest.approx(1.25, abs=0.004)


# Seen


def test_a_position_that_stands_still_is_a_pause_after_two_repeats() -> None:
    deck = Deck()
    deck.plays(0.0, 2.0, 10.0)
    stands = [deck.says(2.0 + index * 0.05, 12.0) for index in range(6)]
    assert [kinds(verdicts) for verdicts in stands[:2]] == [[], []]
    assert kinds([verdict for verdicts in stands for verdict in verdicts]) == ["Paused"]
    assert deck.position(9.0) == pytest.approx(12.0)


def test_it_goes_on_with_the_first_reading_that_moves() -> None:
    deck = Deck()
    deck.plays(0.0, 2.0, 10.0)
    for index in range(60):
        deck.says(2.0 + index * 0.05, 12.0)
    assert kinds(deck.plays(5.0, 6.0, 12.03)) == ["Resumed"]
    assert deck.position(6.0) == pytest.approx(13.03, abs=0.02)


def test_beats_that_were_overshot_before_an_unannounced_pause_was_seen_are_not_sent_again() -> None:
    deck = Deck(replace(BARE, interval=ms(100)), schedule=beats())
    deck.plays(0.0, 0.8, 1.2, every=0.1)
    for index in range(40):
        deck.says(0.8 + index * 0.1, 1.95)
    deck.plays(5.0, 6.0, 2.0, every=0.1)
    assert [beat for _, beat in deck.beats] == [1.5, 2.0, 2.5]


def test_a_pause_seen_late_is_first_a_correction_and_then_a_pause() -> None:
    deck = Deck(replace(BARE, interval=ms(100)))
    deck.plays(0.0, 3.0, 1.0, every=0.1)
    verdicts = [verdict for index in range(6) for verdict in deck.says(3.0 + index * 0.1, 4.0)]
    correction, pause = verdicts[-2:]
    assert isinstance(correction, Adjusted)
    assert correction.step < -ms(100)
    assert isinstance(pause, Paused)
    assert deck.position(9.0) == pytest.approx(4.0)


def test_a_coarse_position_that_repeats_is_not_a_pause() -> None:
    coarse = Character(accuracy=BARE.accuracy, interval=ms(50), quantum=ms(313))
    deck = Deck(coarse)
    for index in range(400):
        deck.says(index * 0.05, 10.0 + index * 0.05 // 0.313 * 0.313)
    assert "Paused" not in kinds(deck.verdicts)


def test_a_stalled_network_that_delivers_one_old_position_twice_is_no_pause() -> None:
    deck = Deck()
    deck.plays(0.0, 2.0, 10.0)
    assert deck.says(2.2, 11.95) == []
    assert deck.says(2.2001, 11.95) == []
    assert kinds(deck.plays(2.25, 3.0, 12.25)) == []


def test_a_source_that_is_stuck_while_it_says_that_it_plays_is_not_believed_for_long() -> None:
    """F13"""
    deck = Deck(STATED)
    deck.says(0.0, 10.0, playing=True)
    deck.plays(0.05, 2.0, 10.05)
    for index in range(6):
        assert kinds(deck.says(2.0 + index * 0.05, 12.0)) == []
    verdicts = [verdict for index in range(6, 10) for verdict in deck.says(2.0 + index * 0.05, 12.0)]
    assert kinds(verdicts) == ["Paused"]
    assert deck.estimator.state(host(2.5)) is State.PAUSED
    assert kinds(deck.plays(3.0, 4.0, 12.05)) == ["Resumed"]


# Told from silence


def test_silence_is_a_pause_where_the_source_falls_silent_in_pauses() -> None:
    deck = Deck(SILENT)
    deck.plays(0.0, 2.0, 10.0, every=0.02)
    assert kinds(deck.waits(2.1)) == []
    assert kinds(deck.waits(3.0)) == ["Paused"]
    assert deck.position(3.0) == pytest.approx(11.98, abs=0.002)


def test_the_first_reading_after_a_silence_plays_on() -> None:
    deck = Deck(SILENT)
    deck.plays(0.0, 2.0, 10.0, every=0.02)
    deck.waits(10.0)
    assert kinds(deck.says(10.0, 12.0)) == ["Resumed"]
    assert deck.position(11.0) == pytest.approx(13.0, abs=0.003)


def test_a_short_stall_of_a_source_whose_silence_is_a_pause_loses_no_beat() -> None:
    deck = Deck(SILENT, schedule=beats())
    deck.plays(0.0, 0.76, 1.2, every=0.02)
    deck.plays(1.04, 1.8, 2.24, every=0.02)
    assert [position for _, position in deck.beats] == [1.5, 2.0, 2.5]


def test_silence_elsewhere_is_no_pause() -> None:
    deck = Deck(BARE, Following(freewheel=ms(60_000)))
    deck.plays(0.0, 2.0, 10.0)
    assert kinds(deck.waits(30.0)) == []
    assert deck.position(30.0) == pytest.approx(40.0, abs=0.01)


# Scratching


def test_positions_that_leap_about_hold_the_deck_until_they_agree() -> None:
    """F9"""
    deck = Deck(DECK, schedule=beats())
    deck.plays(0.0, 1.0, 10.2, every=0.03)
    wild = (11.3, 10.9, 11.6, 10.4, 11.5, 10.6, 11.4, 10.8, 11.2, 10.5, 11.6, 10.3)
    for index, position in enumerate(wild):
        deck.says(1.0 + index * 0.03, position)
    assert deck.estimator.state(host(1.36)) is State.PAUSED
    deck.plays(1.4, 2.4, 11.1, every=0.03)
    assert deck.estimator.state(host(2.4)) is State.LOCKED
    assert deck.position(2.4) == pytest.approx(12.1, abs=0.01)
