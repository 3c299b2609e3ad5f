"""Linear timecode as libltc decodes it: where each frame ends, how fast the tape runs, and what counts for nothing."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.config.feeds.ltc import AudioInput, FollowLtc
from beatsync.core.observation import Following, Observation
from beatsync.core.timecode import (
    DROP_FRAME,
    EBU,
    FILM,
    NON_DROP,
    NTSC_FILM,
    SMPTE,
    FrameRate,
    Timecode,
    frame_number,
    frame_start,
    parse_timecode,
    timecode_of,
)
from beatsync.core.transport import NORMAL_RATE
from beatsync.core.units import HostNs, TrackNs
from beatsync.feeds.ltc.frames import DROP_FLAG, NO_SUCH_TIME, LtcFrame, time_of
from beatsync.feeds.ltc.libltc import LtcDecoder
from beatsync.feeds.ltc.reading import ALONE, LtcReader
from beatsync.feeds.readings import Ignored, Reading
from tests.feeds.ltc.tape import RATE, Tape, recorded, silence, with_drop_outs, with_noise

START = parse_timecode("00:59:50:00")
RATES = pytest.mark.parametrize("rate", [FILM, EBU, DROP_FRAME, SMPTE, NON_DROP, NTSC_FILM], ids=lambda rate: rate.name)
BLOCK = 480
SAMPLES_OFF = 4
"""Where the encoder says that a frame ends, and where the decoder does: at other speeds both have to round."""


def heard(tape: Tape, rate: FrameRate, *, settings: FollowLtc | None = None) -> list[Reading]:
    """The readings of a tape, with the sample at which each one was true for an instant."""
    settings = settings or at(NON_DROP if rate == DROP_FRAME else rate)
    reader = LtcReader(settings, RATE)
    readings: list[Reading] = []
    with LtcDecoder(settings.fps, RATE) as decoder:
        for start in range(0, len(tape.samples), BLOCK):
            for frame in decoder.decode(tape.samples[start : start + BLOCK]):
                readings += reader.read(frame, HostNs(frame.end))
    return readings


def at(fps: FrameRate) -> FollowLtc:
    return FollowLtc(audio=AudioInput(None), fps=fps)


def observed(readings: list[Reading]) -> list[Observation]:
    return [reading for reading in readings if isinstance(reading, Observation)]


def reasons(readings: list[Reading]) -> Counter[str]:
    return Counter(reading.reason for reading in readings if isinstance(reading, Ignored))


def truth(tape: Tape, rate: FrameRate) -> dict[TrackNs, int]:
    """Position to the sample at which a tape that runs forward is there."""
    ends = zip(tape.times, tape.ends, strict=True)
    return {frame_start(frame_number(time, rate) + 1, rate): end for time, end in ends}


def samples_off(observations: list[Observation], tape: Tape, rate: FrameRate) -> list[int]:
    """How far each reading is from the truth; a position that was never on the tape fails."""
    ends = truth(tape, rate)
    return [observation.host - ends[observation.position or TrackNs(0)] for observation in observations]


@RATES
@pytest.mark.parametrize("speed", [0.5, 0.96, 1.0, 1.04, 1.5])
def test_every_frame_is_known_to_the_sample_at_any_speed(rate: FrameRate, speed: float) -> None:
    tape = recorded(START, rate, frames=300, speed=speed)
    observations = observed(heard(tape, rate))
    assert len(observations) >= 296
    assert all(abs(off) <= SAMPLES_OFF for off in samples_off(observations, tape, rate))
    assert not any(observation.jump for observation in observations)


@RATES
@pytest.mark.parametrize("speed", [0.5, 0.96, 1.04, 1.5])
def test_the_speed_is_told_at_once_and_then_not_again(rate: FrameRate, speed: float) -> None:
    told = [o.rate for o in observed(heard(recorded(START, rate, frames=300, speed=speed), rate)) if o.rate is not None]
    assert told[0] / NORMAL_RATE == pytest.approx(speed, rel=0.005)
    assert told[-1] / NORMAL_RATE == pytest.approx(speed, rel=0.000_3)
    assert len(told) < 12


@RATES
def test_a_tape_at_its_recorded_speed_tells_none(rate: FrameRate) -> None:
    tape = with_noise(recorded(START, rate, frames=100), deviation=8, seed=1)
    assert {observation.rate for observation in observed(heard(tape, rate))} == {None}


@RATES
def test_in_reverse_the_rate_is_negative_and_the_position_goes_back(rate: FrameRate) -> None:
    """F9"""
    tape = recorded(START, rate, frames=100, reverse=True, speed=0.96)
    observations = observed(heard(tape, rate))
    assert len(observations) >= 96
    told = [observation.rate for observation in observations if observation.rate is not None]
    assert told[-1] / NORMAL_RATE == pytest.approx(-0.96, rel=0.005)
    starts = {frame_start(frame_number(time, rate), rate): end for time, end in zip(tape.times, tape.ends, strict=True)}
    assert all(abs(o.host - starts[o.position or TrackNs(0)]) <= 2 * SAMPLES_OFF for o in observations)


def test_a_tape_that_turns_tells_each_direction_and_jumps() -> None:
    """F9"""
    forward = recorded(START, EBU, frames=50)
    back = recorded(forward.times[-1], EBU, frames=50, reverse=True)
    observations = observed(heard(forward + back + forward, EBU))
    told = [(round(o.rate / NORMAL_RATE), o.jump) for o in observations if o.rate is not None]
    assert told[0] == (-1, True)
    assert told[-1][0] == 1
    assert [o.jump for o in observations].count(True) == 2


@pytest.mark.parametrize("seed", range(5))
@RATES
def test_drop_outs_cost_frames_and_falsify_none(rate: FrameRate, seed: int) -> None:
    """F1"""
    tape = with_drop_outs(recorded(START, rate, frames=400), count=12, longest=0.2, seed=seed)
    observations = observed(heard(tape, rate))
    assert len(observations) > 250
    assert all(abs(off) <= SAMPLES_OFF for off in samples_off(observations, tape, rate))
    assert not any(observation.jump for observation in observations)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("deviation", [5, 15, 25])
def test_noise_costs_frames_and_falsifies_none(deviation: int, seed: int) -> None:
    """At 25 the noise is 10 dB below the timecode, and libltc alone gives dozens of times that never were."""
    clean = with_drop_outs(recorded(START, EBU, frames=400), count=8, longest=0.2, seed=seed)
    tape = with_noise(clean, deviation=deviation, seed=seed)
    observations = observed(heard(tape, EBU))
    assert len(observations) > 250
    assert all(abs(off) <= SAMPLES_OFF for off in samples_off(observations, tape, EBU))
    assert not any(observation.jump for observation in observations)


def test_noise_alone_says_nothing() -> None:
    noise = with_noise(silence(20), deviation=40, seed=7)
    assert observed(heard(noise, EBU)) == []


def test_two_frames_in_a_row_tell_a_jump_once() -> None:
    """F5"""
    before = recorded(START, EBU, frames=50)
    after = recorded(parse_timecode("02:00:00:00"), EBU, frames=50)
    observations = observed(heard(before + after, EBU))
    (jump,) = [index for index, observation in enumerate(observations) if observation.jump]
    assert observations[jump].position == frame_start(frame_number(after.times[1], EBU) + 1, EBU)


@pytest.mark.parametrize("frames", [2, -3, 12])
def test_a_loop_of_a_few_frames_is_a_jump(frames: int) -> None:
    """F5"""
    before = recorded(START, EBU, frames=50)
    again = timecode_of(frame_number(before.times[-1], EBU) + 1 + frames, EBU)
    observations = observed(heard(before + recorded(again, EBU, frames=50), EBU))
    assert [observation.jump for observation in observations].count(True) == 1


def test_as_many_frames_tell_a_jump_as_the_configuration_says() -> None:
    """F5"""
    settings = FollowLtc(audio=AudioInput(None), fps=EBU, following=Following(confirm=5))
    tape = recorded(START, EBU, frames=50) + recorded(parse_timecode("02:00:00:00"), EBU, frames=50)
    observations = observed(heard(tape, EBU, settings=settings))
    (jump,) = [observation for observation in observations if observation.jump]
    assert jump.position == frame_start(frame_number(parse_timecode("02:00:00:05"), EBU), EBU)


def test_a_tape_that_stood_is_somewhere_else_than_one_that_ran_on() -> None:
    before = recorded(START, EBU, frames=50)
    after = recorded(timecode_of(frame_number(before.times[-1], EBU) + 1, EBU), EBU, frames=50)
    observations = observed(heard(before + silence(3) + after, EBU))
    assert [observation.jump for observation in observations].count(True) == 1


def test_a_tape_that_ran_on_in_silence_has_not_jumped() -> None:
    tape = recorded(START, EBU, frames=300)
    muted = tape.samples[:96_000] + silence(3).samples + tape.samples[96_000 + 3 * RATE :]
    observations = observed(heard(Tape(muted, tape.times, tape.ends), EBU))
    assert not any(observation.jump for observation in observations)


def test_sound_that_was_lost_joins_no_two_frames() -> None:
    tape = recorded(START, EBU, frames=20)
    reader = LtcReader(at(EBU), RATE)
    with LtcDecoder(EBU, RATE) as decoder:
        frames = list(decoder.decode(tape.samples))
    assert reader.read(frames[0], HostNs(0)) == ()
    assert len(observed(list(reader.read(frames[1], HostNs(0))))) == 1
    reader.forget()
    assert reader.read(frames[2], HostNs(0)) == ()
    assert len(observed(list(reader.read(frames[3], HostNs(0))))) == 1


def test_user_bits_make_no_difference() -> None:
    plain = observed(heard(recorded(START, SMPTE, frames=50), SMPTE))
    tagged = observed(heard(recorded(START, SMPTE, frames=50, user_bits=0xDEADBEEF), SMPTE))
    assert [o.position for o in tagged] == [o.position for o in plain]


def test_drop_frame_where_fps_says_otherwise_is_named() -> None:
    assert reasons(heard(recorded(START, DROP_FRAME, frames=20), DROP_FRAME, settings=at(SMPTE))) == {
        DROP_FLAG.reason: 19
    }


def test_a_tape_of_another_rate_is_doubted() -> None:
    """24 frames where fps says 25: every second a number is missing."""
    readings = heard(recorded(START, FILM, frames=200), FILM, settings=at(EBU))
    assert reasons(readings)[ALONE.reason] >= 7
    assert {round(o.rate / NORMAL_RATE, 2) for o in observed(readings) if o.rate} == {0.96}


@given(st.binary(min_size=10, max_size=10), st.sampled_from([FILM, EBU, NON_DROP, SMPTE]))
def test_any_bits_are_a_time_that_exists_or_a_fixed_reason(bits: bytes, fps: FrameRate) -> None:
    """F7, K1"""
    time = time_of(LtcFrame(bits, 0), fps)
    assert time in {DROP_FLAG, NO_SUCH_TIME} if isinstance(time, Ignored) else time[0].exists(time[1])


def test_a_digit_that_is_none_is_no_time() -> None:
    """20 frames written as one ten and ten units."""
    assert time_of(LtcFrame(bytes([0x0A, 0x01, 0, 0, 0, 0, 0, 0, 0xFC, 0xBF]), 0), EBU) == NO_SUCH_TIME


@given(st.binary(max_size=20_000))
def test_any_sound_is_harmless(samples: bytes) -> None:
    """F7, K1"""
    for reading in heard(Tape(samples), EBU):
        assert reading in {DROP_FLAG, NO_SUCH_TIME, ALONE} if isinstance(reading, Ignored) else reading.position


FRAMES = st.builds(
    lambda time, end, reverse: LtcFrame(_bits(time), end, reverse),
    st.builds(Timecode, st.integers(0, 1), st.integers(0, 2), st.integers(0, 2), st.integers(0, 24)),
    st.integers(0, 10**6),
    st.booleans(),
)


def _bits(time: Timecode) -> bytes:
    fields = (time.frame, time.seconds, time.minutes, time.hours)
    return bytes(digit for value in fields for digit in (value % 10, value // 10)) + b"\xfc\xbf"


@given(st.lists(FRAMES, max_size=40))
def test_frames_in_any_order_at_any_distance_are_read_where_they_are_or_ignored(frames: list[LtcFrame]) -> None:
    """F3, F7"""
    reader = LtcReader(at(EBU), RATE)
    for frame in frames:
        (time, rate) = _time(frame)
        for reading in reader.read(frame, HostNs(frame.end)):
            if isinstance(reading, Observation):
                assert reading.position == frame_start(frame_number(time, rate) + (not frame.reverse), rate)
                assert reading.host == frame.end


def _time(frame: LtcFrame) -> tuple[Timecode, FrameRate]:
    time = time_of(frame, EBU)
    assert not isinstance(time, Ignored)
    return time
