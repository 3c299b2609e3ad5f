"""A receiver that cannot take many packets back to back gets them at its pace, in virtual time."""

from __future__ import annotations

from dataclasses import replace

import trio
from trio.testing import MockClock

from beatsync.clock import TrioClock
from beatsync.core.targets import Carrier, Pace, Target
from beatsync.core.units import ms
from beatsync.outputs.output import Failed, Queued, Sent, Settled
from beatsync.outputs.pacing import PacedOutput
from beatsync.outputs.recorder import Recorder

PACE = Pace(3, ms(10))
TARGET = Target(name="patch", carrier=Carrier.UDP, host="127.0.0.1", port=1, pace=PACE)


class Paced:
    """A paced recorder, and what it said of what had to wait."""

    def __init__(self, nursery: trio.Nursery, target: Target = TARGET) -> None:
        self.clock = TrioClock()
        self.recorder = Recorder(target)
        self.settled: list[Settled] = []
        self.output = PacedOutput(self.recorder, PACE, clock=self.clock, report=self.settled.append)
        self.start = self.clock.now()
        nursery.start_soon(self.output.run)

    def send(self, count: int) -> list[object]:
        return [self.output.send(b"%d" % n, n, self.clock.now()) for n in range(count)]

    @property
    def sent(self) -> list[tuple[int, bytes]]:
        return [(at - self.start, packet) for at, packet in self.recorder.packets]


async def test_what_is_beyond_the_pace_waits_for_its_turn_and_keeps_its_order(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    paced = Paced(nursery)
    answers = paced.send(8)
    assert [type(answer) for answer in answers] == [Sent] * 3 + [Queued] * 5
    assert paced.output.health().queued == 5
    await trio.sleep(1)
    assert [at for at, _ in paced.sent] == [0, 0, 0, ms(10), ms(10), ms(10), ms(20), ms(20)]
    assert [packet for _, packet in paced.sent] == [b"%d" % n for n in range(8)]
    assert [(settled.ticket, type(settled.result)) for settled in paced.settled] == [(n, Sent) for n in range(3, 8)]


async def test_within_the_pace_nothing_waits(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    paced = Paced(nursery)
    for _ in range(5):
        assert {type(answer) for answer in paced.send(3)} == {Sent}
        await trio.sleep(0.01)


async def test_what_would_leave_too_late_does_not_leave(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    paced = Paced(nursery, replace(TARGET, queue_age=ms(15)))
    paced.send(9)
    await trio.sleep(1)
    assert len(paced.sent) == 6
    assert [settled.ticket for settled in paced.settled if isinstance(settled.result, Failed)] == [6, 7, 8]
    assert paced.output.health().failed == 3


async def test_of_more_than_may_wait_the_oldest_go(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    paced = Paced(nursery, replace(TARGET, queue_count=2))
    paced.send(7)
    await trio.sleep(1)
    assert [packet for _, packet in paced.sent] == [b"0", b"1", b"2", b"5", b"6"]
    assert [settled.ticket for settled in paced.settled if isinstance(settled.result, Failed)] == [3, 4]
