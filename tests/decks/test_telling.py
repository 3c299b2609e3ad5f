"""What people are told of a deck that follows a player: what they can act on, and no more."""

from __future__ import annotations

from dataclasses import replace

import trio
from trio.testing import MockClock

from beatsync.core.observation import TrackHint
from beatsync.core.transport import NORMAL_RATE, Rate
from beatsync.core.units import NS_PER_SECOND
from bench.simulated_feeds import instant
from tests.decks.following import Scene, scene
from tests.decks.test_following import WIRE, reading

SONG_FILE = TrackHint(file="/music/song.json")


def told(played: Scene) -> list[str]:
    """Without the feeds' own remarks."""
    return [text for text in played.booth.said if "answers" not in text]


async def test_what_the_player_plays_is_told_with_where_it_was_found(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    played = scene(nursery, (0.0, 1.2, 1.0), character=WIRE.character)
    await played.say([reading(0.1, 0.9, playing=True, track=SONG_FILE)])
    (text,) = told(played)
    assert text.startswith("feed 0 plays /music/song.json, at 0:00.8")  # it may have begun a little before


async def test_a_player_that_is_found_in_a_pause_is_told_as_that(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    played = scene(nursery, (0.0, 1.2, 1.0), character=WIRE.character)
    await played.say([reading(0.1, 0.9, playing=False, track=SONG_FILE)])
    assert told(played) == ["feed 0 is paused in /music/song.json, at 0:00.900"]


async def test_a_crystal_is_no_rate_worth_telling_and_a_pitch_is(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    played = scene(nursery, (0.0, 1.2, 1.0004), (10.0, 40.0, 1.0004), character=WIRE.character)
    await played.plays(replace(WIRE, states=WIRE.states - {"rate"}), 11)
    pitched = Rate(NORMAL_RATE * 104 // 100)
    await played.say([reading(11, 50.0, playing=True, jump=True, rate=pitched)])
    seeks = [text for text in told(played) if text.startswith("seek")]
    assert seeks[0].startswith("seek at 0:40.0")
    assert "of its rate" not in seeks[0]
    assert ", at 1.040 of its rate from 0:41.0" in seeks[1]


async def test_what_is_made_up_for_after_a_jump_or_a_pause_is_not_told(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    played = scene(
        nursery, (0.0, 1.2, 1.0), (10.0, 40.0, 1.0), (12.0, None, 0.0), (14.0, None, 1.0), character=WIRE.character
    )
    readings = played.readings(WIRE, 16)
    await played.say(each for each in readings if each.host < instant(14))
    await played.say([reading(14.06, played.truth.at(instant(14.06)) / NS_PER_SECOND, playing=True)])
    await played.say(each for each in readings if each.host > instant(14.06))
    assert [text.split()[0] for text in told(played)] == ["play", "seek", "pause", "play"]


async def test_a_loop_is_told_until_it_is_foreseen(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    turns = [(10.0 + n, 10.2, 1.0) for n in range(20)]
    played = scene(nursery, (0.0, 1.2, 1.0), *turns, character=WIRE.character)
    await played.plays(WIRE, 30)
    assert sum(text.startswith("seek") for text in told(played)) < 6
