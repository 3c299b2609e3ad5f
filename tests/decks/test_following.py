"""A deck that follows a feed, from what the feed says to what goes out. In virtual time; the feed is scripted."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from beatsync.core.observation import Accuracy, Observation, RateKnowledge
from beatsync.core.quality import State
from beatsync.core.transport import NORMAL_RATE, Rate
from beatsync.core.units import NS_PER_SECOND, HostNs, TrackNs, ms
from beatsync.decks.state import Playback
from bench.simulated_feeds import SimulatedFeed, Uniform, heavy_tailed, instant
from tests.decks.following import Scene, beats_between, doubled, following, scene

STATED = frozenset({"playing", "jump", "rate"})
WIRE = SimulatedFeed(
    name="20 Hz, 0-5 ms",
    accuracy=Accuracy.A,
    period=50,
    delay=Uniform(5),
    states=STATED,
    rate=RateKnowledge.REPORTED,
)
SILENT_ABOUT_IT = replace(WIRE, states=frozenset(), rate=RateKnowledge.FIXED)
BARE = SILENT_ABOUT_IT.character
LONG_ENOUGH = 2.0
"""By so many seconds after it began a line is as good as it has to be here."""


def reading(at: float, place: float, **fields: object) -> Observation:
    """One reading; both in seconds."""
    return Observation(host=instant(at), position=TrackNs(round(place * NS_PER_SECOND)), **fields)  # type: ignore[arg-type]


# Losses


@pytest.mark.parametrize("loss", [0.01, 0.1, 0.5])
async def test_lost_readings_lose_no_beat_and_double_none(
    loss: float, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """F1"""
    played = scene(nursery, (0.0, 1.2, 1.0), character=WIRE.character)
    await played.plays(replace(WIRE, loss=loss), 30)
    assert played.beats == beats_between(played.beats[0], 31.2)
    if loss <= 0.1:
        assert max(map(abs, played.lateness(LONG_ENOUGH))) <= 5
    played.check_books()


async def test_a_second_without_a_reading_is_played_through(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    """F1"""
    played = scene(nursery, (0.0, 1.2, 1.0), character=WIRE.character)
    readings = played.readings(WIRE, 20, 1)
    await played.say(each for each in readings if not instant(10) < each.host < instant(11))
    assert played.beats == beats_between(played.beats[0], 21.2)
    assert max(map(abs, played.lateness(LONG_ENOUGH))) <= 5


@pytest.mark.parametrize("policy", ["continue", "hold", "stop"])
async def test_after_the_freewheel_the_policy_holds_and_on_return_nothing_is_doubled(
    policy: str, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """F2"""
    written = following(f"freewheel: 1s, when_lost: {policy}")
    played = scene(nursery, (0.0, 1.2, 1.0), written=written, character=WIRE.character)
    readings = played.readings(WIRE, 20, 1)
    await played.say(each for each in readings if each.host < instant(10))
    await played.until(15)
    assert played.state.quality.state is State.LOST
    meanwhile = [place for at, place in played.sent() if 11.1 < at < 15]
    assert bool(meanwhile) is (policy == "continue")
    assert played.looks == ["Intro 1", "Intro 0", "Drop 1"] + ["Drop 0"] * (policy == "stop")
    assert any(text.startswith("nothing is heard of playback any more") for text in played.booth.said)
    await played.say(each for each in readings if each.host >= instant(15))
    assert doubled(played.beats) == []
    assert played.beats[-5:] == beats_between(18.7, 21.2)
    assert played.looks[-1] == "Drop 1"
    assert max(map(abs, played.lateness(16))) <= 5


# Disorder


async def test_doubled_and_overtaken_readings_change_nothing(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    """F3"""
    played = scene(nursery, (0.0, 1.2, 1.0), character=WIRE.character)
    readings = played.readings(WIRE, 20, 1)
    for n, each in enumerate(readings):
        await played.say([each, each])
        if n % 3 == 0:
            played.say_now(readings[max(0, n - 7)])
    assert played.beats == beats_between(played.beats[0], 21.2)
    assert max(map(abs, played.lateness(LONG_ENOUGH))) <= 5


async def test_two_seconds_of_readings_at_once_do_not_rewind(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    """F4: held up on the way, so that they are stamped when they come."""
    played = scene(nursery, (0.0, 1.2, 1.0), character=WIRE.character)
    for each in played.readings(WIRE, 20, 1):
        held_up = instant(8) <= each.host < instant(10)
        host = HostNs(instant(10) + (each.host - instant(8)) // 10_000) if held_up else each.host
        await played.say([replace(each, host=host)])
    assert played.beats == beats_between(played.beats[0], 21.2)
    assert max(map(abs, played.lateness(LONG_ENOUGH))) <= 5


# Jumps


@pytest.mark.parametrize("is_said", [True, False])
@pytest.mark.parametrize(
    ("to", "looks"),
    [(27.3, ["Drop 0", "Break 1"]), (50.3, ["Drop 0", "Drop 2"]), (2.3, ["Drop 0", "Intro 1"]), (9.1, [])],
    ids=["forward", "far", "back", "a hot cue"],
)
async def test_a_jump_enters_the_new_place_once_and_fires_nothing_in_between(
    to: float, looks: list[str], is_said: bool, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """F5"""
    wire = WIRE if is_said else SILENT_ABOUT_IT
    played = scene(nursery, (0.0, 1.2, 1.0), (10.0, to, 1.0), character=wire.character)
    await played.plays(wire, 13)
    jump = next(n for n, (one, other) in enumerate(pairwise(played.beats), 1) if other - one != 0.5)
    before, after = played.beats[:jump], played.beats[jump:]
    assert before == beats_between(before[0], 11.25 if is_said else 11.5)
    assert after == beats_between(after[0], to + 3)
    assert after[0] <= to + (0.5 if is_said else 0.75)
    assert played.looks == ["Intro 1", "Intro 0", "Drop 1", *looks]
    played.check_books()


async def test_a_look_is_left_and_the_new_one_is_sent_once(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    """F5"""
    played = scene(nursery, (0.0, 1.2, 1.0), (10.0, 25.2, 1.0), (12.0, 3.2, 1.0), character=WIRE.character)
    await played.plays(WIRE, 14)
    assert played.looks == ["Intro 1", "Intro 0", "Drop 1", "Drop 0", "Break 1", "Break 0", "Intro 1"]


async def test_a_loop_of_one_beat_goes_round_a_hundred_times_without_a_double(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """F5"""
    turns = [(10.0 + n / 2, 10.2, 1.0) for n in range(100)]
    played = scene(nursery, (0.0, 1.2, 1.0), *turns, character=WIRE.character)
    await played.plays(WIRE, 62)
    loop = [at for at, place in played.sent() if place == 10.5 and 10 <= at < 60]
    assert len(loop) == 100
    assert all(0.45 < later - earlier < 0.55 for earlier, later in pairwise(loop))


@given(st.lists(st.integers(-14, 14), min_size=20, max_size=20))
@settings(max_examples=20, deadline=None)
def test_positions_that_wobble_never_fire_a_beat_twice(wobble: list[int]) -> None:
    """F6"""

    async def play() -> None:
        async with trio.open_nursery() as nursery:
            played = scene(nursery, (0.0, 1.2, 1.0), character=WIRE.character)
            readings = played.readings(WIRE, 10, 1)
            for n, each in enumerate(readings):
                assert each.position is not None
                off = ms(wobble[n % len(wobble)])
                await played.say([replace(each, position=TrackNs(each.position + off))])
            assert doubled(played.beats) == []
            assert played.beats == sorted(played.beats)
            assert set(beats_between(2.0, 10.9)) <= set(played.beats)
            nursery.cancel_scope.cancel()

    trio.run(play, clock=MockClock(autojump_threshold=0))


async def test_nonsense_is_refused_and_the_show_goes_on(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    """F7"""
    played = scene(nursery, (0.0, 1.2, 1.0), character=WIRE.character)
    for n, each in enumerate(played.readings(WIRE, 20, 1)):
        await played.say([each])
        if n % 5 == 0:
            played.say_now(replace(each, position=TrackNs((10**18, -(10**15), 10**12)[n % 3])))
    assert played.beats == beats_between(played.beats[0], 21.2)
    assert played.state.quality.refused > 10


async def test_milliseconds_that_were_taken_for_seconds_play_nothing_and_are_named(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """F7"""
    played = scene(nursery, (0.0, 1.2, 1.0), character=BARE)
    for n in range(100):
        await played.say([reading(n / 20, 1_200 + n * 50)])
    assert played.beats == []
    broke = played.state.quality.last_break
    assert broke is not None
    assert "is the unit right?" in broke.why


# Pauses and rates


async def test_play_and_pause_that_flap_fire_each_beat_once_at_most(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """F8"""
    flaps = [(5.0 + n / 10, None, float(n % 2)) for n in range(60)]
    played = scene(nursery, (0.0, 1.2, 1.0), *flaps, (11.0, None, 1.0), character=WIRE.character)
    await played.plays(WIRE, 15)
    assert doubled(played.beats) == []
    assert played.beats == sorted(played.beats)
    assert played.beats[-3:] == beats_between(11.9, played.truth.at(instant(15)) / NS_PER_SECOND)[-3:]


@pytest.mark.parametrize("rate", [0.5, 2.0])
async def test_beats_come_at_the_rate_of_playback(
    rate: float, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """F9"""
    played = scene(nursery, (0.0, 1.2, 1.0), (5.0, None, rate), character=WIRE.character)
    await played.plays(WIRE, 15)
    assert played.beats == beats_between(played.beats[0], 6.2 + 10 * rate)
    assert max(map(abs, played.lateness(7))) <= 5


@pytest.mark.parametrize("rate", [0.0, -1.0])
async def test_nothing_fires_at_a_standstill_or_backwards(
    rate: float, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """F9"""
    played = scene(nursery, (0.0, 12.2, 1.0), character=WIRE.character)
    await played.say(played.readings(WIRE, 5, 1))
    count = len(played.beats)
    for n in range(60):
        place = 17.2 + n / 20 * rate
        await played.say([reading(5 + n / 20, place, rate=Rate(round(rate * NORMAL_RATE)))])
    assert len(played.beats) == count
    assert played.state.playback is Playback.PAUSED


async def test_a_scratch_fires_nothing_and_playback_goes_on_from_where_it_ends(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """F9: positions to and fro, nothing said of it."""
    played = scene(nursery, (0.0, 12.2, 1.0), character=BARE)
    await played.say(played.readings(SILENT_ABOUT_IT, 5, 1))
    for n in range(40):
        await played.say([reading(5 + n / 20, 17.2 + (0.6 if n % 4 < 2 else -0.6) * (1 + n % 2))])
    scratched = [place for at, place in played.sent() if 5.3 < at < 7]
    assert scratched == []
    for n in range(60):
        await played.say([reading(7 + n / 20, 16.3 + n / 20)])
    assert played.beats[-3:] == beats_between(17.8, 19.3)


async def test_a_player_whose_clock_is_200_ppm_off_is_followed_all_the_same(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """F10"""
    played = scene(nursery, (0.0, 1.2, 1.0), character=WIRE.character)
    played.truth.crystal = 1.0002
    await played.plays(WIRE, 60)
    assert played.beats == beats_between(played.beats[0], 61.2)
    assert max(map(abs, played.lateness(LONG_ENOUGH))) <= 3


async def test_a_thousand_readings_a_second_fire_each_beat_once(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """F12"""
    played = scene(nursery, (0.0, 1.2, 1.0), character=WIRE.character)
    await played.plays(replace(WIRE, period=1), 5)
    assert played.beats == beats_between(played.beats[0], 6.2)
    assert max(map(abs, played.lateness(LONG_ENOUGH))) <= 5


async def test_a_position_that_freezes_while_it_says_that_it_plays_is_a_pause(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """F13"""
    played = scene(nursery, (0.0, 1.2, 1.0), (10.0, None, 0.0), (15.0, None, 1.0), character=WIRE.character)
    for each in played.readings(replace(WIRE, states=frozenset()), 20, 1):
        await played.say([replace(each, playing=True)])
    frozen = [place for at, place in played.sent() if 10.5 < at < 15]
    assert frozen == []
    assert doubled(played.beats) == []
    assert played.beats == beats_between(played.beats[0], 16.2)
    assert any(text.startswith("pause at 0:11.") for text in played.booth.said)


@pytest.mark.parametrize("said", [True, False])
async def test_at_another_pitch_beats_follow_the_position_and_not_the_clock_on_the_wall(
    said: bool, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """F15"""
    wire = WIRE if said else replace(SILENT_ABOUT_IT, rate=RateKnowledge.INFERRED)
    played = scene(nursery, (0.0, 1.2, 1.0), (10.0, None, 1.08), character=wire.character)
    await played.plays(wire, 30)
    assert played.beats == beats_between(played.beats[0], 11.2 + 20 * 1.08)
    assert max(map(abs, played.lateness(13))) <= 5


@pytest.mark.parametrize("late", [0.02, 0.05, 0.1, 0.15])
async def test_word_of_a_pause_that_comes_late_fires_nothing_twice(
    late: float, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """What was fired before it came is not fired again when playback goes on. F6"""
    played = scene(nursery, (0.0, 1.2, 1.0), character=WIRE.character)
    readings = played.readings(WIRE, 9.75, 1)
    await played.say(readings)
    await played.say([reading(9.75 + late, 10.93, playing=False)])
    await played.say(reading(10 + n / 20, 10.93, playing=False) for n in range(1, 60))
    await played.say(reading(13.2 + n / 20, 10.93 + n / 20, playing=True) for n in range(60))
    assert doubled(played.beats) == []
    assert played.beats == beats_between(played.beats[0], 13.88)


async def test_a_seek_back_in_a_pause_is_no_late_word(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    played = scene(nursery, (0.0, 1.2, 1.0), character=WIRE.character)
    await played.say(played.readings(WIRE, 9.75, 1))
    await played.say([reading(9.75, 10.95, playing=False), reading(10, 10.95, playing=False)])
    await played.say([reading(11, 9.4, jump=True), reading(11.1, 9.4)])
    await played.say(reading(12 + n / 20, 9.4 + n / 20, playing=True) for n in range(20))
    assert played.beats[-4:] == [10.5, 9.5, 10.0, 10.5][-4:] or played.beats[-2:] == [9.5, 10.0]
    assert doubled(played.beats) == [9.5, 10.0]


# Scrubbing


async def test_nothing_fires_while_somebody_scrubs_and_then_the_new_place_is_entered_once(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    hops = [(10.0 + n / 10, 30.2 + n, 1.0) for n in range(20)]
    played = scene(nursery, (0.0, 1.2, 1.0), *hops, character=WIRE.character)
    await played.plays(WIRE, 14)
    scrubbed = [place for at, place in played.sent() if 10.15 < at < 12.1]
    assert scrubbed == []
    assert played.beats[-2:] == beats_between(50.2, 51.3)[-2:]
    assert played.looks[-1] == "Drop 2"


# Several feeds


def two_feeds(hand_back: str = "3s") -> str:
    """Two feeds of one player, the preferred one first."""
    return following("freewheel: 5s", "freewheel: 5s").replace("feed: [", f"hand_back: {hand_back}, feed: [")


async def both(played: Scene, *, first: tuple[float, float], seconds: float, apart: float) -> None:
    """Both feeds of one player; the first one breaks down for a while, the second one is `apart` seconds off."""
    readings = played.readings(WIRE, seconds, 1)
    others = played.readings(replace(WIRE, delay=heavy_tailed), seconds, 2)
    words = [(each.host, 0, each) for each in readings if not first[0] <= each.host / 1e9 - instant(0) / 1e9 < first[1]]
    words += [
        (each.host, 1, replace(each, position=TrackNs(each.position + ms(apart * 1e3))))
        for each in others
        if each.position is not None
    ]
    broken = False
    for host, feed, each in sorted(words, key=lambda word: word[:2]):
        await trio.sleep(max(host - played.now, 0) / NS_PER_SECOND)
        if not broken and host >= instant(first[0]):
            broken = True
            played.booth.feeds[0].break_down("the player is gone")
        if broken and host >= instant(first[1]):
            played.booth.feeds[0].mend()
        played.say_now(each, feed=feed)


@pytest.mark.parametrize("apart", [0.0, 0.02, -0.02])
async def test_when_the_first_feed_is_gone_the_second_leads_without_a_double_or_a_gap_and_hands_back(
    apart: float, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    played = scene(nursery, (0.0, 1.2, 1.0), written=two_feeds(), character=WIRE.character)
    leaders: list[tuple[float, str]] = []

    async def watch() -> None:
        while True:
            state = played.state
            leading = next((feed.health.name for feed in state.feeds if feed.leads), "")
            if not leaders or leaders[-1][1] != leading:
                leaders.append(((played.now - instant(0)) / NS_PER_SECOND, leading))
            await trio.sleep(0.05)

    nursery.start_soon(watch)
    await both(played, first=(10.0, 20.0), seconds=30, apart=apart)
    settled = [(at, name) for at, name in leaders if at > 3]  # at the start whichever is first
    assert [name for _, name in settled] == ["feed 0", "feed 1", "feed 0"]
    assert 10.5 < settled[1][0] < 12
    assert 22.5 < settled[2][0] < 27
    assert played.beats == beats_between(played.beats[0], 31.2)
    assert max(map(abs, played.lateness(LONG_ENOUGH))) <= abs(apart) * 1e3 + 6
    assert sum(text.startswith("feed 0: the player of feed 0 answers") for text in played.booth.said) == 2
    played.check_books()


# Everything at once

DEEDS = st.lists(
    st.tuples(st.sampled_from(["seek", "pause", "rate", "silence"]), st.floats(1.0, 55.0), st.floats(0.6, 2.5)),
    min_size=1,
    max_size=10,
)


@given(deeds=DEEDS, seed=st.integers(0, 2**16), late=st.sampled_from([0.6, 5.0, 20.0]))
@settings(max_examples=30, deadline=None)
def test_whatever_a_player_does_no_beat_is_sent_twice_in_one_run_through_the_track(
    deeds: list[tuple[str, float, float]], seed: int, late: float
) -> None:
    async def play() -> None:
        async with trio.open_nursery() as nursery:
            now, jumps = 3.0, [0.0]
            pieces: list[tuple[float, float | None, float]] = [(0.0, 1.2, 1.0)]
            silences: list[tuple[float, float]] = []
            for deed, place, wait in deeds:
                if deed == "seek":
                    pieces.append((now, place, 1.0))
                    jumps.append(now)
                elif deed == "pause":
                    pieces += [(now, None, 0.0), (now + 0.5, None, 1.0)]
                    now += 0.5
                elif deed == "rate":
                    pieces.append((now, None, 0.9 + place / 275))
                else:
                    silences.append((now, now + 0.5))
                now += wait
            wire = replace(WIRE, delay=Uniform(late))
            played = scene(nursery, pieces[0], *pieces[1:], character=wire.character)
            for each in played.readings(wire, now, seed):
                is_heard = each.playing is not None or not any(
                    instant(start) <= each.host < instant(end) for start, end in silences
                )
                await played.say([each] if is_heard else [])
            await played.until(now)
            runs = [
                [place for at, place in played.sent() if start + late / 1e3 + 0.002 < at <= end]
                for start, end in zip(jumps, [*jumps[1:], now], strict=True)
            ]
            assert [doubled(run) for run in runs] == [[]] * len(runs)
            assert all(run == sorted(run) for run in runs)
            played.check_books()
            nursery.cancel_scope.cancel()

    trio.run(play, clock=MockClock(autojump_threshold=0))
