"""The line that is given out: it does not wobble."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.envelope import Line
from beatsync.core.slewing import FASTEST, STEP, Slewing
from beatsync.core.transport import NORMAL_RATE, Transport
from beatsync.core.units import NO_TIME, DurationNs, HostNs, TrackNs, ms

NOW = HostNs(10**12)


def line(position: float, rate: float = 1.0, doubt: float = 0.0) -> Line:
    return Line(NOW, position, rate, doubt**2, 0.0, 0.0)


def given_out() -> Slewing:
    return Slewing(Transport(NOW, TrackNs(10**10)))


def test_a_small_difference_is_run_off_and_ends_on_the_line() -> None:
    slewing, goal = given_out(), line(10**10 + ms(8))
    assert slewing.aim(goal, NOW) == NO_TIME
    assert slewing.until is not None
    end = slewing.until
    assert slewing.advance(end)
    assert abs(slewing.transport.position_at(end) - goal.at(end)) < 10
    assert slewing.transport.rate == NORMAL_RATE
    assert slewing.until is None


def test_a_large_difference_is_a_step_and_says_how_large() -> None:
    slewing = given_out()
    assert slewing.aim(line(10**10 - ms(25)), NOW) == -ms(25)
    assert slewing.transport == Transport(NOW, TrackNs(10**10 - ms(25)))
    assert slewing.until is None


def test_a_difference_within_the_doubt_changes_nothing() -> None:
    assert given_out().aim(line(10**10 + ms(0.2), doubt=float(ms(1))), NOW) is None


def test_a_slew_that_leads_to_the_line_is_left_alone() -> None:
    slewing, goal = given_out(), line(10**10 + ms(8))
    slewing.aim(goal, NOW)
    before = slewing.transport
    assert slewing.aim(goal, HostNs(NOW + ms(100))) is None
    assert slewing.transport is before


def test_time_that_has_not_come_ends_nothing() -> None:
    slewing = given_out()
    slewing.aim(line(10**10 + ms(8)), NOW)
    assert not slewing.advance(HostNs(NOW + 1))


def test_a_shift_leaves_a_slew_as_it_is() -> None:
    slewing, goal = given_out(), line(10**10 + ms(8))
    slewing.aim(goal, NOW)
    end = slewing.until
    slewing.shift(HostNs(NOW + ms(50)), DurationNs(-ms(500)))
    assert slewing.until == end
    assert end is not None
    slewing.advance(end)
    assert abs(slewing.transport.position_at(end) - (goal.at(end) - ms(500))) < 10


@given(st.lists(st.tuples(st.floats(-1.5e7, 1.5e7), st.integers(1, 300)), min_size=1, max_size=20))
def test_it_never_goes_backwards_and_never_faster_than_it_may(differences: list[tuple[float, int]]) -> None:
    slewing, now = given_out(), NOW
    for difference, passed in differences:
        before = slewing.transport.position_at(now)
        step = slewing.aim(line(10**10 + (now - NOW) + difference), now)
        assert abs(slewing.transport.rate / NORMAL_RATE - 1.0) <= FASTEST + 1e-9
        if step == NO_TIME or step is None:
            assert slewing.transport.position_at(now) == before
        else:
            assert abs(step) >= STEP
        now = HostNs(now + ms(passed))
        if slewing.until is not None and slewing.until <= now:
            before = slewing.transport.position_at(slewing.until)
            end = slewing.until
            slewing.advance(now)
            assert slewing.transport.position_at(end) == before
