"""The queue for a slow stream."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from beatsync.core.units import HostNs, ms
from beatsync.outputs.waiting import Frame, Waiting


def frame(ticket: int, since: int = 0, written: int = 0) -> Frame:
    return Frame(ticket, b"packet", HostNs(since), written)


def test_the_oldest_packet_that_is_not_begun_goes_when_there_are_too_many() -> None:
    waiting = Waiting(count=2, age=ms(100))
    assert waiting.add(frame(1, written=3)) is None
    assert waiting.add(frame(2)) is None
    dropped = waiting.add(frame(3))
    assert dropped is not None
    assert dropped.ticket == 2
    assert "more than 2 packets wait" in dropped.reason


def test_a_packet_that_is_too_old_is_given_up_and_a_begun_one_never_is() -> None:
    waiting = Waiting(count=9, age=ms(100))
    waiting.add(frame(1, since=0, written=1))
    waiting.add(frame(2, since=0))
    waiting.add(frame(3, since=ms(50)))
    assert waiting.next_expiry == HostNs(ms(100))
    assert [dropped.ticket for dropped in waiting.expire(HostNs(ms(100)))] == [2]
    assert waiting.next_expiry == HostNs(ms(150))
    assert waiting.first is not None
    assert waiting.first.ticket == 1


@given(st.lists(st.integers(0, 300), max_size=30), st.integers(1, 5))
def test_every_packet_leaves_the_queue_exactly_once(ages: list[int], count: int) -> None:
    waiting, gone = Waiting(count=count, age=ms(100)), []
    for ticket, age in enumerate(sorted(ages)):
        victim = waiting.add(frame(ticket, since=ms(age)))
        gone += [victim.ticket] if victim else []
        gone += [dropped.ticket for dropped in waiting.expire(HostNs(ms(age)))]
        assert len(waiting) <= count
    gone += [dropped.ticket for dropped in waiting.give_up("over")]
    assert sorted(gone) == list(range(len(ages)))
