"""The upper envelope: what it makes of readings that are late, and what it does not care about."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.envelope import Envelope, Hinge, Line, Reading
from beatsync.core.units import NS_PER_MS, NS_PER_SECOND, HostNs, ms
from bench.simulated_feeds import Uniform, drawn

ORIGIN = HostNs(10**12)
QUARTZ = 200e-6


def at(seconds: float) -> HostNs:
    return HostNs(ORIGIN + round(seconds * NS_PER_SECOND))


def envelope_of(readings: list[Reading], *, prior: float = QUARTZ, hinge: Hinge | None = None) -> Envelope:
    envelope = Envelope(readings[0], rate=1.0, prior=prior, hinge=hinge)
    for reading in readings:
        envelope.add(reading)
    return envelope


def truth(host: HostNs, rate: float = 1.0) -> float:
    return 10.0 * NS_PER_SECOND + (host - ORIGIN) * rate


def late(seconds: list[float], lags: list[float], rate: float = 1.0) -> list[Reading]:
    """Readings at these instants, each so many milliseconds behind the truth."""
    return [Reading(at(when), truth(at(when), rate) - lag * NS_PER_MS) for when, lag in zip(seconds, lags, strict=True)]


def error(line: Line, seconds: float, rate: float = 1.0) -> float:
    """In milliseconds."""
    return (line.at(at(seconds)) - truth(at(seconds), rate)) / NS_PER_MS


def uniform(seed: int, count: int, longest: float = 20.0, rate: float = 1.0) -> list[Reading]:
    return late([index / 10 for index in range(count)], drawn(Uniform(longest), seed, count), rate)


def test_readings_without_delay_are_the_line() -> None:
    line = envelope_of(late([0, 1, 2, 3], [0, 0, 0, 0])).line(ms(0.05))
    assert error(line, 3.0) == pytest.approx(0.0, abs=0.05)
    assert line.rate == pytest.approx(1.0, abs=1e-4)


def test_a_mean_would_be_ten_milliseconds_late_and_the_envelope_is_not() -> None:
    errors = [error(envelope_of(uniform(seed, 120)).line(ms(20)), 12.0) for seed in range(30)]
    assert abs(sum(errors) / len(errors)) < 0.3
    assert max(map(abs, errors)) < 2.5


def test_its_own_doubt_is_honest() -> None:
    lines = [envelope_of(uniform(seed, 120)).line(ms(20)) for seed in range(60)]
    within = [abs(error(line, 12.0)) * NS_PER_MS <= 3 * line.doubt(at(12.0)) for line in lines]
    assert sum(within) >= 57


def test_readings_that_are_very_late_change_nothing() -> None:
    readings = uniform(1, 100)
    much_later = [reading._replace(position=reading.position - 10**9) for reading in readings[30:35]]
    with_outliers = sorted([*readings, *much_later])
    plain, disturbed = envelope_of(readings), Envelope(readings[0], rate=1.0, prior=QUARTZ)
    for reading in with_outliers:
        disturbed.add(reading, counts=reading in readings)
    assert disturbed.line(ms(20)) == plain.line(ms(20))


def test_the_players_crystal_is_found_from_readings_alone() -> None:
    line = envelope_of(uniform(3, 200, longest=5.0, rate=1.000120)).line(ms(5))
    assert line.rate == pytest.approx(1.000120, abs=40e-6)


def test_a_pitch_is_found_where_any_rate_is_possible() -> None:
    line = envelope_of(uniform(4, 100, longest=5.0, rate=1.04), prior=0.03).line(ms(5))
    assert line.rate == pytest.approx(1.04, abs=3e-4)


def test_what_is_older_than_the_window_is_forgotten() -> None:
    envelope = envelope_of(late([0.0], [-500.0]))
    for reading in late([index / 10 for index in range(1, 260)], [1.0] * 259):
        envelope.add(reading)
    assert error(envelope.line(ms(1)), 26.0) == pytest.approx(-1.0, abs=0.1)


def test_a_line_begins_at_its_hinge() -> None:
    hinge = Hinge(at(0), truth(at(0)), float(ms(1)))
    line = envelope_of(late([0.1], [18.0]), hinge=hinge).line(ms(20))
    assert abs(error(line, 0.1)) < 1.1


def test_a_hinge_alone_is_a_line() -> None:
    hinge = Hinge(at(1), truth(at(1)), float(ms(2)))
    line = Envelope(Reading(at(1), truth(at(1))), rate=1.0, prior=QUARTZ, hinge=hinge).line(ms(20))
    assert error(line, 1.5) == pytest.approx(0.0, abs=0.2)
    assert line.doubt(at(1)) < ms(2)


@given(st.lists(st.tuples(st.integers(1, 500), st.integers(0, 10**8)), min_size=2, max_size=60))
def test_no_reading_lies_far_above_the_line(readings: list[tuple[int, int]]) -> None:
    now = 0
    taken = []
    for apart, lag in readings:
        now += apart
        taken.append(Reading(HostNs(ORIGIN + now * NS_PER_MS), truth(HostNs(ORIGIN + now * NS_PER_MS)) - lag))
    line = envelope_of(taken).line(ms(20))
    for reading in taken:
        assert reading.position <= line.at(reading.host) + 3 * line.doubt(reading.host) + 1


@given(st.integers(0, 10**6))
def test_the_same_readings_give_the_same_line(seed: int) -> None:
    readings = uniform(seed, 40)
    assert envelope_of(readings).line(ms(20)) == envelope_of(readings).line(ms(20))


def test_the_doubt_shrinks_with_every_reading() -> None:
    readings = uniform(5, 100)
    doubts = [envelope_of(readings[:count]).line(ms(20)).doubt(readings[count - 1].host) for count in (3, 10, 30, 100)]
    assert all(after < before for before, after in pairwise(doubts))


def test_a_hinge_alone_is_met_in_its_middle_however_little_readings_spread() -> None:
    hinge = Hinge(at(1), truth(at(1)), float(ms(12)))
    line = Envelope(Reading(at(1), truth(at(1))), rate=1.0, prior=QUARTZ, hinge=hinge).line(ms(0.05))
    assert error(line, 1.0) == pytest.approx(0.0, abs=0.5)


def test_a_curve_without_any_delay_does_not_make_the_hull_grow() -> None:
    bent = [
        Reading(reading.host, reading.position - index**2)
        for index, reading in enumerate(late([*range(400)], [0.0] * 400))
    ]
    envelope = Envelope(bent[0], rate=1.0, prior=QUARTZ, window=ms(10**6))
    for reading in bent:
        envelope.add(reading)
    assert len(envelope._hull) <= 24
    line = envelope.line(ms(0.05))
    for reading in bent:
        assert reading.position <= line.at(reading.host) + ms(0.2)
