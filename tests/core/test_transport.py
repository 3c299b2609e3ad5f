"""The line between host time and track time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.transport import NORMAL_RATE, Rate, Transport, rate_of
from beatsync.core.units import HostNs, TrackNs

INSTANTS = st.integers(-(10**14), 10**14)
RATES = st.integers(1, 4 * NORMAL_RATE).map(Rate)


@given(INSTANTS, INSTANTS, RATES, INSTANTS)
def test_a_position_is_reached_at_exactly_the_first_instant_that_has_it(
    host: int,
    track: int,
    rate: Rate,
    position: int,
) -> None:
    transport = Transport(HostNs(host), TrackNs(track), rate)
    reached = transport.host_at(TrackNs(position))
    assert transport.position_at(reached) >= position
    assert transport.position_at(HostNs(reached - 1)) < position


@given(INSTANTS, INSTANTS, RATES)
def test_the_line_goes_through_its_anchor(host: int, track: int, rate: Rate) -> None:
    transport = Transport(HostNs(host), TrackNs(track), rate)
    assert transport.position_at(HostNs(host)) == track
    assert transport.host_at(TrackNs(track)) == host


@given(INSTANTS, INSTANTS, INSTANTS)
def test_at_normal_rate_it_is_a_bijection(host: int, track: int, position: int) -> None:
    transport = Transport(HostNs(host), TrackNs(track))
    assert transport.position_at(transport.host_at(TrackNs(position))) == position


def test_a_player_at_half_speed_takes_twice_as_long() -> None:
    transport = Transport(HostNs(0), TrackNs(0), rate_of(0.5))
    assert transport.host_at(TrackNs(10**9)) == 2 * 10**9


def test_a_pause_and_reverse_play_do_not_move() -> None:
    assert not Transport(HostNs(0), TrackNs(0), Rate(0)).moving
    assert not Transport(HostNs(0), TrackNs(0), rate_of(-1)).moving
    assert Transport(HostNs(0), TrackNs(0)).moving
