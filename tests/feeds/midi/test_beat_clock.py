"""MIDI clock: ticks are beats, from where start, continue and song position say, along the grid of the track."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.observation import Observation, RateKnowledge
from beatsync.core.units import HostNs, TrackNs, ms
from beatsync.feeds.midi.beat_clock import NO_START, NO_SUCH_BEAT, NOT_CLOCK, BeatClockReader
from beatsync.feeds.readings import Ignored, Reading
from tests.feeds.midi.messages import CONTINUE, START, STOP, TICK, song_position

BEAT, FIRST_BEAT, BEATS = ms(500), ms(250), 400


def grid(beats: float) -> TrackNs | None:
    """A track at 120 beats a minute, whose first beat is a quarter of a second in."""
    return TrackNs(FIRST_BEAT + round(beats * BEAT)) if 0 <= beats < BEATS else None


def read(*messages: bytes, reader: BeatClockReader | None = None) -> list[Reading]:
    """The readings of messages that arrive at 0, 1, 2 ..."""
    reader = reader or BeatClockReader(grid)
    return [reading for at, message in enumerate(messages) for reading in reader.read(message, HostNs(at))]


def said(at: int, beats: float, *, playing: bool = True, jump: bool = False) -> Observation:
    return Observation(host=HostNs(at), position=grid(beats), playing=playing, jump=jump)


def test_the_first_tick_after_start_is_the_first_beat() -> None:
    assert read(START, TICK, TICK, TICK) == [said(1, 0, jump=True), said(2, 1 / 24), said(3, 2 / 24)]


def test_twenty_four_ticks_are_a_beat() -> None:
    assert read(START, *[TICK] * 25)[-1] == said(25, 1)


def test_stop_is_a_pause_and_ticks_go_on_without_meaning() -> None:
    assert read(START, TICK, STOP, TICK, TICK)[1:] == [Observation(host=HostNs(2), playing=False)]


def test_continue_goes_on_where_it_stopped() -> None:
    readings = read(START, *[TICK] * 30, STOP, TICK, CONTINUE, TICK)
    assert readings[-1] == said(34, 30 / 24, jump=True)


def test_start_after_a_stop_is_the_beginning_again() -> None:
    assert read(START, *[TICK] * 30, STOP, START, TICK)[-1] == said(33, 0, jump=True)


def test_the_song_position_is_a_jump_while_it_stands_and_continue_plays_from_there() -> None:
    """F5"""
    readings = read(song_position(64), TICK, CONTINUE, TICK, TICK)
    assert readings == [
        said(0, 16, playing=False, jump=True),
        said(3, 16, jump=True),
        said(4, 16 + 1 / 24),
    ]


def test_a_song_position_while_it_plays_counts_from_the_next_tick() -> None:
    readings = read(START, TICK, song_position(16), TICK, TICK)
    assert readings == [said(1, 0, jump=True), said(3, 4, jump=True), said(4, 4 + 1 / 24)]


def test_a_clock_that_was_joined_late_is_no_position_and_says_what_to_do() -> None:
    assert read(TICK, TICK) == [NO_START] * 2
    assert read(CONTINUE, TICK) == [NO_START]


def test_a_beat_beyond_the_track_is_none() -> None:
    assert read(song_position(4 * BEATS), CONTINUE, TICK) == [NO_SUCH_BEAT] * 2


def test_a_jump_that_had_no_place_yet_is_told_when_it_has_one() -> None:
    loaded: list[bool] = []
    reader = BeatClockReader(lambda beats: grid(beats) if loaded else None)
    assert read(START, TICK, reader=reader) == [NO_SUCH_BEAT]
    loaded.append(True)
    assert read(TICK, reader=reader) == [said(0, 1 / 24, jump=True)]


@given(st.integers(0, 4 * BEATS - 1))
def test_every_sixteenth_of_the_song_is_found(sixteenths: int) -> None:
    (reading,) = read(song_position(sixteenths))
    assert reading == said(0, sixteenths / 4, playing=False, jump=True)


@pytest.mark.parametrize("message", [b"\x90\x40\x7f", b"\xf2\x01", b"\xf1\x00", b"\xfe", b""])
def test_other_messages_are_counted_and_harmless(message: bytes) -> None:
    assert read(message) == [NOT_CLOCK]


@given(st.lists(st.binary(max_size=4) | st.sampled_from([START, CONTINUE, STOP, TICK, song_position(3)]), max_size=60))
def test_any_messages_are_positions_or_fixed_reasons(messages: list[bytes]) -> None:
    """F7, K1"""
    for reading in read(*messages):
        known = {NO_START, NO_SUCH_BEAT, NOT_CLOCK}
        assert reading in known if isinstance(reading, Ignored) else reading.playing is not None


def test_the_tempo_of_the_sender_need_not_be_the_tracks() -> None:
    assert BeatClockReader(grid).character.rate is RateKnowledge.INFERRED
