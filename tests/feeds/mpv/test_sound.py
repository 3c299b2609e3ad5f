"""What is heard of an mpv with a buffer, while it states something else: changes of speed, loops, pauses.

The mpv here is a model of the real one: what it writes is heard a buffer later, and what it states is what it has
written, less the buffer's length at the present speed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.transport import rate_of
from beatsync.core.units import HostNs, TrackNs, ms
from beatsync.feeds.mpv.sound import Loop, Sound

SPEEDS = st.sampled_from([0.5, 0.9, 0.96, 1.04, 1.1, 1.5, 2.0])
STEP_MS = 1
POLL_MS = 53


@dataclass
class BufferedMpv:
    """Plays from 10 s on. `written`: what has been written, and at what speed, for every millisecond played."""

    buffer: int
    loop: tuple[float, float] | None = None
    speed: float = 1.0
    now: int = 0
    written: list[tuple[float, float]] = field(default_factory=list)
    sound: Sound = field(default_factory=Sound)

    def __post_init__(self) -> None:
        """The buffer is full."""
        self.written = [(10 + n * 0.001, 1.0) for n in range(self.buffer + 1)]
        if self.loop is not None:
            self.sound.loop = Loop(TrackNs(ms(self.loop[0] * 1e3)), TrackNs(ms(self.loop[1] * 1e3)))

    def play(self) -> None:
        """A millisecond."""
        self.now += STEP_MS
        position = self.written[-1][0] + self.speed * 0.001
        if self.loop is not None and self.written[-1][0] < self.loop[1] <= position:
            position -= self.loop[1] - self.loop[0]
            self.sound.jump()
        self.written.append((position, self.speed))

    def set_speed(self, speed: float) -> None:
        """Write at another speed from now on."""
        self.speed = speed
        self.sound.change_speed(rate_of(speed), self.host)

    @property
    def host(self) -> HostNs:
        """The instant."""
        return HostNs(ms(self.now))

    @property
    def stated(self) -> TrackNs:
        """What it says."""
        return TrackNs(ms((self.written[-1][0] - self.speed * self.buffer * 0.001) * 1e3))

    @property
    def heard(self) -> tuple[float, float]:
        """What is true: the position in seconds, and the speed."""
        return self.written[-1 - self.buffer]


def followed(mpv: BufferedMpv, milliseconds: int) -> list[tuple[int, bool]]:
    """Play so long; of each position that is believed: how many microseconds it is off, and whether it is a jump."""
    believed = []
    for _ in range(milliseconds):
        mpv.play()
        if mpv.now % POLL_MS == 0:
            heard = mpv.sound.hear(mpv.stated, mpv.host)
            if heard is not None:
                believed.append((round(heard.position / 1e3 - mpv.heard[0] * 1e6), heard.jumped))
    return believed


def worst(believed: list[tuple[int, bool]]) -> int:
    """In microseconds."""
    return max(abs(error) for error, _ in believed)


@given(st.integers(20, 400), st.lists(st.tuples(SPEEDS, st.integers(500, 1500)), max_size=6))
def test_changes_of_speed_neither_leap_nor_jump(buffer: int, changes: list[tuple[float, int]]) -> None:
    mpv = BufferedMpv(buffer)
    assert worst(followed(mpv, 500)) <= 1
    for speed, lasts in changes:
        mpv.set_speed(speed)
        believed = followed(mpv, lasts)
        assert worst(believed) <= 3_100
        assert not any(jumped for _, jumped in believed)
        assert mpv.sound.rate == rate_of(mpv.heard[1])


def test_the_new_speed_is_told_when_it_is_heard() -> None:
    mpv = BufferedMpv(400)
    followed(mpv, 500)
    mpv.set_speed(1.5)
    followed(mpv, 350)
    assert mpv.sound.rate == rate_of(1.0)
    followed(mpv, 120)
    assert mpv.sound.rate == rate_of(1.5)


def test_a_change_of_speed_in_a_pause_is_heard_a_buffer_after_it() -> None:
    mpv = BufferedMpv(400)
    followed(mpv, 500)
    mpv.sound.pause(mpv.host)
    mpv.set_speed(1.5)
    mpv.now += 60_000
    stands = mpv.sound.while_paused(mpv.stated, mpv.host)
    assert stands is not None
    assert stands / 1e9 == pytest.approx(mpv.heard[0], abs=0.001)
    mpv.sound.resume(mpv.host)
    believed = followed(mpv, 1_000)
    assert worst(believed) <= 3_100
    assert not any(jumped for _, jumped in believed)


def test_a_position_that_never_comes_back_to_the_old_line_is_a_jump() -> None:
    mpv = BufferedMpv(400)
    followed(mpv, 500)
    mpv.set_speed(1.1)
    mpv.written.append((mpv.written[-1][0] - 5, 1.1))
    believed = [jumped for _, jumped in followed(mpv, 3_000)]
    assert believed[0]
    assert not any(believed[1:])


@given(
    st.integers(20, 400),
    st.integers(60, 2_000).map(lambda length: length / 1_000),
    st.integers(500, 1_500).map(lambda start: 10 + start / 1_000),
)
def test_a_loop_is_heard_from_its_start_to_its_end_and_round_again(buffer: int, length: float, start: float) -> None:
    mpv = BufferedMpv(buffer, loop=(start, start + length))
    believed = followed(mpv, 9_000)
    off = [error % round(length * 1e6) for error, _ in believed]
    assert max(min(error, round(length * 1e6) - error) for error in off) <= 3_100


def test_a_loop_jumps_where_it_is_heard_to_go_round_and_nowhere_else() -> None:
    mpv = BufferedMpv(400, loop=(11.0, 11.5))
    jumps = [jumped for _, jumped in followed(mpv, 1_000 + 500 * 20 + 250)]
    assert sum(jumps) == 20


def test_a_seek_into_a_loop_is_a_seek() -> None:
    mpv = BufferedMpv(400, loop=(11.0, 12.0))
    followed(mpv, 500)
    mpv.sound.jump()
    mpv.written = [(11.2 + n * 0.001, 1.0) for n in range(mpv.buffer + 1)]
    believed = followed(mpv, 60)
    assert [jumped for _, jumped in believed] == [True]
    assert worst(believed) <= 1
