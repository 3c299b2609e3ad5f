"""The estimator while playback goes on: what it believes, what it does not, and how it corrects itself."""

from __future__ import annotations

from dataclasses import replace
from random import Random  # noqa: TID251  seeded

import pytest

from beatsync.core.estimator import Estimator
from beatsync.core.observation import Following, Observation, TrackHint
from beatsync.core.playback import HELD, Adjusted, Jumped, TrackChanged
from beatsync.core.quality import State
from beatsync.core.slewing import FASTEST
from beatsync.core.transport import NORMAL_RATE
from beatsync.core.units import NS_PER_MS, HostNs, TrackNs, ms
from bench.simulated_feeds import HEAVY_TAIL, INFERRED, TEN_A_SECOND, SimulatedFeed, playing
from bench.simulation import Simulation, run
from tests.core.following import BARE, DECK, STATED, Deck, host, kinds

# The beginning


def test_nothing_is_followed_before_playback_is_seen_to_move() -> None:
    deck = Deck()
    assert deck.says(0.0, 10.0) == []
    assert deck.line is None
    assert kinds(deck.says(0.05, 10.05)) == ["Jumped"]
    assert deck.position(0.05) == pytest.approx(10.05, abs=0.003)


def test_a_source_that_says_that_it_plays_is_believed_at_once() -> None:
    deck = Deck(STATED)
    assert kinds(deck.says(0.0, 10.0, playing=True)) == ["Jumped"]
    assert deck.position(1.0) == pytest.approx(11.0, abs=0.003)


def test_the_first_verdict_says_that_playback_was_nowhere_before() -> None:
    verdict = Deck(STATED).says(0.0, 10.0, playing=True)[0]
    assert isinstance(verdict, Jumped)
    assert verdict.went_from is None


def test_pre_roll_is_counted_in_readings_that_agree() -> None:
    deck = Deck(STATED, Following(pre_roll=4))
    assert deck.plays(0.0, 0.15, 10.0) == []
    assert kinds(deck.says(0.15, 10.15, playing=True)) == ["Jumped"]


def test_a_reading_that_does_not_agree_begins_the_pre_roll_again() -> None:
    deck = Deck(BARE, Following(pre_roll=4))
    deck.plays(0.0, 0.15, 10.0)
    assert deck.plays(0.15, 0.30, 70.0) == []
    assert kinds(deck.says(0.30, 70.15)) == ["Jumped"]


def test_a_position_that_stands_still_is_held_and_nothing_plays() -> None:
    deck = Deck()
    for index in range(8):
        deck.says(index * 0.05, 10.0)
    assert deck.line is not None
    assert not deck.line.moving
    assert deck.estimator.state(host(0.4)) is State.PAUSED


# Outliers


def test_one_outlier_is_never_acted_on() -> None:
    for outlier in (0.0, 9.0, 14.9, 15.3, 40.0, 4000.0):
        deck = Deck()
        deck.plays(0.0, 5.0, 10.0)
        before = deck.position(6.0)
        assert deck.says(5.0, outlier) == []
        assert deck.plays(5.05, 6.0, 15.05) == []
        assert deck.position(6.0) == pytest.approx(before, abs=0.001)


def test_an_outlier_every_second_is_not_acted_on_either() -> None:
    deck = Deck()
    deck.plays(0.0, 2.0, 10.0)
    for second in range(2, 12):
        assert deck.says(float(second), 200.0) == []
        assert kinds(deck.plays(second + 0.05, second + 1.0, second + 10.05)) == []


def test_a_stall_that_comes_in_one_burst_is_no_seek() -> None:
    """F4: two seconds of positions that were held up and arrive together are old, all but the last."""
    deck = Deck()
    deck.plays(0.0, 5.0, 10.0)
    for index in range(40):
        assert kinds(deck.says(7.0 + index * 1e-6, 15.0 + index * 0.05)) == []
    assert kinds(deck.plays(7.05, 9.0, 17.05)) == []
    assert deck.position(9.0) == pytest.approx(19.0, abs=0.002)


def test_readings_that_come_twice_or_out_of_order_are_not_taken_twice() -> None:
    """F3"""
    deck = Deck()
    deck.plays(0.0, 5.0, 10.0)
    for index in range(20):
        seconds = 5.0 + index * 0.05
        assert deck.says(seconds, seconds + 10.0) == []
        assert deck.says(seconds, seconds + 10.0) == []
        assert deck.says(seconds - 0.12, seconds + 9.88) == []
    assert deck.estimator.quality(host(6.0)).refused == 20


@pytest.mark.parametrize("position", [-1e6, 90_000.0, 1e9])
def test_positions_that_no_track_has_are_counted_and_not_taken(position: float) -> None:
    """F7"""
    deck = Deck()
    deck.plays(0.0, 2.0, 10.0)
    for index in range(10):
        assert deck.says(2.0 + index * 0.05, position) == []
    assert deck.position(2.5) == pytest.approx(12.5, abs=0.001)
    assert deck.estimator.quality(host(2.5)).refused == 10


def test_a_position_beyond_the_end_of_the_track_is_not_taken() -> None:
    """F7"""
    deck = Deck()
    deck.says(0.0, 10.0, track=TrackHint(id="1", duration=ms(60_000)))
    deck.plays(0.05, 1.0, 10.05)
    for index in range(10):
        assert deck.says(1.0 + index * 0.05, 100.0 + index * 0.05) == []


def test_milliseconds_mistaken_for_seconds_are_never_followed_and_said() -> None:
    """F7"""
    deck = Deck()
    deck.plays(0.0, 3.0, 1000.0, rate=1000.0)
    assert deck.line is None
    broke = deck.estimator.quality(host(3.0)).last_break
    assert broke is not None
    assert "unit" in broke.why


def test_a_stamp_of_the_future_is_not_taken_and_silences_nobody() -> None:
    """F10"""
    deck = Deck()
    deck.plays(0.0, 2.0, 10.0)
    assert deck.estimator.observe(Observation(host=host(600.0), position=TrackNs(0)), host(2.0)) is HELD
    assert deck.says(2.0, 12.0) == []
    assert deck.estimator.age(host(2.0)) == 0


# Corrections


def test_a_slow_drift_is_slewed_and_by_no_more_than_two_percent() -> None:
    """F10: a sender's clock may be off by hundreds of millionths."""
    deck = Deck(replace(BARE, rate=DECK.rate))
    deck.plays(0.0, 30.0, 10.0, rate=1.0005)
    for verdict in deck.verdicts[2:]:
        assert isinstance(verdict, Adjusted)
        assert abs(verdict.transport.rate / NORMAL_RATE - 1.0005) <= FASTEST + 0.001
    assert deck.position(30.0) == pytest.approx(10.0 + 30.0 * 1.0005, abs=0.002)


def test_a_slip_of_less_than_the_hysteresis_is_corrected_and_is_no_jump() -> None:
    """F6"""
    for slip in (-0.025, -0.012, 0.012, 0.025):
        deck = Deck()
        deck.plays(0.0, 5.0, 10.0)
        assert kinds(deck.plays(5.0, 15.0, 15.0 + slip)) == []
        assert deck.position(15.0) == pytest.approx(25.0 + slip, abs=0.002)


def test_a_backward_wobble_is_never_a_jump() -> None:
    """F6"""
    random = Random(6)
    deck = Deck()
    for index in range(400):
        wobble = random.uniform(-0.025, 0.0)
        deck.says(index * 0.05, 10.0 + index * 0.05 + wobble)
    assert kinds(deck.verdicts) == ["Jumped"]
    assert deck.position(20.0) == pytest.approx(30.0, abs=0.003)


def test_a_large_correction_is_a_step_and_says_how_large() -> None:
    deck = Deck(STATED)
    deck.says(0.0, 10.0, playing=True)
    deck.says(0.05, 10.12)
    steps = [verdict.step for verdict in deck.verdicts if isinstance(verdict, Adjusted) and verdict.step]
    assert sum(steps) == pytest.approx(ms(70) + ms(30), abs=ms(5))


def test_late_first_readings_are_corrected_by_steps_not_by_a_second_jump() -> None:
    deck = Deck()
    for index, late in enumerate((0.14, 0.13, 0.12, 0.001, 0.001, 0.001, 0.001, 0.001)):
        deck.says(index * 0.05, 10.0 + index * 0.05 - late)
    assert kinds(deck.verdicts) == ["Jumped"]
    assert deck.position(0.4) == pytest.approx(10.4, abs=0.006)


# Offset


def test_the_offset_is_added_to_every_position() -> None:
    deck = Deck(STATED, Following(offset=ms(-200)))
    deck.says(0.0, 10.0, playing=True)
    deck.plays(0.05, 2.0, 10.05)
    assert deck.position(2.0) == pytest.approx(11.8, abs=0.001)


def test_a_reply_that_took_long_is_taken_to_have_been_made_early() -> None:
    def answered(slack: float) -> float:
        deck = Deck(STATED)
        for index in range(100):
            position = TrackNs(10**10 + index * ms(50))
            deck.hears(Observation(host=host(index * 0.05), position=position, slack=ms(1), playing=True))
        late = Observation(host=host(5.0), position=TrackNs(10**10 + ms(5000) + ms(slack)), slack=ms(1 + slack))
        deck.hears(late)
        deck.waits(6.0)
        return deck.position(6.0)

    assert answered(20.0) == pytest.approx(answered(0.0), abs=0.0001)


# The rate


def test_a_stated_rate_is_believed_at_once() -> None:
    """F9, F15"""
    for rate in (0.5, 1.08, 2.0):
        deck = Deck(STATED)
        deck.says(0.0, 10.0, playing=True)
        deck.plays(0.05, 5.0, 10.05)
        assert kinds(deck.says(5.0, 15.0, rate=rate)) == []
        deck.waits(6.0)
        assert deck.position(6.0) == pytest.approx(15.0 + rate, abs=0.004)


def test_a_change_of_pitch_is_found_where_the_rate_is_to_be_inferred() -> None:
    """F15"""
    deck = Deck(DECK)
    deck.plays(0.0, 5.0, 10.0, every=0.03)
    deck.plays(4.98, 8.0, 14.98, every=0.03, rate=1.08)
    assert kinds(deck.verdicts) == ["Jumped"]
    assert deck.position(8.5) == pytest.approx(14.98 + 3.52 * 1.08, abs=0.01)


def test_a_rate_that_is_known_is_not_inferred_from_readings() -> None:
    deck = Deck(BARE)
    deck.plays(0.0, 5.0, 10.0)
    deck.plays(5.0, 8.0, 15.0, rate=1.01)
    assert deck.line is not None
    assert deck.line.rate / NORMAL_RATE == pytest.approx(1.0, abs=FASTEST + 0.001)


def test_nothing_plays_in_reverse() -> None:
    """F9: the position is held on to, and nothing falls due until playback goes forward again."""
    deck = Deck(STATED)
    deck.says(0.0, 20.0, playing=True)
    deck.plays(0.05, 2.0, 20.05)
    assert kinds(deck.says(2.0, 22.0, rate=-1.0)) == ["Paused"]
    deck.plays(2.05, 4.0, 21.95, rate=-1.0)
    assert deck.line is not None
    assert not deck.line.moving
    assert deck.position(4.0) == pytest.approx(20.0, abs=0.06)
    assert kinds(deck.says(4.0, 20.0, rate=1.0)) == ["Resumed"]
    assert deck.position(5.0) == pytest.approx(21.0, abs=0.01)


def test_a_record_that_is_turned_backwards_unannounced_is_held() -> None:
    """F9: a scratch"""
    deck = Deck(DECK)
    deck.plays(0.0, 5.0, 10.0, every=0.03)
    deck.plays(5.0, 6.0, 15.0, every=0.03, rate=-1.5)
    assert deck.line is not None
    assert not deck.line.moving


# Tracks


def test_another_track_is_said_and_playback_is_found_anew() -> None:
    deck = Deck(STATED)
    first = deck.says(0.0, 10.0, playing=True, track=TrackHint(id="1", title="One"))
    assert kinds(first) == ["TrackChanged"]
    deck.plays(0.05, 2.0, 10.05)
    changed = deck.says(2.0, track=TrackHint(id="2", title="Two"))
    assert [type(verdict) for verdict in changed] == [TrackChanged]
    assert deck.line is None
    assert kinds(deck.says(2.05, 0.03)) == ["Jumped"]
    assert deck.position(3.0) == pytest.approx(0.98, abs=0.01)


def test_the_same_track_named_again_or_more_fully_changes_nothing() -> None:
    deck = Deck(STATED)
    deck.says(0.0, 10.0, playing=True, track=TrackHint(id="1"))
    deck.plays(0.05, 2.0, 10.05)
    assert deck.says(2.0, 12.0, track=TrackHint(id="1", title="One")) == []
    assert deck.says(2.05, 12.05, track=TrackHint(title="One", artist="Nobody")) == []
    assert deck.estimator.track == TrackHint(id="1", title="One", artist="Nobody")
    assert kinds(deck.says(2.1, 12.1, track=TrackHint(id="2"))) == ["TrackChanged"]


def test_a_track_that_is_named_late_does_not_stop_what_plays() -> None:
    deck = Deck(STATED)
    deck.says(0.0, 10.0, playing=True)
    deck.plays(0.05, 2.0, 10.05)
    verdict = deck.says(2.0, 12.0, track=TrackHint(id="1"))[0]
    assert isinstance(verdict, TrackChanged)
    assert verdict.transport is not None
    assert verdict.transport.moving


# What people see


def test_quality_says_how_often_and_when_it_was_heard() -> None:
    deck = Deck()
    deck.plays(0.0, 5.0, 10.0)
    quality = deck.estimator.quality(host(5.02))
    assert quality.state is State.LOCKED
    assert quality.rate == pytest.approx(20.0, abs=0.5)
    assert quality.age == ms(70)


@pytest.mark.parametrize("feed", [TEN_A_SECOND, HEAVY_TAIL, replace(HEAVY_TAIL, rate=INFERRED)])
def test_the_error_bound_holds(feed: SimulatedFeed) -> None:
    holds = [held for seed in range(4) for held in _bounds_that_hold(feed, seed)]
    assert sum(holds) >= 0.98 * len(holds)


def _bounds_that_hold(feed: SimulatedFeed, seed: int) -> list[bool]:
    playback = playing()
    simulation = Simulation(Estimator(feed.character, Following()))
    found = []
    for observation in feed.readings(playback, 20.0, Random(seed)):
        simulation.observe(observation)
        bound = simulation.estimator.quality(observation.host).error
        if simulation.deck is not None and bound is not None:
            error = simulation.deck.position_at(observation.host) - playback.at(observation.host)
            found.append(abs(error) <= bound)
    return found


def test_the_error_bound_grows_while_nothing_is_heard() -> None:
    deck = Deck()
    deck.plays(0.0, 5.0, 10.0)
    early, late = (deck.estimator.quality(host(when)).error for when in (5.0, 10.0))
    assert early is not None
    assert late is not None
    assert early < ms(2) < ms(50) > late > early


# Replay


def test_the_same_calls_give_the_same_verdicts_bit_for_bit() -> None:
    feed = replace(HEAVY_TAIL, rate=INFERRED)
    first, second = (run(feed, 3, seconds=20.0).simulation.verdicts for _ in range(2))
    assert first == second


def test_looking_changes_nothing() -> None:
    observations = HEAVY_TAIL.readings(playing(), 10.0, Random(1))
    looked_at, alone = Deck(HEAVY_TAIL.character), Deck(HEAVY_TAIL.character)
    for observation in observations:
        assert looked_at.hears(observation) == alone.hears(observation)
        looked_at.estimator.quality(HostNs(observation.host + NS_PER_MS))
        looked_at.estimator.next_deadline()
