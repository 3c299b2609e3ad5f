"""MIDI time code: eight pieces make a time, and the time is that of the first of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.config.feeds.midi import VirtualPort
from beatsync.config.feeds.mtc import FollowMtc
from beatsync.core.observation import Observation, RateKnowledge
from beatsync.core.timecode import (
    DROP_FRAME,
    EBU,
    FILM,
    RATES_BY_CODE,
    SMPTE,
    FrameRate,
    Timecode,
    frame_number,
    parse_timecode,
    timecode_of,
)
from beatsync.core.timecode_map import one_track
from beatsync.core.transport import NORMAL_RATE
from beatsync.core.units import NS_PER_SECOND, HostNs, TrackNs, ms
from beatsync.feeds.midi.quarter_frames import NO_SUCH_TIME, OUT_OF_ORDER, Code, QuarterFrames
from beatsync.feeds.midi.time_code import NOT_TIME_CODE, TimeCodeReader
from beatsync.feeds.readings import Ignored, Reading
from tests.feeds.midi.messages import TICK, full_time, quarter_frame, tape

ONE_O_CLOCK = parse_timecode("01:00:00:00")
SETTINGS = FollowMtc(port=VirtualPort("beatsync"), tracks=one_track(ONE_O_CLOCK))
REASONS = {OUT_OF_ORDER, NO_SUCH_TIME, NOT_TIME_CODE}
RATES = st.sampled_from(RATES_BY_CODE)
STARTS = st.builds(lambda frame, rate: (timecode_of(frame * 2, rate), rate), st.integers(0, 10**6), RATES)


def read(messages: list[tuple[bytes, int]], settings: FollowMtc = SETTINGS) -> list[Reading]:
    reader = TimeCodeReader(settings)
    return [reading for message, at in messages for reading in reader.read(message, HostNs(at))]


def positions(readings: list[Reading]) -> list[int | None]:
    return [reading.position for reading in readings if isinstance(reading, Observation)]


def test_the_example_of_the_specification() -> None:
    """MMA RP-004: 01:37:52:16 at 30 frames is F1 00, 11, 24, 33, 45, 52, 61, 76."""
    quarter_frames = QuarterFrames()
    codes = [
        quarter_frames.add(data, HostNs(10 * at))
        for at, data in enumerate([0x00, 0x11, 0x24, 0x33, 0x45, 0x52, 0x61, 0x76])
    ]
    assert codes == [None] * 7 + [Code(Timecode(1, 37, 52, 16), SMPTE, HostNs(0))]


@given(STARTS, st.integers(1, 20), st.sampled_from([0.5, 0.96, 1.0, 1.04]))
def test_every_time_of_a_tape_is_that_of_its_piece_0(
    start: tuple[Timecode, FrameRate], codes: int, speed: float
) -> None:
    timecode, rate = start
    quarter_frames = QuarterFrames()
    messages = list(tape(timecode, rate, codes=codes, at=1000, speed=speed))
    said = [code for message, at in messages if (code := quarter_frames.add(message[1], HostNs(at)))]
    first = frame_number(timecode, rate)
    assert said == [
        Code(timecode_of(first + 2 * index, rate), rate, HostNs(messages[8 * index][1])) for index in range(codes)
    ]


@given(STARTS, st.integers(1, 10))
def test_in_reverse_too(start: tuple[Timecode, FrameRate], codes: int) -> None:
    timecode, rate = start
    quarter_frames = QuarterFrames()
    messages = list(tape(timecode, rate, codes=codes, at=NS_PER_SECOND, speed=-1))
    said = [code for message, at in messages if (code := quarter_frames.add(message[1], HostNs(at)))]
    first = frame_number(timecode, rate)
    assert said == [
        Code(timecode_of(first - 2 * index, rate), rate, HostNs(messages[8 * index + 7][1]), reverse=True)
        for index in range(codes)
    ]


@given(STARTS, st.lists(st.integers(0, 79), min_size=1, max_size=5, unique=True))
def test_lost_pieces_cost_their_time_and_falsify_none(start: tuple[Timecode, FrameRate], lost: list[int]) -> None:
    """F1"""
    timecode, rate = start
    quarter_frames = QuarterFrames()
    messages = list(tape(timecode, rate, codes=10))
    truth = {
        Code(timecode_of(frame_number(timecode, rate) + 2 * code, rate), rate, HostNs(messages[8 * code][1]))
        for code in range(10)
    }
    said = [quarter_frames.add(m[1], HostNs(at)) for index, (m, at) in enumerate(messages) if index not in lost]
    codes = {code for code in said if isinstance(code, Code)}
    assert codes <= truth
    assert len(codes) == 10 - len({index // 8 for index in lost})


def test_joining_in_the_middle_of_a_time_waits_for_the_next_one() -> None:
    readings = read(list(tape(ONE_O_CLOCK, EBU, codes=3))[3:])
    assert positions(readings) == [ms(80), ms(160)]
    assert OUT_OF_ORDER not in readings


def test_pieces_that_are_swapped_make_no_time() -> None:
    """F3"""
    messages = list(tape(ONE_O_CLOCK, EBU, codes=2))
    messages[2], messages[3] = messages[3], messages[2]
    readings = read(messages)
    assert positions(readings) == [ms(80)]
    assert OUT_OF_ORDER in readings


def test_a_sender_that_stops_in_the_middle_of_a_time_and_goes_on_later_is_no_old_time() -> None:
    """Pro Tools stops at any piece; the one that comes next may well be the next number."""
    messages = list(tape(ONE_O_CLOCK, EBU, codes=3))
    later = [(message, at + 60 * NS_PER_SECOND) for message, at in messages[4:]]
    observations = [r for r in read(messages[:4] + later) if isinstance(r, Observation)]
    assert [o.host for o in observations] == [messages[8][1] + 60 * NS_PER_SECOND, messages[16][1] + 60 * NS_PER_SECOND]


def test_a_time_that_runs_is_playing() -> None:
    readings = read(list(tape(ONE_O_CLOCK, EBU, codes=1, at=55)))
    assert readings == [Observation(host=HostNs(55), position=TrackNs(0), playing=True)]


def test_a_full_message_is_a_jump_to_a_place_where_the_sender_stands() -> None:
    """F5"""
    messages = [(full_time(parse_timecode("01:10:00:00"), DROP_FRAME, device=3), 99)]
    ten_minutes = TrackNs(599_999_400_000)
    assert read(messages) == [Observation(host=HostNs(99), position=ten_minutes, playing=False, jump=True)]


def test_what_came_before_a_full_message_belongs_to_no_time_after_it() -> None:
    messages = list(tape(ONE_O_CLOCK, EBU, codes=1))
    located = (full_time(parse_timecode("02:00:00:00"), EBU), messages[3][1])
    observations = [r for r in read([*messages[:4], located, *messages[4:]]) if isinstance(r, Observation)]
    assert [o.playing for o in observations] == [False]


def test_the_direction_is_told_when_it_turns() -> None:
    """F9"""
    forward = list(tape(ONE_O_CLOCK, EBU, codes=2))
    back = list(tape(ONE_O_CLOCK, EBU, codes=2, at=ms(230), speed=-1))
    again = list(tape(ONE_O_CLOCK, EBU, codes=2, at=ms(320)))
    rates = [r.rate for r in read([*forward, *back, *again]) if isinstance(r, Observation)]
    assert rates == [None, None, -NORMAL_RATE, None, NORMAL_RATE, None]


def test_a_time_that_does_not_exist_is_ignored() -> None:
    """F7"""
    impossible = Timecode(1, 0, 0, 29)
    pieces = [(quarter_frame(impossible, FILM, piece), piece) for piece in range(8)]
    assert read(pieces) == [NO_SUCH_TIME]
    assert read([(full_time(impossible, FILM), 0)]) == [NO_SUCH_TIME]


def test_bits_that_are_reserved_are_left_away() -> None:
    pieces = [(quarter_frame(ONE_O_CLOCK, EBU, piece), piece) for piece in range(8)]
    dirty = [(bytes([m[0], m[1] | (0xE if m[1] >> 4 == 1 else 0)]), at) for m, at in pieces]
    assert read(dirty) == read(pieces)


@pytest.mark.parametrize("message", [TICK, b"\x90\x40\x7f", b"\xf1", b"\xf0\x7f\x7f\x01\x02\x00\xf7", b""])
def test_other_messages_are_counted_and_harmless(message: bytes) -> None:
    assert read([(message, 0)]) == [NOT_TIME_CODE]


@given(st.lists(st.binary(max_size=12) | st.integers(0, 255).map(lambda d: bytes([0xF1, d])), max_size=60))
def test_any_messages_are_times_that_exist_or_fixed_reasons(messages: list[bytes]) -> None:
    """F7, K1"""
    for reading in read([(message, index) for index, message in enumerate(messages)]):
        assert reading in REASONS if isinstance(reading, Ignored) else reading.position is not None


def test_thirty_that_is_really_29_97_is_counted_so() -> None:
    settings = FollowMtc(port=VirtualPort("beatsync"), pull_down=True)
    (reading,) = read(list(tape(parse_timecode("00:00:10:00"), SMPTE, codes=1)), settings)
    assert isinstance(reading, Observation)
    assert reading.position == 10_010_000_000


def test_a_timecode_that_may_run_at_any_speed_says_so() -> None:
    settings = FollowMtc(port=VirtualPort("beatsync"), varispeed=True)
    assert TimeCodeReader(SETTINGS).character.rate is RateKnowledge.FIXED
    assert TimeCodeReader(settings).character.rate is RateKnowledge.INFERRED
