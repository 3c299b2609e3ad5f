"""A feed that falls silent: freewheel, then lost, then what the user wants; and the return."""

from __future__ import annotations

import pytest

from beatsync.core.observation import Following, WhenLost
from beatsync.core.playback import Jumped, Lost
from beatsync.core.quality import State
from beatsync.core.schedule import Schedule
from beatsync.core.units import ms
from tests.core.following import BARE, DECK, STATED, Deck, host, kinds
from tests.core.shows import TARGET, schedule, song


def beats() -> Schedule:
    return schedule(song("Intro 16", bpm=120), "  - {on: beat, send: {address: /beat}}", TARGET)


def lost(when_lost: WhenLost, *, then: float = 10.0, shows: bool = False) -> Deck:
    """A deck that plays for two seconds, and has heard nothing since."""
    deck = Deck(BARE, Following(freewheel=ms(2000), when_lost=when_lost), schedule=beats() if shows else None)
    deck.plays(0.0, 2.0, 1.2)
    deck.waits(then)
    return deck


def verdict_of_loss(deck: Deck) -> Lost:
    (verdict,) = [verdict for verdict in deck.verdicts if isinstance(verdict, Lost)]
    return verdict


def test_playback_freewheels_for_as_long_as_the_user_says() -> None:
    """F1"""
    deck = Deck(BARE, Following(freewheel=ms(2000)))
    deck.plays(0.0, 2.0, 10.0)
    assert deck.waits(3.9) == []
    assert deck.estimator.state(host(3.9)) is State.FREEWHEELING
    assert deck.position(3.9) == pytest.approx(13.9, abs=0.002)
    assert kinds(deck.waits(4.0)) == ["Lost"]
    assert deck.estimator.state(host(4.0)) is State.LOST


def test_lost_and_continue_goes_on_as_before() -> None:
    deck = lost(WhenLost.CONTINUE, shows=True)
    assert verdict_of_loss(deck).transport == deck.line
    assert deck.position(10.0) == pytest.approx(11.2, abs=0.01)
    assert [beat for _, beat in deck.beats] == [1.5 + index / 2 for index in range(20)]


def test_lost_and_hold_is_a_pause() -> None:
    deck = lost(WhenLost.HOLD, shows=True)
    transport = verdict_of_loss(deck).transport
    assert transport is not None
    assert not transport.moving
    assert deck.position(10.0) == pytest.approx(5.15, abs=0.01)
    assert [beat for _, beat in deck.beats][-1] == 5.0


def test_lost_and_stop_has_no_line_any_more() -> None:
    deck = lost(WhenLost.STOP, shows=True)
    assert verdict_of_loss(deck).transport is None
    assert deck.line is None
    assert [beat for _, beat in deck.beats][-1] == 5.0


@pytest.mark.parametrize("when_lost", WhenLost)
def test_a_feed_that_is_back_is_locked_to_again(when_lost: WhenLost) -> None:
    """F2"""
    deck = lost(when_lost)
    deck.plays(10.0, 12.0, 11.2)
    assert deck.estimator.state(host(12.0)) is State.LOCKED
    assert deck.position(12.0) == pytest.approx(13.2, abs=0.003)


@pytest.mark.parametrize("when_lost", WhenLost)
@pytest.mark.parametrize("away", [-0.08, 0.0, 0.08])
def test_on_return_nothing_is_doubled(when_lost: WhenLost, away: float) -> None:
    """F2: playback has drifted a little meanwhile, one way or the other."""
    deck = lost(when_lost, shows=True)
    deck.plays(10.0, 13.0, 11.2 + away)
    sent = [beat for _, beat in deck.beats]
    assert sent == sorted(set(sent))
    assert {11.5 + index / 2 for index in range(5)} <= set(sent)


def test_after_freewheeling_on_a_small_difference_is_a_correction() -> None:
    deck = lost(WhenLost.CONTINUE)
    assert kinds(deck.plays(10.0, 12.0, 11.26)) == []
    assert deck.position(12.0) == pytest.approx(13.26, abs=0.003)


def test_after_freewheeling_on_a_large_difference_is_a_jump() -> None:
    deck = lost(WhenLost.CONTINUE)
    assert kinds(deck.plays(10.0, 12.0, 41.2)) == ["Jumped"]
    assert deck.position(12.0) == pytest.approx(43.2, abs=0.003)


def test_a_single_stray_reading_does_not_end_a_loss() -> None:
    deck = lost(WhenLost.CONTINUE)
    assert deck.says(10.0, 77.0) == []
    assert deck.estimator.state(host(10.0)) is State.LOST


def test_pre_roll_is_asked_for_again_where_playback_was_held_meanwhile() -> None:
    deck = Deck(BARE, Following(freewheel=ms(2000), when_lost=WhenLost.HOLD, pre_roll=5))
    deck.plays(0.0, 2.0, 10.0)
    deck.waits(10.0)
    assert deck.plays(10.0, 10.2, 18.0) == []
    assert kinds(deck.says(10.2, 18.2)) == ["Jumped"]


def test_word_of_a_pause_is_heard_in_a_loss_too() -> None:
    deck = Deck(STATED, Following(freewheel=ms(2000)))
    deck.says(0.0, 10.0, playing=True)
    deck.plays(0.05, 1.0, 10.05)
    deck.waits(10.0)
    assert kinds(deck.says(10.0, 15.0, playing=False)) == ["Paused"]
    assert deck.position(20.0) == pytest.approx(15.0)


def test_a_feed_that_comes_back_paused_without_a_word_is_seen_to_be() -> None:
    deck = lost(WhenLost.CONTINUE)
    for index in range(8):
        deck.says(10.0 + index * 0.05, 5.0)
    assert kinds(deck.verdicts)[-1] == "Paused"
    assert deck.position(20.0) == pytest.approx(5.0)


def test_ten_silent_seconds_change_the_rate_by_nothing() -> None:
    deck = Deck(DECK, Following(freewheel=ms(20_000)))
    deck.plays(0.0, 10.0, 10.0, every=0.03, rate=1.04)
    deck.waits(20.0)
    assert deck.position(20.0) == pytest.approx(10.0 + 20.0 * 1.04, abs=0.01)


def test_a_lost_feed_is_lost_once() -> None:
    deck = lost(WhenLost.CONTINUE, then=1000.0)
    assert kinds(deck.verdicts) == ["Jumped", "Lost"]
    assert deck.estimator.next_deadline() is None


def test_found_again_says_so() -> None:
    deck = lost(WhenLost.STOP)
    (verdict,) = [verdict for verdict in deck.plays(10.0, 11.0, 30.0) if isinstance(verdict, Jumped)]
    assert verdict.why == "found again"
    assert verdict.went_from is None
