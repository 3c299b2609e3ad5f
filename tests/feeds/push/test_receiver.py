"""Pushed positions become observations."""

from __future__ import annotations

import pytest

from beatsync.core.allowance import Allowance
from beatsync.core.observation import Observation
from beatsync.core.sender_clock import SenderNs
from beatsync.core.units import HostNs, TrackNs, ms
from beatsync.feeds.push.positions import Pushed
from beatsync.feeds.push.receiver import Receiver, Taken
from beatsync.feeds.push.refusals import Unpushed
from beatsync.web.refusals import Refusal
from tests.feeds.listening import Heard


class Sender:
    """Pushes to a receiver of its own."""

    def __init__(self) -> None:
        self.heard = Heard()
        self.receiver = Receiver(self.heard, name="push port 8090")

    def push(
        self, position: float, *, at: float, sent: float | None = None, client: str = "10.0.0.1", sender: str = ""
    ) -> Taken:
        """All in ms."""
        pushed = Pushed(
            position=TrackNs(ms(position)), sent=None if sent is None else SenderNs(ms(sent)), sender=sender
        )
        return self.receiver.take([pushed], client=client, received=HostNs(ms(at)))


def test_without_the_sender_s_clock_a_position_is_of_the_instant_of_its_arrival() -> None:
    sender = Sender()
    assert sender.push(500, at=1000) == Taken(1, ())
    assert sender.heard.observations == [Observation(host=HostNs(ms(1000)), position=TrackNs(ms(500)))]
    assert sender.heard.sources == ["push port 8090, from 10.0.0.1"]


def test_with_it_the_latency_is_taken_off() -> None:
    """F10: a sender ten minutes ahead, 0 to 40 ms on the way."""
    sender = Sender()
    for step in range(50):
        now = 100 * step
        sender.push(now, at=now + (step * 7) % 40, sent=600_000 + now)
    late = [one.host - one.position for one in sender.heard.observations if one.position is not None]
    assert max(late[10:]) < ms(2)
    assert all(one.slack < ms(10) for one in sender.heard.observations[10:])


def test_of_a_batch_each_position_has_the_instant_at_which_it_was_sent() -> None:
    sender = Sender()
    sender.push(0, at=5, sent=0)
    batch = [Pushed(position=TrackNs(ms(t)), sent=SenderNs(ms(t))) for t in (100, 200, 300)]
    sender.receiver.take(batch, client="10.0.0.1", received=HostNs(ms(305)))
    hosts = [one.host for one in sender.heard.observations[1:]]
    assert [round((host - ms(5)) / ms(1)) for host in hosts] == [100, 200, 300]


def test_what_is_not_newer_is_ignored_and_said() -> None:
    """F3: doubled and reordered on the way."""
    sender = Sender()
    sender.push(100, at=105, sent=100)
    assert sender.push(100, at=106, sent=100) == Taken(0, (Unpushed.OLDER,))
    sender.push(300, at=305, sent=300)
    assert sender.push(200, at=306, sent=200) == Taken(0, (Unpushed.OLDER,))
    assert sender.heard.ignored == {Unpushed.OLDER: 2}


def test_a_jump_that_was_overtaken_on_the_way_is_told_with_the_next_position() -> None:
    """F3: two requests of a browser, over two connections."""
    sender = Sender()
    for position, sent, jump in ((90_100, 200, False), (90_000, 100, True), (90_300, 400, False), (90_400, 500, False)):
        pushed = Pushed(position=TrackNs(ms(position)), sent=SenderNs(ms(sent)), jump=jump)
        sender.receiver.take([pushed], client="10.0.0.1", received=HostNs(ms(sent + 5)))
    assert [one.jump for one in sender.heard.observations] == [False, True, False]


def test_a_clock_that_goes_back_further_than_messages_live_has_been_set() -> None:
    """F10: refused as stale until it is understood, two seconds later."""
    sender = Sender()
    for step in range(50):
        sender.push(100 * step, at=100 * step + 5, sent=10_000_000 + 100 * step)
    taken = [sender.push(100 * step, at=100 * step + 5, sent=100 * step) for step in range(50, 90)]
    assert taken[0] == Taken(0, (Unpushed.STALE,))
    assert taken[-10:] == [Taken(1, ())] * 10
    last = sender.heard.observations[-1]
    assert last.position is not None
    assert abs(last.host - last.position - ms(5)) < ms(1)


def test_of_two_senders_the_first_is_followed() -> None:
    """F11"""
    sender = Sender()
    sender.push(0, at=0)
    with pytest.raises(Refusal) as caught:
        sender.push(5000, at=10, client="10.0.0.2")
    assert (caught.value.reason, caught.value.status) == (Unpushed.SECOND_SENDER, 409)
    with pytest.raises(Refusal):
        sender.push(5000, at=20, sender="tab 2")
    assert sender.push(5000, at=2500, client="10.0.0.2") == Taken(1, ())
    assert sender.heard.sources[-1] == "push port 8090, from 10.0.0.2"


def test_another_sender_s_clock_is_another_clock() -> None:
    """F10, F11"""
    sender = Sender()
    sender.push(0, at=5, sent=1_000_000)
    sender.push(0, at=3000, sent=7, client="10.0.0.2")
    assert sender.heard.observations[-1].host == HostNs(3_000_000_000)


def test_a_flood_is_refused_and_what_is_left_is_bounded() -> None:
    """F12"""
    sender = Sender()
    taken = 0
    for step in range(2000):
        try:
            taken += sender.push(step, at=step).accepted
        except Refusal as refusal:
            assert refusal.status == 429  # noqa: PT017
    assert 450 < taken <= 500


def test_an_allowance_fills_with_time_and_never_overflows() -> None:
    allowance = Allowance(per_second=10, at_once=5)
    assert [allowance.take(1, HostNs(0)) for _ in range(6)] == [True] * 5 + [False]
    assert allowance.take(1, HostNs(ms(100)))
    assert not allowance.take(1, HostNs(ms(150)))
    assert allowance.take(5, HostNs(ms(60_000)))
    assert not allowance.take(6, HostNs(ms(120_000)))
