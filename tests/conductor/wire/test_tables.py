"""Schedules in parts: the same at both ends, and never a wrong one."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatsync.conductor.wire.tables import PART_CUES, as_file, as_loaded, loaded_of, parts_in
from beatsync.core.schedule import Schedule
from tests.core.random_shows import RandomShow, shows
from tests.core.shows import schedule, song

LONG = schedule(song("Intro 100", "Drop 100"), "  - {on: beat, send: {address: /beat, args: [bar], end: {args: [0]}}}")


def told(one: Schedule) -> list[tuple[object, ...]]:
    return [(cue.rank, cue.packet, cue.why, cue.origin, cue.ending and cue.ending.packet) for cue in one.cues]


def test_a_long_schedule_travels_in_parts_and_arrives_as_it_was() -> None:
    packed = as_loaded(LONG)
    assert len(packed.parts) == -(-len(LONG) // PART_CUES) == 8
    arrived = loaded_of(packed.digest, packed.parts)
    assert told(arrived.numbering.schedule) == told(LONG)
    assert [cue.packet for cue in arrived.numbering.cues] == [cue.packet for cue in packed.numbering.cues]


def test_a_schedule_without_cues_arrives_too() -> None:
    nothing = Schedule(MappingProxyType({}))
    packed = as_loaded(nothing)
    assert told(loaded_of(packed.digest, packed.parts).numbering.schedule) == told(nothing) == []


@given(shows(), st.integers(1, 4))
def test_wherever_it_is_cut_a_schedule_arrives_as_it_was(show: RandomShow, part_cues: int) -> None:
    packed = as_loaded(show.schedule(), part_cues=part_cues)
    arrived = loaded_of(packed.digest, packed.parts)
    assert told(arrived.numbering.schedule) == told(packed.numbering.schedule)
    assert list(parts_in(b"".join(as_file(packed.parts)))) == list(packed.parts)


@pytest.mark.parametrize("change", ["lost", "doubled", "swapped"])
def test_a_schedule_with_a_part_lost_doubled_or_swapped_is_none(change: str) -> None:
    packed = as_loaded(LONG)
    parts = list(packed.parts)
    parts = {"lost": parts[:-1], "doubled": [parts[0], *parts], "swapped": parts[::-1]}[change]
    with pytest.raises((ValueError, LookupError)):
        loaded_of(packed.digest, parts)


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x92\x90\x90", b"\x93\x01\x02\x03", b"\x92\x90\x91\x01"])
def test_what_is_no_part_of_a_schedule_is_refused(data: bytes) -> None:
    with pytest.raises((ValueError, LookupError)):
        loaded_of("0" * 32, [data])


def test_a_file_that_is_cut_off_is_no_schedule() -> None:
    data = b"".join(as_file(as_loaded(LONG).parts))
    with pytest.raises(ValueError, match="cut off"):
        list(parts_in(data[:-1]))
