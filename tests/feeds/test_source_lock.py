"""One sender at a time."""

from __future__ import annotations

from beatsync.core.units import HostNs, ms
from beatsync.feeds.source_lock import SourceLock


def test_the_first_sender_holds_the_feed_until_it_has_been_silent_for_two_seconds() -> None:
    """F11"""
    lock = SourceLock()
    assert lock.admits("a", HostNs(0))
    assert not lock.admits("b", HostNs(ms(10)))
    assert lock.admits("a", HostNs(ms(1500)))
    assert not lock.admits("b", HostNs(ms(3500)))
    assert lock.conflicts == 2
    assert lock.admits("b", HostNs(ms(3501)))
    assert not lock.admits("a", HostNs(ms(3502)))
    assert lock.holder == "b"


def test_a_sender_that_is_refused_does_not_prolong_anything() -> None:
    """F11"""
    lock = SourceLock()
    lock.admits("a", HostNs(0))
    for instant in range(100, 2001, 100):
        assert not lock.admits("b", HostNs(ms(instant)))
    assert lock.admits("b", HostNs(ms(2001)))


def test_a_stamp_that_lies_in_the_past_does_not_free_the_feed_earlier() -> None:
    lock = SourceLock()
    lock.admits("a", HostNs(ms(5000)))
    lock.admits("a", HostNs(ms(4000)))
    assert not lock.admits("b", HostNs(ms(6500)))
