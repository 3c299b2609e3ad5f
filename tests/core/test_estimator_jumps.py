"""The estimator when playback jumps: seeks, loops, scrubbing; with the real engine behind it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from itertools import pairwise
from random import Random  # noqa: TID251  seeded

import pytest

from beatsync.core.observation import Following
from beatsync.core.playback import Jumped
from beatsync.core.quality import State
from beatsync.core.schedule import Schedule
from beatsync.core.units import NS_PER_MS, ms
from bench.simulated_feeds import CDJ, HEAVY_TAIL, TEN_A_SECOND, Playback, SimulatedFeed, instant, playing
from tests.core.following import BARE, DECK, STATED, Deck, host, kinds
from tests.core.shows import TARGET, schedule, song

BEAT = 0.5
FLAGGED = replace(TEN_A_SECOND, name="10 Hz, jumps are said", states=frozenset({"jump"}))


def beats(*more: str) -> Schedule:
    rules = ["  - {on: beat, send: {address: /beat}}", *more]
    return schedule(song("Intro 8", "Drop 8", "Outro 8", bpm=120), "\n".join(rules), TARGET)


# Seeks


def test_a_jump_that_is_said_is_believed_at_once() -> None:
    """F5"""
    deck = Deck(STATED)
    deck.says(0.0, 10.0, playing=True)
    deck.plays(0.05, 2.0, 10.05)
    (verdict,) = [verdict for verdict in deck.says(2.0, 40.0, jump=True) if isinstance(verdict, Jumped)]
    assert verdict.why == "the source says so"
    assert deck.position(2.0) == pytest.approx(40.0, abs=0.005)


def test_a_jump_that_is_said_before_its_position_is_known_waits_for_it() -> None:
    deck = Deck(STATED)
    deck.says(0.0, 10.0, playing=True)
    deck.plays(0.05, 2.0, 10.05)
    assert kinds(deck.says(2.0, jump=True)) == []
    assert kinds(deck.says(2.03, 40.0)) == ["Jumped"]


@pytest.mark.parametrize("confirm", [2, 3, 5])
def test_an_unannounced_jump_is_confirmed_in_readings(confirm: int) -> None:
    """F5"""
    deck = Deck(BARE, Following(confirm=confirm))
    deck.plays(0.0, 5.0, 10.0)
    assert deck.plays(5.0, 5.0 + (confirm - 1) * 0.05, 40.0) == []
    assert kinds(deck.says(5.0 + (confirm - 1) * 0.05, 40.0 + (confirm - 1) * 0.05)) == ["Jumped"]


@pytest.mark.parametrize("size", [-30.0, -0.5, -0.1, 0.1, 0.5, 30.0])
def test_jumps_of_any_size_above_the_hysteresis_are_found(size: float) -> None:
    """F5"""
    deck = Deck()
    deck.plays(0.0, 5.0, 50.0)
    assert kinds(deck.plays(5.0, 7.0, 55.0 + size)) == ["Jumped"]
    assert deck.position(7.0) == pytest.approx(57.0 + size, abs=0.002)


@pytest.mark.parametrize("stall", [0.04, 0.1, 0.2])
def test_where_every_jump_is_said_a_small_one_that_is_not_is_a_stall_and_fires_nothing_again(stall: float) -> None:
    """F6: mpv, whose sound card has run dry on a busy machine."""
    deck = Deck(replace(STATED, states_jumps=True), schedule=beats())
    deck.says(0.0, 1.2, playing=True)
    deck.plays(0.05, 3.82, 1.25)
    deck.plays(3.82, 6.0, 5.02 - stall)
    assert "Jumped" not in kinds(deck.verdicts)[1:]
    sent = [position for _, position in deck.beats]
    assert sent == [1.5 + beat / 2 for beat in range(len(sent))]
    assert deck.position(6.0) == pytest.approx(7.2 - stall, abs=0.002)


def test_nothing_between_is_sent_and_every_beat_from_the_landing_on_is() -> None:
    """F5"""
    for size in (-3.0, 5.0):
        deck = Deck(schedule=beats())
        deck.plays(0.0, 2.0, 7.2)
        before = len(deck.beats)
        deck.plays(2.0, 4.0, 9.2 + size)
        sent = [beat for _, beat in deck.beats[before:]]
        assert sent == [9.5 + size + index * BEAT for index in range(4)]


@pytest.mark.parametrize("late", [0.0, 0.004, 0.02])
def test_a_hot_cue_right_on_a_beat_meets_that_beat(late: float) -> None:
    """F5: whoever says that playback has jumped says it a little later."""
    deck = Deck(STATED, schedule=beats())
    deck.says(0.0, 1.2, playing=True)
    deck.plays(0.05, 2.0, 1.25)
    deck.says(2.0 + late, 20.0 + late, jump=True)
    deck.plays(2.05, 2.4, 20.05)
    when, beat = deck.beats[-1]
    assert beat == 20.0
    assert when == pytest.approx(2.0 + late, abs=0.001)


def test_an_unannounced_hot_cue_right_on_a_beat_meets_that_beat() -> None:
    """F5"""
    deck = Deck(DECK, schedule=beats())
    deck.plays(0.0, 2.0, 1.2, every=0.03)
    deck.plays(2.02, 2.4, 20.005, every=0.03)
    assert deck.beats[-1][1] == 20.0


def test_a_seek_enters_the_section_once_and_sends_no_pulse_for_it() -> None:
    deck = Deck(STATED, schedule=beats("  - {on: section, send: {address: '/section/{label}'}}"))
    deck.says(0.0, 1.2, playing=True)
    deck.plays(0.05, 2.0, 1.25)
    before = len(deck.sent)
    deck.says(2.0, 20.2, jump=True)
    deck.plays(2.05, 2.25, 20.25)
    assert [outcome.cue.address for _, outcome in deck.sent[before:]] == ["/section/Drop"]


def test_wobble_around_a_beat_never_fires_it_twice() -> None:
    """F6: the classic double"""
    random = Random(7)
    for _ in range(20):
        deck = Deck(schedule=beats())
        for index in range(120):
            deck.says(index * 0.05, 1.2 + index * 0.05 - random.uniform(0.0, 0.025))
        sent = [beat for _, beat in deck.beats]
        assert sent == [1.5 + index * BEAT for index in range(len(sent))]


def test_nothing_from_before_the_end_of_the_pre_roll_is_sent() -> None:
    deck = Deck(BARE, Following(pre_roll=4), schedule=beats())
    deck.plays(0.0, 0.5, 9.95)
    assert [beat for _, beat in deck.beats] == []
    deck.plays(0.5, 1.0, 10.45)
    assert [beat for _, beat in deck.beats] == [10.5]


# Loops


def looped(start: float, length: float, turns: int) -> Playback:
    """A player that plays for four seconds before a loop and then goes round in it."""
    playback = playing(at=start - 4.0)
    end = 4.0 + length
    for turn in range(turns):
        playback.go(instant((end + turn * length) / playback.crystal), to=start * 1e9)
    return playback


def followed(feed: SimulatedFeed, playback: Playback, seconds: float, seed: int = 1) -> Deck:
    deck = Deck(feed.character, schedule=beats())
    for observation in feed.readings(playback, seconds, Random(seed)):
        deck.hears(observation)
    return deck


def times_sent(deck: Deck, beat: float) -> list[int]:
    return [round(at * 1e9) for at, outcome in deck.sent if outcome.cue.position == round(beat * 1e9)]


@pytest.mark.parametrize(
    ("feed", "from_turn"), [(CDJ, 1), (HEAVY_TAIL, 1), (FLAGGED, 1), (TEN_A_SECOND, 4)], ids=lambda it: str(it)[:30]
)
@pytest.mark.parametrize("start", [10.0, 10.2])
def test_a_loop_of_a_beat_runs_a_thousand_times_without_drift_doubles_or_gaps(
    feed: SimulatedFeed, from_turn: int, start: float
) -> None:
    """F5, F6. At ten readings a second the first turns are over before anybody can know of them."""
    turns = 1000
    playback = looped(start, BEAT, turns)
    deck = followed(feed, playback, 4.0 + (turns + 1) * BEAT)
    beat = 10.0 if start == 10.0 else 10.5
    sent = times_sent(deck, beat)
    turn_takes = BEAT * 1e9 / playback.crystal
    first = playback.pieces[0].host - host(0.0) + (4.0 + beat - start) * 1e9 / playback.crystal
    errors = []
    for turn in range(from_turn, turns):
        due = first + turn * turn_takes
        near = bisect_left(sent, due + turn_takes / 2) - bisect_left(sent, due - turn_takes / 2)
        assert near == 1, f"turn {turn}: sent {near} times"
        errors.append(abs(sent[bisect_left(sent, due - turn_takes / 2)] - due) / NS_PER_MS)
    errors.sort()
    assert errors[len(errors) // 2] < 4.0
    assert max(errors[10:][-100:]) < 160.0


@pytest.mark.parametrize("feed", [CDJ, HEAVY_TAIL, FLAGGED], ids=lambda feed: feed.name)
def test_the_way_out_of_a_loop_sends_no_beat_twice(feed: SimulatedFeed) -> None:
    """F5. From the third turn on: before, nobody knows of a loop, and its end is played before word comes of a jump."""
    for start in (10.0, 10.2, 10.3):
        playback = looped(start, BEAT, 20)
        deck = followed(feed, playback, 20.0)
        at = [round(at * 1e9) for at, _ in deck.sent]
        apart = sorted(later - before for before, later in pairwise(at[14:]))
        assert apart[0] >= ms(300)
        assert apart[-1] <= ms(700)
        assert deck.beats[-1][1] == pytest.approx(start + 5.5, abs=BEAT)


def test_two_seeks_back_that_are_alike_are_no_loop_where_readings_are_rare() -> None:
    deck = Deck(replace(BARE, interval=ms(1000)))
    for take in range(3):
        deck.plays(take * 20.0, take * 20.0 + 20.0, 30.0, every=1.0)
    assert kinds(deck.waits(62.0)) == []


# Scrubbing


def scrubbed(deck: Deck, places: list[float], every: float) -> None:
    """Somebody drags the position about; then it plays on from the last of these places."""
    for index, place in enumerate(places):
        deck.says(2.0 + index * every, place, jump=True)


def test_scrubbing_sends_nothing_until_it_settles() -> None:
    deck = Deck(STATED, schedule=beats("  - {on: section, send: {address: '/section/{label}'}}"))
    deck.says(0.0, 1.2, playing=True)
    deck.plays(0.05, 2.0, 1.25)
    before = len(deck.sent)
    scrubbed(deck, [20.1, 40.1, 22.1, 17.6, 19.1, 35.1], every=0.2)
    assert [outcome.cue.address for _, outcome in deck.sent[before:]] == ["/section/Drop"]
    deck.plays(3.05, 4.0, 35.15)
    sent = [(outcome.cue.address, round(at, 2)) for at, outcome in deck.sent[before + 1 :]]
    assert sent[0] == ("/section/Outro", 3.3)
    assert [address for address, _ in sent[1:]] == ["/beat", "/beat"]


def test_while_it_is_scrubbed_the_deck_is_held_where_it_is_dragged_to() -> None:
    deck = Deck(STATED)
    deck.says(0.0, 1.2, playing=True)
    scrubbed(deck, [20.1, 40.1, 22.1], every=0.2)
    assert deck.estimator.state(host(2.41)) is State.PAUSED
    assert deck.position(2.5) == pytest.approx(22.1, abs=0.01)
    assert kinds(deck.waits(3.0)) == ["Jumped"]
    assert deck.position(3.0) == pytest.approx(22.7, abs=0.01)


def test_one_seek_is_no_scrubbing_and_two_that_lie_apart_are_none() -> None:
    deck = Deck(STATED)
    deck.says(0.0, 1.2, playing=True)
    scrubbed(deck, [20.1, 40.1, 22.1], every=0.6)
    assert kinds(deck.verdicts) == ["Jumped"] * 4


def test_scrubbing_that_ends_in_a_pause_is_a_pause() -> None:
    deck = Deck(STATED)
    deck.says(0.0, 1.2, playing=True)
    scrubbed(deck, [20.1, 40.1, 22.1], every=0.1)
    deck.says(2.25, 22.1, playing=False)
    assert kinds(deck.waits(10.0)) == []
    assert deck.position(10.0) == pytest.approx(22.1, abs=0.01)


def test_unannounced_scrubbing_sends_nothing_either() -> None:
    deck = Deck(BARE, schedule=beats())
    deck.plays(0.0, 2.0, 1.2)
    before = len(deck.beats)
    for index, place in enumerate([20.1, 40.1, 22.1, 17.6, 19.1, 35.1]):
        deck.plays(2.0 + index * 0.2, 2.2 + index * 0.2, place)
    assert len(deck.beats) == before
    deck.plays(3.2, 5.0, 35.3)
    assert [beat for _, beat in deck.beats[before:]] == [35.5, 36.0, 36.5, 37.0]
